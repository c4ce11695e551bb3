"""The paper's comparison method: each diff goes where most disk is free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.heuristics.copies import Need
from spareplace.heuristics.room import Pair, Room, empty_room
from spareplace.heuristics.targets import Targets, best_fit, cheaper
from spareplace.instance import Instance
from spareplace.placement import Placement


def level(instance: Instance, clock: Clock, *, allow_unprotected: bool = False) -> Placement:
    """Store whole diffs so that free disk evens out, then improve targets for less transfer.

    A server may take a diff if every failure can still be recovered afterwards; best fit
    decides that, so a failure that it cannot recover ends the method.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Looked at before each diff.
    allow_unprotected
        Whether VMs that find no place are given up instead of ending the method.

    Raises
    ------
    NoPlan
        If a diff finds no server, a failure cannot be recovered, or the time is up.
    """
    room = empty_room(instance)
    witness = _first_witness(room, clock, allow_unprotected)
    for diff, pairs in _in_order(instance):
        if clock.over():
            raise NoPlan("level was stopped before every diff had a place", "give it more time")
        waiting = [pair for pair in pairs if pair not in room.given_up]
        if not _store(room, witness, Need.of(instance, diff, waiting)):
            name = instance.cluster.diffs[diff].name
            _give_up(room, waiting, f"no server has room for diff {name!r}", allow_unprotected)
            witness.forget(waiting)
    missing = _missing(room)
    for failure, targets in enumerate(witness.targets):
        best = cheaper(instance, failure, witness.stored, missing, targets, clock)
        for vm, server in best.items():
            room.designate((failure, vm), server)
    return room.placement()


@dataclass(slots=True, kw_only=True, eq=False)
class _Witness:
    """For every failure some targets that keep the rules: they show that it can be recovered."""

    instance: Instance
    targets: list[Targets]
    stored: NDArray[np.int64]
    rebuilt: Amounts
    """The disk of the VMs rebuilt on each server in each failure, shape (failures, servers)."""

    def after(self, server: int, size: int) -> dict[int, Targets] | None:
        """Give the targets to change if a server stores more, or ``None`` if none are found."""
        stored = self.stored.copy()
        stored[server] += size
        room = int(self.instance.free[server, DISK]) - int(stored[server])
        if room < 0:
            return None
        changed: dict[int, Targets] = {}
        for failure in np.flatnonzero((self.rebuilt[:, server] > room).astype(bool)).tolist():
            targets = self.targets[failure]
            found = best_fit(self.instance, failure, stored, tuple(targets))
            if len(found) < len(targets):
                return None
            changed[failure] = found
        return changed

    def change(self, failure: int, targets: Targets) -> None:
        """Choose other targets for a failure."""
        self.targets[failure] = targets
        self.rebuilt[failure] = 0
        for vm, server in targets.items():
            self.rebuilt[failure, server] += self.instance.demand[vm, DISK]

    def forget(self, pairs: list[Pair]) -> None:
        """Drop VMs that were given up."""
        for failure, vm in pairs:
            server = self.targets[failure].pop(vm, None)
            if server is not None:
                self.rebuilt[failure, server] -= self.instance.demand[vm, DISK]


def _first_witness(room: Room, clock: Clock, allow_unprotected: bool) -> _Witness:
    instance = room.instance
    stored = np.zeros(instance.down.shape[1], dtype=np.int64)
    witness = _Witness(
        instance=instance,
        targets=[{} for _ in instance.lost],
        stored=stored,
        rebuilt=np.zeros(instance.down.shape, dtype=instance.demand.dtype),
    )
    for failure, vms in enumerate(instance.lost):
        if clock.over():
            raise NoPlan("level was stopped before every failure had targets", "give it more time")
        found = best_fit(instance, failure, stored, vms)
        without = [(failure, vm) for vm in vms if vm not in found]
        name = instance.cluster.failures[failure].name
        _give_up(room, without, f"best fit finds no targets in failure {name!r}", allow_unprotected)
        witness.change(failure, found)
    return witness


def _in_order(instance: Instance) -> list[tuple[int, list[Pair]]]:
    dependents = instance.dependents()
    return [(diff, dependents[diff]) for diff in instance.order if diff in dependents]


def _give_up(room: Room, pairs: list[Pair], reason: str, allowed: bool) -> None:
    if pairs and not allowed:
        raise NoPlan(f"level found no plan: {reason}", "try method 'greedy', 'milp' or 'auto'")
    room.given_up.update(dict.fromkeys(pairs, reason))


def _store(room: Room, witness: _Witness, need: Need) -> bool:
    """Put copies on the freest servers; one on a server that is up in every failure, if any is."""
    size = room.instance.size[need.diff]
    safe = need.candidates(0)
    while need.open:
        useful = np.flatnonzero(safe if safe.any() else need.helpful())
        by_disk = np.argsort(-room.left[-1, useful, DISK], kind="stable")
        for server in useful[by_disk].tolist():
            changed = witness.after(server, size)
            if changed is not None:
                break
        else:
            return False
        for failure, targets in changed.items():
            witness.change(failure, targets)
        witness.stored[server] += size
        room.store(need.diff, server, 0, size)
        need = need.without(server)
    return True


def _missing(room: Room) -> Amounts:
    """Give the bytes of each diff that each server lacks, shape (diffs, servers)."""
    largest = sum(room.instance.size)  # of what is added up
    size = np.array(room.instance.size, dtype=np.int64 if largest < 2**62 else object)
    missing = np.repeat(size[:, None], len(room.worst), axis=1)
    for diff, held in room.held.items():
        for server, count in held.items():
            missing[diff, server] -= count
    return missing
