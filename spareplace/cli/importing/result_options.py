"""What every import shares: where the cluster goes, and how notes are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

import click

from spareplace.cli.arguments import FILE, json_option
from spareplace.cli.printing import one_line, say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT
from spareplace.cli.standard_error import StandardError
from spareplace.cluster import Cluster
from spareplace.files import cluster_text, save_cluster
from spareplace.importers.imported import Imported, told
from spareplace.importers.sources import Source
from spareplace.units import format_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultOptions:
    """Where the cluster goes.

    Parameters
    ----------
    output
        The file to write it to, or ``None``.
    as_json
        Whether to print it.
    """

    output: str | None
    as_json: bool

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
        refuse_unwritable(self.output, *(path for path in inputs if path is not None))

    def refuse_over(self, sources: Iterable[Source]) -> None:
        """End if the result would go over something that was read.

        Raises
        ------
        click.BadParameter
            If so.
        """
        refuse_unwritable(self.output, *(source.path for source in sources))

    def finish(self, err: StandardError, imported: Imported) -> None:
        """Tell the notes, write the cluster where the options say, and sum it up.

        Parameters
        ----------
        err
            Where notes go.
        imported
            What was made.

        Raises
        ------
        click.BadParameter
            If the file cannot be written.
        """
        for line in told(imported.notes):
            err.message(f"note: {one_line(line)}")
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
    def gathered(*given: object, output: str | None, as_json: bool, **others: object) -> None:
        command(*given, result=ResultOptions(output=output, as_json=as_json), **others)

    return gathered


def _counts(cluster: Cluster) -> str:
    size = format_bytes(sum(diff.size for diff in cluster.diffs))
    resident = sum(len(server.resident) for server in cluster.servers)
    return (
        f"{len(cluster.servers)} servers, {len(cluster.vms)} VMs, "
        f"{len(cluster.diffs)} diffs of {size}, {resident} of them resident somewhere"
    )
