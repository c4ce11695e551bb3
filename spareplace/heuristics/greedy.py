"""The save procedure of Matsuo et al. (2010): diff by diff, gathered where the room is.

Section 3.1 of the paper narrows the servers for a diff in four steps, 3.a to 3.d; the names of
the steps stand beside the code that takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.heuristics.copies import Need
from spareplace.heuristics.load import Load
from spareplace.heuristics.room import Pair, Room, empty_room, pairs_by_failure
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
        tried = _place(room, diff, pairs, max_pieces)
        if tried is None:
            name = instance.cluster.diffs[diff].name
            reason = f"no servers have room for diff {name!r} and the VMs that depend on it"
            _give_up(room, pairs, reason, allow_unprotected)
        else:
            room = tried
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
            servers = room.open_servers(pair)
            if servers:
                room.designate(pair, servers[0])
            else:
                name = room.instance.cluster.vms[vm].name
                where = room.instance.cluster.failures[failure].name
                reason = f"no server has room for VM {name!r} in failure {where!r}"
                _give_up(room, [pair], reason, allow_unprotected)


def _place(room: Room, diff: int, pairs: Sequence[Pair], max_pieces: int) -> Room | None:
    """Store one diff whole, or else in pieces, and designate its VMs; ``None`` if neither goes."""
    waiting = [pair for pair in pairs if pair not in room.target]
    need = Need.of(room.instance, diff, pairs)
    return _store_whole(room, need, pairs, waiting) or split(room, need, waiting, max_pieces)


def _store_whole(
    room: Room, need: Need, pairs: Sequence[Pair], waiting: Sequence[Pair]
) -> Room | None:
    """Choose the fewest whole copies that leave one in every failure (3.a), one by one."""
    copies = need.copies()
    if copies is None:
        return None
    tried = room.copy() if copies > 1 or waiting else room
    size = room.instance.size[need.diff]
    saved = _saved_transfer(room, need.diff, pairs)
    while copies:
        copies -= 1
        concerned = [pair for pair in waiting if need.asks(pair[0])]
        load = Load.of(tried, concerned)
        chosen = _best_server(tried, size, load, need.candidates(copies), saved)
        if chosen is None:
            return None
        tried.store(need.diff, chosen, 0, size)
        for pair in load.pairs_for(chosen):
            tried.designate(pair, chosen)
        need = need.without(chosen)
    by_failure = [
        [pair for pair in group if pair not in tried.target]
        for group in pairs_by_failure(waiting).values()
    ]
    return tried if settle(tried, need.diff, by_failure) else None


def _best_server(
    room: Room, size: int, load: Load, candidates: Sequence[int], saved: NDArray[np.float64]
) -> int | None:
    """Choose among the candidates with room (3.b) by transfer (3.c), then by room kept (3.d)."""
    fits, share = load.after(room, size)
    return max(
        (server for server in candidates if fits[server]),
        key=lambda server: (load.count[server], saved[server], share[server], -server),
        default=None,
    )


def _saved_transfer(room: Room, diff: int, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Give what a copy on each server would save for the VMs designated so far (3.c)."""
    asks = {(pair[0], target) for pair in pairs if (target := room.target.get(pair)) is not None}
    saved = [Fraction(0)] * room.held.shape[1]
    for failure, server in asks:
        missing = room.instance.size[diff] - int(room.held[diff, server])
        saved[server] += room.instance.weight[failure] * missing
    return np.array([float(amount) for amount in saved])
