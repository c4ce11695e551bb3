"""Clusters made from a seed, with realistic sizes, for trials and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.generate.hosts import apart, capacity, demands, disks, resident_masters
from spareplace.generate.images import Slot, forest, sharers
from spareplace.parts import VM, Diff, Server

__all__ = ["generate_cluster"]


def generate_cluster(
    *,
    servers: int = 12,
    vms_per_server: int = 5,
    seed: int = 0,
    depth: int = 3,
    fanout: int = 5,
    sharing: float = 0.8,
    disk_slack: float = 1.2,
    load: float = 0.6,
    zones: int = 0,
    groups: float = 0.0,
    residents: float = 0.0,
) -> Cluster:
    """Make a cluster of servers of one kind, with VMs whose images share masters.

    Masters have 10 to 60 GB, the diffs on them 0.5 to 8 GB, and a VM occupies as much as its
    chain. The last diff of a chain belongs to one VM alone, unless it is a master. Every server
    is a failure. The same arguments give the same cluster on every machine.

    Parameters
    ----------
    servers, vms_per_server
        How many there are.
    seed
        What sizes, demands and chains are drawn from.
    depth
        Diffs in a chain; 1 means masters alone.
    fanout
        How many diffs build on a diff, or VMs use a master where chains are masters alone.
    sharing
        The share of the VMs whose masters serve VMs of all servers; the masters of the others
        serve VMs of one server.
    disk_slack
        How much disk there is for each byte that is needed at least: for the VMs that run,
        those of one lost server spread over the others, and as few stored copies as outlive
        the loss of any server. The nearer to 1, the more has to be transferred; from about 1.2
        on it may be nothing.
    load
        The share of every resource that the VMs demand of what all servers have. Above about
        0.7 one server's VMs may not fit on the others.
    zones
        Into how many zones the servers are divided; with 0 they have none.
    groups
        The share of the VMs that are to be kept apart from one VM of another server.
    residents
        The share of the masters under its VMs that each server holds as resident diffs.

    Raises
    ------
    InvalidInput
        If an argument is out of its range. It lists every one that is.

    Examples
    --------
    >>> cluster = generate_cluster(servers=4, vms_per_server=2, seed=7)
    >>> [diff.name for diff in cluster.diffs][:4]
    ['m1', 'm2', 'm3', 'm1.1']
    """
    _refuse_outside(
        servers=servers, vms_per_server=vms_per_server, depth=depth, fanout=fanout,
        sharing=sharing, disk_slack=disk_slack, load=load, zones=zones, groups=groups,
        residents=residents,
    )  # fmt: skip
    random = Random(seed)
    slots = [(server, slot) for server in range(servers) for slot in range(vms_per_server)]
    diffs, chain = forest(random, sharers(random, slots, sharing), depth, fanout)
    demand = demands(random, servers, vms_per_server)
    group = apart(random, slots, groups)
    chains = [[chain[server, slot] for slot in range(vms_per_server)] for server in range(servers)]
    held = resident_masters(random, chains, residents)
    hosts = _hosts(disks(chains, held, disk_slack), capacity(demand, load), zones, held)
    return Cluster(servers=hosts, diffs=diffs, vms=_vms(slots, hosts, chain, demand, group))


def _hosts(
    disk: Sequence[int], has: Mapping[str, int], zones: int, held: Sequence[tuple[str, ...]]
) -> tuple[Server, ...]:
    return tuple(
        Server(
            name=_numbered("s", number, len(disk)),
            disk=disk[number],
            capacity=has,
            zone=f"z{number * zones // len(disk) + 1}" if zones else None,
            resident=held[number],
        )
        for number in range(len(disk))
    )


def _vms(
    slots: Sequence[Slot],
    hosts: Sequence[Server],
    chain: Mapping[Slot, tuple[Diff, ...]],
    demand: Sequence[Sequence[Mapping[str, int]]],
    group: Mapping[Slot, str],
) -> tuple[VM, ...]:
    return tuple(
        VM(
            name=_numbered("vm", number, len(slots)),
            server=hosts[slot[0]].name,
            diff=chain[slot][-1].name,
            disk=sum(diff.size for diff in chain[slot]),
            demand=demand[slot[0]][slot[1]],
            groups=(group[slot],) if slot in group else (),
        )
        for number, slot in enumerate(slots)
    )


def _numbered(letter: str, number: int, count: int) -> str:
    """Name the parts so that their names sort as they stand: s01 ... s12."""
    return f"{letter}{number + 1:0{len(str(count))}}"


_RANGES: Mapping[str, tuple[float, float]] = {
    "servers": (1, 10**6),
    "vms_per_server": (0, 10**6),
    "depth": (1, 10**6),
    "fanout": (1, 10**6),
    "sharing": (0.0, 1.0),
    "disk_slack": (0.0, 1000.0),
    "load": (0.01, 1.0),
    "zones": (0, 10**6),
    "groups": (0.0, 1.0),
    "residents": (0.0, 1.0),
}
"""The least and the greatest of each argument, whole numbers where it must be whole."""


def _refuse_outside(**arguments: float) -> None:
    problems = []
    for name, value in arguments.items():
        least, most = _RANGES[name]
        types, kind = ((int,), "whole ") if isinstance(least, int) else ((int, float), "")
        if isinstance(value, bool) or not isinstance(value, types) or not least <= value <= most:
            expected = f"a {kind}number from {least} to {most}"
            problems.append(Problem(path=name, found=repr(value)[:80], expected=expected))
    if problems:
        raise InvalidInput(problems)
