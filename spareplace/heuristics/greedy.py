"""The save procedure of Matsuo et al. (2010): diff by diff, gathered where the room is.

Section 3.1 of the paper narrows the servers for a diff in four steps, 3.a to 3.d; the names of
the steps stand beside the code that takes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.amounts import DISK
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.heuristics.copies import Need
from spareplace.heuristics.load import Load
from spareplace.heuristics.room import Pair, Room, by_failure, empty_room, least_share
from spareplace.heuristics.splitting import settle, split
from spareplace.instance import Instance
from spareplace.placement import DEFAULT_MAX_PIECES, Placement


def greedy(
    instance: Instance,
    clock: Clock,
    *,
    max_pieces: int = DEFAULT_MAX_PIECES,
    allow_unprotected: bool = False,
) -> Placement:
    """Store every diff that a failure may ask for, and choose where VMs are rebuilt.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Looked at before each diff.
    max_pieces
        Into how many equal pieces a diff may be cut.
    allow_unprotected
        Whether VMs that find no place are given up instead of ending the method.

    Raises
    ------
    NoPlan
        If a diff or a VM finds no place, or the time is up.
    """
    room = empty_room(instance)
    dependents = instance.dependents()
    for diff in instance.order:
        if diff not in dependents:
            continue
        if clock.over():
            raise NoPlan("greedy was stopped before every diff had a place", "give it more time")
        pairs = [pair for pair in dependents[diff] if pair not in room.given_up]
        if not _place(room, diff, pairs, max_pieces):
            name = instance.cluster.diffs[diff].name
            reason = f"no servers have room for diff {name!r} and the VMs that depend on it"
            _give_up(room, pairs, reason, allow_unprotected)
        room.done.clear()  # what is decided stays
    _designate_the_rest(room, clock, allow_unprotected)
    return room.placement()


def _give_up(room: Room, pairs: Sequence[Pair], reason: str, allowed: bool) -> None:
    if not allowed and pairs:
        raise NoPlan(f"greedy found no plan: {reason}", "try method 'milp' or 'auto'")
    for failure, vm in pairs:
        room.release((failure, vm))
        room.given_up[failure, vm] = reason


def _designate_the_rest(room: Room, clock: Clock, allow_unprotected: bool) -> None:
    """Give a server to the VMs that no master brought to one."""
    for failure, vms in enumerate(room.instance.lost):
        if clock.over():
            raise NoPlan("greedy was stopped before every VM had a server", "give it more time")
        for vm in vms:
            pair = (failure, vm)
            if pair in room.target or pair in room.given_up:
                continue
            server = room.best_open(pair)
            if server is not None:
                room.designate(pair, server)
            else:
                name = room.instance.cluster.vms[vm].name
                where = room.instance.cluster.failures[failure].name
                reason = f"no server has room for VM {name!r} in failure {where!r}"
                _give_up(room, [pair], reason, allow_unprotected)


def _place(room: Room, diff: int, pairs: Sequence[Pair], max_pieces: int) -> bool:
    """Store one diff whole, or else in pieces, and designate its VMs; false if neither goes."""
    waiting = [pair for pair in pairs if pair not in room.target]
    need = Need.of(room.instance, diff, pairs)
    mark = len(room.done)
    if _store_whole(room, need, pairs, waiting):
        return True
    room.undo(mark)
    return split(room, need, waiting, max_pieces)


def _store_whole(room: Room, need: Need, pairs: Sequence[Pair], waiting: Sequence[Pair]) -> bool:
    """Choose the fewest whole copies that leave one in every failure (3.a), one by one."""
    copies = need.copies()
    if copies is None:
        return False
    size = room.instance.size[need.diff]
    saved = _saved_transfer(room, need.diff, pairs)
    while copies:
        copies -= 1
        load = Load.of(room, [pair for pair in waiting if need.asks(pair[0])])
        chosen = _best_server(room, size, load, need.candidates(copies), saved)
        if chosen is None:
            return False
        room.store(need.diff, chosen, 0, size)
        for pair in load.pairs_for(chosen):
            room.designate(pair, chosen)
        waiting = [pair for pair in waiting if pair not in room.target]
        need = need.without(chosen)
    return settle(room, need.diff, by_failure(waiting))


def _best_server(
    room: Room, size: int, load: Load, candidates: Flags, saved: NDArray[np.float64]
) -> int | None:
    """Choose among the candidates with room (3.b) by transfer (3.c), then by room kept (3.d)."""
    left = load.worst.copy()
    left[:, DISK] -= size
    servers = np.flatnonzero(candidates & (left >= 0).all(axis=1).astype(bool))
    for best in (load.count, saved):
        if servers.size > 1:
            found = best[servers]
            servers = servers[found == found.max()]
    if servers.size > 1:
        capacity = room.instance.capacity[servers]
        share = least_share(left[servers].astype(np.float64), capacity)
        servers = servers[[share.argmax()]]
    return int(servers[0]) if servers.size else None


def _saved_transfer(room: Room, diff: int, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Give what a copy on each server would save for the VMs designated so far (3.c)."""
    asks = {(pair[0], target) for pair in pairs if (target := room.target.get(pair)) is not None}
    weight: dict[int, int] = {}
    for failure, server in asks:
        weight[server] = weight.get(server, 0) + room.weight[failure]
    saved = np.zeros(len(room.worst))
    for server, total in weight.items():
        missing = room.instance.size[diff] - room.held[diff].get(server, 0)
        saved[server] = total * missing / room.whole_weight
    return saved
