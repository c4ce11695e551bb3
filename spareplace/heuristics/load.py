"""What servers would take on with all VMs that wait for one, and what it would leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.amounts import Amounts
from spareplace.heuristics.room import Pair, Room


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Load:
    """What each server would take on if all waiting pairs that may were rebuilt on it.

    Parameters
    ----------
    pairs
        The waiting pairs.
    may
        Whether a pair may be rebuilt on a server, shape (pairs, servers). Of two VMs that
        one group keeps apart in one failure only the first may.
    worst
        Of every resource, what would be left in the worst failure, (servers, resources).
    count
        How many pairs, shape (servers,).
    """

    pairs: tuple[Pair, ...]
    may: Flags
    worst: Amounts
    count: NDArray[np.int64]

    @staticmethod
    def of(room: Room, pairs: Sequence[Pair]) -> Load:
        """Add up what pairs that wait for a server would take."""
        if not pairs:
            servers = len(room.worst)
            return Load(
                pairs=(),
                may=np.zeros((0, servers), dtype=bool),
                worst=room.worst,
                count=np.zeros(servers, dtype=np.int64),
            )
        instance = room.instance
        may = instance.allowed[[vm for _, vm in pairs]] & ~instance.down[[f for f, _ in pairs]]
        rows: dict[int, list[int]] = {}
        seen: set[tuple[int, int]] = set()
        for row, (failure, vm) in enumerate(pairs):
            rows.setdefault(failure, []).append(row)
            for group in instance.groups[vm]:
                if (failure, group) in seen:
                    may[row] = False
                seen.add((failure, group))
                may[row, list(room.taken.get((failure, group), ()))] = False
        demand = instance.demand[[vm for _, vm in pairs]]
        worst = room.worst.copy()
        # One failure at a time: all at once would take as much memory as the room itself.
        for failure, mine in rows.items():
            added = may[mine].T.astype(demand.dtype) @ demand[mine]
            np.minimum(worst, room.left[failure] - added, out=worst)
        return Load(pairs=tuple(pairs), may=may, worst=worst, count=may.sum(axis=0))

    def pairs_for(self, server: int) -> list[Pair]:
        """Give the pairs that may be rebuilt on a server."""
        return [self.pairs[row] for row in np.flatnonzero(self.may[:, server])]
