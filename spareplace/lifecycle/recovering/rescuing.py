"""Where the VMs lost in one failure are rebuilt: most VMs first, by priority, then fewest bytes.

Targets are found by insertion and made better by taking the VMs off a server or two and inserting
them again. Nothing is random but what the seed gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK
from spareplace.clock import Clock
from spareplace.heuristics.targets import best_fit
from spareplace.lifecycle.recovering.standing import Standing
from spareplace.lifecycle.recovering.targets import Targets

ROUNDS = 1500
"""How often VMs are taken off servers and inserted again."""

PATIENCE = 400
"""The rounds without any gain after which this ends."""

_CROWDS = (
    (True, True, False),
    (True, True, False),
    (True, False, True),
    (True, False, True),
    (False, True, False),
)
"""Who is taken off: VMs at the goal, of the same image, of any server."""

MOST_TAKEN = 8
"""VMs taken off in one round, so that a round takes about a millisecond at most."""


def rescue(
    standing: Standing, starts: Iterable[Mapping[int, int]], clock: Clock, random: Random
) -> Targets:
    """Choose the targets of one failure.

    Parameters
    ----------
    standing
        What is left.
    starts
        Targets to start from, by position of the lost VM. Of each, what breaks no rule is taken;
        the result is never worse than any of them.
    clock
        When it is over, the best targets so far are given. Otherwise they depend on the seed
        alone.
    random
        For the choice of what is taken off.
    """
    found = [_filled(standing, start) for start in (*starts, _packed(standing), {})]
    best = min(found, key=lambda targets: targets.value())
    least = _least(standing)
    barren = 0
    for _ in range(ROUNDS):
        if best.value() <= least or barren >= PATIENCE or clock.over():
            break
        barren = 0 if _retry(best, random) else barren + 1
    return best


def _filled(standing: Standing, start: Mapping[int, int]) -> Targets:
    """Take over what can be, then insert the rest, the VM that is hardest to place first."""
    targets = Targets(standing)
    for vm, server in start.items():
        if targets.open(vm)[server]:
            targets.put(vm, server)
    for vm in _by_need(standing, targets.waiting()):
        targets.insert(vm)
    return targets


def _by_need(standing: Standing, vms: Iterable[int]) -> list[int]:
    """Sort VMs: higher priority, then fewer servers to choose from, then larger."""
    instance = standing.instance
    scale = np.maximum(instance.capacity.astype(np.float64).max(axis=0, initial=0), 1.0)
    choices = standing.may.sum(axis=1).tolist()

    def need(vm: int) -> tuple[int, int, float]:
        index = standing.lost[vm]
        largest = float((instance.demand[index] / scale).max())
        return -instance.cluster.vms[index].priority, choices[vm], -largest

    return sorted(vms, key=need)


def _packed(standing: Standing) -> dict[int, int]:
    """Give targets that are chosen for room alone: they place more where room is short."""
    instance = standing.instance
    allowed = instance.allowed.copy()
    allowed[list(standing.lost)] = standing.may
    stored = np.clip(instance.free[:, DISK] - standing.left[:, DISK], 0, instance.free[:, DISK])
    found = best_fit(replace(instance, allowed=allowed), 0, stored, standing.lost)
    position = {vm: at for at, vm in enumerate(standing.lost)}
    return {position[vm]: server for vm, server in found.items()}


def _least(standing: Standing) -> int:
    """Give a value that no targets are below: every VM that has a server, and the fewest bytes.

    Each diff is brought at least once, to a server of a VM that needs it. To leave that VM out
    costs more than all bytes.
    """
    targets = Targets(standing)
    fewest: dict[int, int] = {}
    for vm in targets.waiting():
        open_to = np.flatnonzero(targets.open(vm))
        for row in standing.chain[vm]:
            least = int(standing.missing[row, open_to].min())
            fewest[row] = max(fewest.get(row, 0), least)
    return sum(targets.price[vm] for vm in targets.hopeless) + sum(fewest.values())


def _retry(targets: Targets, random: Random) -> bool:
    """Take some VMs off, insert them again, and keep what is not worse; tell if it is better.

    One of them, which waits or pays, goes to a server of its choice first if it fits there then.
    """
    before = targets.value()
    waiting = targets.waiting()
    paying = targets.paying()
    focus = random.choice(waiting if waiting and (not paying or random.random() < 0.6) else paying)
    goal = _goal(targets, focus, random)
    crowd = _crowd(targets, focus, goal, random)
    old = {vm: targets.server[vm] for vm in [focus, *crowd] if vm in targets.server}
    for vm in old:
        targets.take(vm)
    if targets.open(focus)[goal]:
        targets.put(focus, goal)
    else:
        targets.insert(focus)
    _insert_again(targets, [*crowd, *random.sample(waiting, min(len(waiting), 4))], random)
    after = targets.value()
    if after <= before:
        return after < before
    for vm in [focus, *crowd, *waiting]:
        if vm in targets.server:
            targets.take(vm)
    for vm, server in old.items():
        targets.put(vm, server)
    return False


def _goal(targets: Targets, focus: int, random: Random) -> int:
    """Choose a server for a VM: likely one where it would add few bytes."""
    servers: NDArray[np.intp] = np.flatnonzero(targets.standing.may[focus])
    cost = targets.costs(focus)[servers].astype(np.float64)
    near = servers[np.argsort(cost, kind="stable")[:6]]
    return int(near[min(int(random.expovariate(0.7)), len(near) - 1)])


def _crowd(targets: Targets, focus: int, goal: int, random: Random) -> list[int]:
    """Choose VMs to be taken off: those at the goal, those of the same image, or of any server."""
    at_goal, alike, anywhere = random.choice(_CROWDS)
    servers = {goal} if at_goal else set()
    if anywhere and targets.server:
        servers.add(random.choice(list(targets.server.values())))
    master = targets.rows[focus][:1] if alike else None
    crowd = [
        vm
        for vm, server in targets.server.items()
        if vm != focus and (server in servers or targets.rows[vm][:1] == master)
    ]
    random.shuffle(crowd)
    return crowd[:MOST_TAKEN]


def _insert_again(targets: Targets, vms: list[int], random: Random) -> None:
    """Insert VMs in any order, or the higher priority first."""
    standing = targets.standing
    if random.random() < 0.5:
        vms.sort(key=lambda vm: -standing.cluster.vms[standing.lost[vm]].priority)
    for vm in vms:
        if vm not in targets.server:
            targets.insert(vm)
