"""What every import shares: options on hosts, where the cluster goes, and how notes are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from spareplace.cli.arguments import FILE, json_option
from spareplace.cli.printing import one_line, say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT
from spareplace.cli.standard_error import StandardError
from spareplace.cli.values import read_size
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.fields import Amount
from spareplace.files import cluster_text, save_cluster
from spareplace.files.number_kinds import AMOUNTS
from spareplace.importers.hosts import Host, read_hosts
from spareplace.importers.imported import Imported, told
from spareplace.importers.sources import Source, read_source, read_sources
from spareplace.units import format_bytes

Made = TypeVar("Made", bound=Callable[..., object])

_NOBODY = "every host"
"""The name of the host that stands for the options on all of them; no server gets it."""


def _read_pairs(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        if not (name and equals and rest):
            raise click.BadParameter(f"found {text!r}, expected NAME=VALUE")
        if name in pairs:
            raise click.BadParameter(f"found {name!r} again, expected each name once")
        pairs[name] = rest
    return pairs


def _read_hosts_of_paths(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    """Read NAME=PATH as a mapping from paths to names: a host may have several paths."""
    paths = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise click.BadParameter(f"found {text!r}, expected NAME=PATH")
        paths[path] = name
    return paths


paths_argument = click.argument("paths", nargs=-1, type=FILE, metavar="[PATH]...")

named_option = click.option(
    "--host",
    "named",
    multiple=True,
    callback=_read_hosts_of_paths,
    metavar="NAME=PATH",
    help="Read a file or folder from this host. May be given again.",
)

_HOST_OPTIONS = (
    click.option(
        "--hosts",
        "hosts_file",
        type=FILE,
        metavar="FILE",
        help="What hosts have: spareplace/hosts/1, or CSV with a column name.",
    ),
    click.option(
        "--disk",
        callback=read_size,
        metavar="SIZE",
        help="The disk of each host of which nothing tells it.",
    ),
    click.option(
        "--capacity",
        multiple=True,
        callback=_read_pairs,
        metavar="RESOURCE=AMOUNT",
        help="What each host has of a resource, if nothing tells it.",
    ),
)

_RESULT_OPTIONS = (
    click.option(
        "-o", "--output", type=FILE, metavar="CLUSTER", help="Write the cluster to this file."
    ),
    json_option,
)


def host_options(command: Made) -> Made:
    """Add the options on what hosts have: ``hosts_file``, ``disk`` and ``capacity``."""
    for option in reversed(_HOST_OPTIONS):
        command = option(command)
    return command


def result_options(command: Made) -> Made:
    """Add the options on where the cluster goes: ``output`` and ``as_json``."""
    for option in reversed(_RESULT_OPTIONS):
        command = option(command)
    return command


def listed_hosts(path: str | None) -> tuple[Host, ...]:
    """Read the hosts file, if there is one.

    Raises
    ------
    InvalidInput
        If anything is wrong with it.
    """
    return () if path is None else read_hosts(read_source(path))


def every_host(disk: int | None, capacity: Mapping[str, str]) -> Host:
    """Make what the options say of hosts of which nothing else tells it.

    Raises
    ------
    click.BadParameter
        If a capacity is no amount.
    """
    amounts: dict[str, Amount] = {}
    for resource, text in capacity.items():
        plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 40
        try:
            read = AMOUNTS.read({resource: text + "B" if plain else text})
        except InvalidInput:
            found = f"found {text!r}, expected a number, with a unit or without"
            raise click.BadParameter(found, param_hint="--capacity") from None
        assert isinstance(read, dict)
        amounts |= read
    return Host(name=_NOBODY, disk=disk, capacity=amounts)


def sources_of(
    paths: tuple[str, ...],
    named: Mapping[str, str],
    hosts_file: str | None,
    hosts: tuple[Host, ...],
) -> tuple[Source, ...]:
    """Read all that the command line and the hosts file name.

    Raises
    ------
    InvalidInput
        If a file cannot be read, or nothing says which host it is from.
    click.UsageError
        If nothing is named.
    """
    folder = Path(hosts_file or "").parent
    listed = {str(folder / path): host.name for host in hosts for path in host.sources}
    if not (paths or named or listed):
        raise click.UsageError("name a file or a folder to read")
    return read_sources(paths, listed | dict(named))


def finish(err: StandardError, imported: Imported, output: str | None, as_json: bool) -> None:
    """Tell the notes, write the cluster where the options say, and sum it up.

    Parameters
    ----------
    err
        Where notes go.
    imported
        What was made.
    output, as_json
        From `result_options`.

    Raises
    ------
    click.BadParameter
        If the file cannot be written.
    """
    for line in told(imported.notes):
        err.message(f"note: {one_line(line)}")
    if output is not None:
        with writing(output):
            save_cluster(imported.cluster, output)
    if as_json:
        say(cluster_text(imported.cluster).rstrip("\n").encode())
    else:
        say(_counts(imported.cluster))


def refuse_nowhere(output: str | None, as_json: bool, *inputs: str) -> None:
    """End before the work begins if its result would go nowhere, or over one of its inputs.

    Raises
    ------
    click.UsageError
        If so.
    """
    if output == STANDARD_INPUT:
        raise click.BadParameter("for standard output, use --json", param_hint="-o")
    if output is None and not as_json:
        raise click.UsageError("give -o CLUSTER or --json, or the cluster goes nowhere")
    refuse_unwritable(output, *inputs)


def _counts(cluster: Cluster) -> str:
    size = format_bytes(sum(diff.size for diff in cluster.diffs))
    resident = sum(len(server.resident) for server in cluster.servers)
    return (
        f"{len(cluster.servers)} servers, {len(cluster.vms)} VMs, "
        f"{len(cluster.diffs)} diffs of {size}, {resident} of them resident somewhere"
    )
