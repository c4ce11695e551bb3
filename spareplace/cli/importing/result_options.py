"""What every import shares: where its results go, and how notes are told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps

import click

from spareplace.cli.arguments import FILE, json_option
from spareplace.cli.printing import one_line, say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT
from spareplace.cli.standard_error import StandardError
from spareplace.cluster import Cluster
from spareplace.disks import disks_text
from spareplace.files import cluster_text, save_cluster
from spareplace.files.storage import write_whole
from spareplace.importers.imported import Imported, Note, told
from spareplace.importers.sources import Source
from spareplace.units import format_bytes

DISKS_OUTPUT = "--disks-output"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultOptions:
    """Where the cluster goes, and what each disk of its VMs is.

    Parameters
    ----------
    output
        The file to write the cluster to, or ``None``.
    as_json
        Whether to print it.
    disks
        The file to write the disks of VMs that have several to, or ``None``.
    """

    output: str | None
    as_json: bool
    disks: str | None = None

    def refuse_nowhere(self, *inputs: str | None) -> None:
        """End before the work begins if its result would go nowhere, or over one of its inputs.

        Raises
        ------
        click.UsageError
            If so.
        """
        if self.output == STANDARD_INPUT:
            raise click.BadParameter("for standard output, use --json", param_hint="-o")
        if self.output is None and not self.as_json:
            raise click.UsageError("give -o CLUSTER or --json, or the cluster goes nowhere")
        if self.disks == STANDARD_INPUT:
            raise click.BadParameter("they need a file", param_hint=DISKS_OUTPUT)
        if None not in (self.output, self.disks) and _real(self.output) == _real(self.disks):
            raise click.UsageError(f"-o and {DISKS_OUTPUT} name the same file")
        self._refuse_unwritable(path for path in inputs if path is not None)

    def refuse_over(self, sources: Iterable[Source]) -> None:
        """End if the result would go over something that was read.

        Raises
        ------
        click.BadParameter
            If so.
        """
        self._refuse_unwritable(source.path for source in sources)

    def _refuse_unwritable(self, inputs: Iterable[str]) -> None:
        read = list(inputs)
        refuse_unwritable(self.output, *read)
        with _about_disks():
            refuse_unwritable(self.disks, *read)

    def finish(self, err: StandardError, imported: Imported) -> None:
        """Tell the notes, write the results where the options say, and sum the cluster up.

        Parameters
        ----------
        err
            Where notes go.
        imported
            What was made.

        Raises
        ------
        click.BadParameter
            If a file cannot be written.
        """
        for line in told(imported.notes + _unwritten(imported, self.disks)):
            err.message(f"note: {one_line(line)}")
        if self.disks is not None:
            with _about_disks(), writing(self.disks):
                write_whole(self.disks, disks_text(imported.disks))
        if self.output is not None:
            with writing(self.output):
                save_cluster(imported.cluster, self.output)
        if self.as_json:
            say(cluster_text(imported.cluster).rstrip("\n").encode())
        else:
            say(_counts(imported.cluster))


def result_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options on where the cluster goes, as the argument ``result``."""

    @click.option(
        "-o", "--output", type=FILE, metavar="CLUSTER", help="Write the cluster to this file."
    )
    @json_option
    @wraps(command)
    def gathered(
        *given: object,
        output: str | None,
        as_json: bool,
        disks_output: str | None = None,
        **others: object,
    ) -> None:
        result = ResultOptions(output=output, as_json=as_json, disks=disks_output)
        command(*given, result=result, **others)

    return gathered


disks_output_option = click.option(
    DISKS_OUTPUT,
    type=FILE,
    metavar="DISKS",
    help="Write the disks of VMs that have several, for runbook --disks.",
)
"""For the imports that see disks; it goes above `result_options`."""


@contextmanager
def _about_disks() -> Iterator[None]:
    try:
        yield
    except click.BadParameter as bad:
        bad.param_hint = DISKS_OUTPUT
        raise


def _real(path: str | None) -> str:
    return os.path.realpath(path or "")


def _unwritten(imported: Imported, disks: str | None) -> tuple[Note, ...]:
    """Note the VMs whose disks are told nowhere."""
    if disks is not None:
        return ()
    assumed = "which diffs make up which of its disks is not written"
    give = f"give {DISKS_OUTPUT} DISKS: runbook needs it to rebuild all disks of a VM"
    return tuple(Note(about=f"vm {it.vm!r}", assumed=assumed, give=give) for it in imported.disks)


def _counts(cluster: Cluster) -> str:
    size = format_bytes(sum(diff.size for diff in cluster.diffs))
    resident = sum(len(server.resident) for server in cluster.servers)
    return (
        f"{len(cluster.servers)} servers, {len(cluster.vms)} VMs, "
        f"{len(cluster.diffs)} diffs of {size}, {resident} of them resident somewhere"
    )
