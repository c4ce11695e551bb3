"""The servers under made-up VMs: what runs where, what is resident, how much there is."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from spareplace.generate.drawing import one_of, shuffled, whole
from spareplace.generate.images import MB, Slot
from spareplace.parts import Diff

GIB = 2**30

STEPS = {"cpu": 1, "memory": GIB, "disk_io": MB, "net_io": MB}
"""Each resource, with the steps in which servers have it: cores, bytes, bytes per second twice."""


def demands(random: Random, servers: int, each: int) -> list[list[dict[str, int]]]:
    """Draw the demands of all VMs; deal them, the greatest first, to the server with least."""
    drawn = [_demand(random) for _ in range(servers * each)]
    total = {resource: sum(demand[resource] for demand in drawn) for resource in STEPS}
    weighed = [(sum(demand[name] / total[name] for name in STEPS), demand) for demand in drawn]
    dealt: list[list[dict[str, int]]] = [[] for _ in range(servers)]
    waiting = [(0.0, server) for server in range(servers)]
    for weight, demand in sorted(weighed, key=lambda pair: -pair[0]):
        used, server = heapq.heappop(waiting)
        dealt[server].append(demand)
        if len(dealt[server]) < each:
            heapq.heappush(waiting, (used + weight, server))
    return dealt


def _demand(random: Random) -> dict[str, int]:
    cores = one_of(random, (1, 2, 3, 3, 4, 4))
    return {
        "cpu": cores,
        "memory": cores * whole(random, 3, 5) * GIB,
        "disk_io": cores * whole(random, 4, 8) * MB,
        "net_io": cores * whole(random, 4, 8) * MB,
    }


def apart(random: Random, slots: list[Slot], share: float) -> dict[Slot, str]:
    """Pair some VMs, each with one on another server, and name each pair's group."""
    own: dict[int, list[Slot]] = defaultdict(list)
    for slot in shuffled(random, slots):
        own[slot[0]].append(slot)
    pairs = min(round(share * len(slots) / 2), len(slots) // 2) if len(own) > 1 else 0
    # One VM of each server, then a second one, and so on: no server has more than half of those
    # chosen, so the two halves, sorted by server, put different servers side by side.
    turns = sorted(
        ((turn, slot) for mine in own.values() for turn, slot in enumerate(mine)),
        key=lambda pair: pair[0],
    )
    chosen = sorted(slot for _, slot in turns[: 2 * pairs])
    return {slot: f"g{number % pairs + 1}" for number, slot in enumerate(chosen)}


def capacity(running: Sequence[Sequence[Mapping[str, int]]], load: float) -> dict[str, int]:
    """Give what each server has: the same for all, and at least what any of them runs."""
    given = {}
    for resource, step in STEPS.items():
        used = [sum(demand[resource] for demand in here) for here in running]
        share = math.ceil(sum(used) / len(used) / load / step) * step
        given[resource] = max(share, *used, step)
    return given


def resident_masters(
    random: Random, chains: Sequence[Sequence[tuple[Diff, ...]]], share: float
) -> list[tuple[str, ...]]:
    """Choose, for each server, some of the masters under its VMs."""
    held = []
    for here in chains:
        masters = dict.fromkeys(chain[0].name for chain in here)
        held.append(tuple(shuffled(random, masters)[: round(share * len(masters))]))
    return held


def disks(
    chains: Sequence[Sequence[tuple[Diff, ...]]], held: Sequence[tuple[str, ...]], slack: float
) -> list[int]:
    """Give each server disk for its VMs, and its part of what must fit beside them.

    That is the VMs of any one lost server, none of them in parts, and the fewest copies of which
    one is left when any server is lost that uses the diff.
    """
    images = [[sum(diff.size for diff in chain) for chain in here] for here in chains]
    lost = max(sum(here) for here in images) // max(len(chains) - 1, 1)
    largest = max((image for here in images for image in here), default=0)
    beside = max(lost, largest) + _least_stored(chains, held) // len(chains)
    return [math.ceil(slack * (sum(here) + beside) / MB) * MB for here in images]


def _least_stored(
    chains: Sequence[Sequence[tuple[Diff, ...]]], held: Sequence[tuple[str, ...]]
) -> int:
    """Sum the copies that are needed beside the resident ones."""
    users: dict[Diff, set[int]] = defaultdict(set)
    holders: dict[str, set[int]] = defaultdict(set)
    for server, here in enumerate(chains):
        for chain in here:
            for diff in chain:
                users[diff].add(server)
        for name in held[server]:
            holders[name].add(server)
    stored = 0
    for diff, lost in users.items():
        if len(holders[diff.name]) == 0:
            stored += diff.size * (1 if len(lost) < len(chains) else 2)
        elif len(holders[diff.name]) == 1:  # it is among those that use it
            stored += diff.size
    return stored
