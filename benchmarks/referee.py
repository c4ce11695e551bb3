"""An outside referee: what Ganeti's ``hcheck`` says of clusters, beside what can be planned.

``python -m benchmarks.referee`` prints a table; with ``--page`` it writes docs/referee.md. It needs
``hcheck`` of Debian's package ganeti-htools. Each cluster is exported to the text format of htools
and judged; then a plan is made for the same cluster, and for the loss of each host alone where
there is none for all.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal

from benchmarks.provenance import commit, machine
from benchmarks.referee_page import HEAD, PAGE, Verdict, row
from benchmarks.tables import markdown
from spareplace import VM, Cluster, Diff, Failure, Infeasible, NoPlan, Plan, Server, plan
from spareplace.importers.ganeti import export_ganeti

MIB, GIB = 2**20, 2**30

ROOM = 20_000
"""MiB of memory, and GiB of disk, of each host."""

LIMIT = 10.0
"""Seconds for each plan."""

ANY = 1.0
"""The gap that every plan keeps: the first one will do."""

Kind = Literal["free", "mirrored", "copied"]
"""Whether VMs are made anew anywhere, fail over to one host, or need a copy of their image."""

Referee = Callable[[Cluster, Plan | None], int]
"""Says how many hosts' loss it holds for too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How clusters are drawn.

    Parameters
    ----------
    name
        What the table calls it.
    kind
        What VMs need where they are rebuilt.
    memory, disk
        The sizes to draw from, in MiB and GiB.
    memory_fill, disk_fill
        Hosts are filled until another VM would take more than a share of their memory or disk
        drawn between these.
    hosts
        How many.
    """

    name: str
    kind: Kind = "free"
    memory: Sequence[int]
    memory_fill: tuple[float, float]
    disk: Sequence[int] = (20,)
    disk_fill: tuple[float, float] = (1.0, 1.0)
    hosts: int = 4


FAMILIES = (
    Family(name="memory, any size", memory=range(1000, 5001), memory_fill=(0.68, 0.86)),
    Family(name="memory, by 500", memory=range(1000, 3501, 500), memory_fill=(0.70, 0.84)),
    Family(
        name="memory, odd sizes", memory=(1000, 1700, 2300, 3100, 4700), memory_fill=(0.72, 0.85)
    ),
    Family(
        name="disk",
        memory=(10,),
        memory_fill=(1.0, 1.0),
        disk=(1000, 1700, 2300, 3100, 4700),
        disk_fill=(0.72, 0.85),
    ),
    Family(
        name="memory and disk",
        memory=range(500, 3001),
        memory_fill=(0.68, 0.80),
        disk=range(500, 3001),
        disk_fill=(0.68, 0.80),
    ),
    Family(
        name="memory, 10 hosts",
        memory=(2300, 3100, 4700, 6100),
        memory_fill=(0.80, 0.92),
        hosts=10,
    ),
    Family(
        name="one mirror each",
        kind="mirrored",
        memory=range(500, 3001),
        memory_fill=(0.55, 0.75),
    ),
    Family(
        name="copies planned",
        kind="copied",
        memory=(1000, 1700, 2300, 3100, 4700),
        memory_fill=(0.72, 0.85),
        disk=range(500, 3001),
        disk_fill=(0.39, 0.43),
    ),
)


def drawn(family: Family, seed: int) -> Cluster:
    """Draw a cluster in which every VM fits where it runs."""
    chance = Random(f"{family.name} {seed}")
    servers: list[Server] = []
    vms: list[VM] = []
    diffs: list[Diff] = []
    names = [f"host{number}" for number in range(family.hosts)]
    for name in names:
        most = chance.uniform(*family.memory_fill) * ROOM, chance.uniform(*family.disk_fill) * ROOM
        memory = disk = 0
        while True:
            wanted, image = chance.choice(family.memory), chance.choice(family.disk)
            if memory + wanted > most[0] or disk + image > most[1]:
                break
            memory, disk = memory + wanted, disk + image
            vm = VM(name=f"vm{len(vms)}", server=name, demand={"memory": wanted * MIB})
            if family.kind == "mirrored":
                other = chance.choice([it for it in names if it != name])
                vm = replace(vm, allowed_servers=(name, other))
            else:
                vm = replace(vm, disk=image * GIB)
            if family.kind == "copied":
                vm = replace(vm, diff=vm.name)
                diffs.append(Diff(name=vm.name, size=vm.disk))
            vms.append(vm)
        servers.append(Server(name=name, disk=ROOM * GIB, capacity={"memory": ROOM * MIB}))
    return Cluster(servers=tuple(servers), diffs=tuple(diffs), vms=tuple(vms))


def verdict(family: Family, seed: int, referee: Referee) -> Verdict:
    """Ask the referee, and plan."""
    cluster = drawn(family, seed)
    hosts = len(cluster.servers)
    try:
        found = plan(cluster, method="milp", time_limit=LIMIT, gap=ANY)
    except NoPlan:
        rejected = None if family.kind == "copied" else referee(cluster, None)
        return Verdict(hosts=hosts, rejected=rejected, lost=0, undecided=True)
    except Infeasible:
        if family.kind == "copied":
            return Verdict(hosts=hosts, rejected=None, lost=0)
        lost = sum(not _survives(cluster, failure) for failure in cluster.failures)
        return Verdict(hosts=hosts, rejected=referee(cluster, None), lost=lost)
    shown = found if family.kind == "copied" else None
    return Verdict(hosts=hosts, rejected=referee(cluster, shown), lost=0)


def _survives(cluster: Cluster, failure: Failure) -> bool:
    try:
        plan(replace(cluster, failures=(failure,)), method="milp", time_limit=LIMIT, gap=ANY)
    except Infeasible:
        return False
    return True


def hcheck(cluster: Cluster, found: Plan | None) -> int:
    """Ask hcheck how many nodes' instances cannot be started elsewhere.

    It wants more than nothing left of memory and disk where we want not less than nothing, in
    whole MiB: with one MiB more of both, it asks what we ask.
    """
    exported = export_ganeti(cluster, found).text
    groups, nodes, *rest = exported.split("\n\n", 2)
    roomier = "\n".join(_roomier(line) for line in nodes.split("\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cluster.data")
        path.write_text("\n\n".join([groups, roomier, *rest]), encoding="utf-8")
        done = subprocess.run(
            ["hcheck", "-t", str(path), "--machine-readable", "--no-simulation"],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            timeout=60,
            check=True,
        )
    counted = re.search(r"^HCHECK_INIT_CLUSTER_GN1_FAIL=(\d+)$", done.stdout, re.MULTILINE)
    if counted is None:
        raise RuntimeError(f"hcheck printed no GN1_FAIL: {done.stdout[-500:]!r}")
    return int(counted[1])


def _roomier(node: str) -> str:
    name, *amounts, cpus = node.split("|", 6)
    memory, reserved, free, disk, free_disk = map(int, amounts)
    amounts = [str(it) for it in (memory + 1, reserved, free + 1, disk + 1, free_disk + 1)]
    return "|".join([name, *amounts, cpus])


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge as the command line says, and print the table or write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--clusters", type=int, default=200, help="of each family")
    parser.add_argument("--family", nargs="+", choices=[it.name for it in FAMILIES])
    parser.add_argument("--page", type=Path, help="write the page here")
    given = parser.parse_args(arguments)
    if shutil.which("hcheck") is None:
        parser.error("hcheck is not installed: apt-get install ganeti-htools")
    chosen = [it for it in FAMILIES if given.family is None or it.name in given.family]
    rows = [
        row(family.name, [verdict(family, seed, hcheck) for seed in range(given.clusters)])
        for family in chosen
    ]
    table = markdown(HEAD, rows)
    if given.page is None:
        print(table)
        return
    version = subprocess.run(["hcheck", "--version"], capture_output=True, text=True, check=True)
    made = f"Made with {version.stdout.splitlines()[0]}, at commit {commit()}, on {machine()}."
    command = f"python -m benchmarks.referee --clusters {given.clusters} --page {given.page}"
    text = PAGE.format(command=command, made=made, table=table, limit=LIMIT)
    given.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
