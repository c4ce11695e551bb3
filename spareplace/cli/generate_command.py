"""``spareplace generate``: a cluster from a seed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypedDict, TypeVar, Unpack

import click

from spareplace.cli.arguments import FILE, wrong_usage
from spareplace.cli.described import Described
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import cluster_text, save_cluster
from spareplace.generate import generate_cluster
from spareplace.units import format_bytes

Made = TypeVar("Made", bound=Callable[..., object])

KNOBS: dict[str, tuple[type[int] | type[float], str]] = {
    "servers": (int, "How many servers."),
    "vms_per_server": (int, "How many VMs on each."),
    "seed": (int, "What sizes, demands and chains are drawn from."),
    "depth": (int, "Diffs in a chain."),
    "fanout": (int, "Diffs that build on a diff."),
    "sharing": (float, "The share of VMs whose masters serve all servers."),
    "disk_slack": (float, "Disk for each byte that is needed at least."),
    "load": (float, "The share of every resource that is in use."),
    "zones": (int, "Into how many zones the servers are divided."),
    "groups": (float, "The share of VMs that must be apart from one other."),
    "residents": (float, "The share of masters that servers hold anyway."),
}
"""What `generate_cluster` can be asked for: the kind of number, and the help."""


class _Knobs(TypedDict):
    servers: int
    vms_per_server: int
    seed: int
    depth: int
    fanout: int
    sharing: float
    disk_slack: float
    load: float
    zones: int
    groups: float
    residents: float


def _with_knobs(command: Made) -> Made:
    parameters = inspect.signature(generate_cluster).parameters
    for name, (kind, text) in reversed(KNOBS.items()):
        option = click.option(
            "--" + name.replace("_", "-"),
            type=kind,
            default=parameters[name].default,
            show_default=True,
            metavar="N" if kind is int else "X",
            help=text,
        )
        command = option(command)
    return command


@click.command("generate", cls=Described)
@_with_knobs
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="CLUSTER",
    help="Write the cluster to this file; without it, to standard output.",
)
def command(output: str | None, **knobs: Unpack[_Knobs]) -> None:
    """Make up a cluster, the same one for the same seed and knobs.

    Its sizes and demands are realistic; whether every VM in it can be protected depends on the
    disk slack and the load.
    """
    if output == STANDARD_INPUT:
        output = None
    refuse_unwritable(output)
    try:
        cluster = generate_cluster(**knobs)
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad
    if output is None:
        say(cluster_text(cluster).rstrip("\n").encode())
        return
    with writing(output):
        save_cluster(cluster, output)
    say(_counts(cluster))


def _counts(cluster: Cluster) -> str:
    size = format_bytes(sum(diff.size for diff in cluster.diffs))
    return (
        f"{len(cluster.servers)} servers, {len(cluster.vms)} VMs, "
        f"{len(cluster.diffs)} diffs of {size}, {len(cluster.failures)} failures"
    )
