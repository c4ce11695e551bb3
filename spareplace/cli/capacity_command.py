"""``spareplace capacity``: how many more VMs fit while everything stays protected."""

from __future__ import annotations

from dataclasses import replace

import click

from spareplace.cli.arguments import (
    cluster_argument,
    failures_option,
    json_option,
    max_pieces_option,
    verbose_option,
    with_failures,
    wrong_usage,
)
from spareplace.cli.columns import name_shown, table
from spareplace.cli.described import Described
from spareplace.cli.names import refuse_none_left, refuse_unknown
from spareplace.cli.printing import one_line, say
from spareplace.cli.sources import cluster_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.supposed_changes import without_option
from spareplace.cli.telling import beating, progress_option, tell_plan
from spareplace.cli.values import read_seconds, read_size
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.documents import CAPACITY, CAPACITY_FORMAT
from spareplace.explaining.fitting import DEFAULT_TIME_LIMIT, Capacity, capacity
from spareplace.failures import Kind
from spareplace.files import shaped_text
from spareplace.parts import VM

MOST_LACKS = 6
"""Shortages that are listed."""


@click.command("capacity", cls=Described)
@cluster_argument
@click.option("--like", required=True, metavar="VM", help="The VM that each new one is like.")
@click.option("--diff", metavar="DIFF", help="The last diff of their chain, if not that VM's.")
@click.option(
    "--own-diff",
    callback=read_size,
    metavar="SIZE",
    help="The size of a new diff on top of that one for each of them, such as 5GB.",
)
@click.option(
    "--with-server",
    "more",
    type=click.IntRange(1, 100),
    metavar="N",
    help="With so many servers more, like the one of the VM.",
)
@without_option
@click.option(
    "--time-limit",
    callback=read_seconds,
    default=f"{DEFAULT_TIME_LIMIT:g}",
    show_default=True,
    metavar="S",
    help="Seconds for all of it, or none.",
)
@max_pieces_option
@failures_option
@json_option
@progress_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    like: str,
    diff: str | None,
    own_diff: int | None,
    more: int | None,
    without: tuple[str, ...],
    time_limit: float | None,
    max_pieces: int,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
) -> None:
    """Count the VMs like another one that can be added to CLUSTER while every VM stays protected.

    They have its disk, demand, chain and allowed servers, and are in no anti-affinity group.
    Where they run is chosen. Says whether it is proven that not one more fits, and what runs out.
    """
    given = with_failures(cluster_from(cluster), kinds)
    shape = _shape(given, like, diff)
    changes = _changes(given, shape.server, more or 0, without)
    try:
        with beating(err, time_limit):
            found = capacity(
                given,
                shape,
                own_diff=own_diff or 0,
                changes=changes,
                time_limit=time_limit,
                max_pieces=max_pieces,
            )
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad
    tell_plan(err, found.plan)
    if as_json:
        say(shaped_text(CAPACITY, CAPACITY_FORMAT, found).rstrip("\n").encode())
    else:
        say(_summary(found, like))


def _shape(cluster: Cluster, like: str, diff: str | None) -> VM:
    vms = {vm.name: vm for vm in cluster.vms}
    refuse_unknown([like], vms, "VM", "--like")
    if diff is None:
        return vms[like]
    refuse_unknown([diff], (it.name for it in cluster.diffs), "diff", "--diff")
    return replace(vms[like], diff=diff)


def _changes(
    cluster: Cluster, like: str, more: int, without: tuple[str, ...]
) -> list[ClusterChange]:
    names = {server.name for server in cluster.servers}
    refuse_unknown(without, names, "server", "--without")
    free = (f"server {number}" for number in range(1, 2 * len(names) + more + 1))
    added = [name for name in free if name not in names][:more]
    refuse_none_left([*names, *added], without, "--without")
    return [
        *(ClusterChange(kind="add_server", server=name, like=like) for name in added),
        *(ClusterChange(kind="without_server", server=name) for name in dict.fromkeys(without)),
    ]


_KNOWN = {
    "infeasible": "proven infeasible, wherever it would run",
    "not found": "not found in the time; no proof that there is no way",
    "not counted": "not counted: that many are enough",
}


def _summary(found: Capacity, like: str) -> str:
    where = ", ".join(f"{it.vms} on {name_shown(it.server, 18)}" for it in found.homes[:8])
    more = f" and {len(found.homes) - 8} more servers" if len(found.homes) > 8 else ""
    rows = [
        (f"VMs like {name_shown(like)} that fit", str(found.vms)),
        ("they would run", f"{where}{more}" if where else "nowhere"),
        ("one more", _KNOWN[found.one_more]),
    ]
    if found.runs_out:
        rows.append(("runs out first", name_shown(found.runs_out[0].resource)))
    lines = table(rows)
    lines += [f"  {one_line(lack.text)}" for lack in found.runs_out[:MOST_LACKS]]
    if len(found.runs_out) > MOST_LACKS:
        lines.append(f"  and {len(found.runs_out) - MOST_LACKS} more shortages")
    return "\n".join(lines)
