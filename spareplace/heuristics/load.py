"""What servers would take on with all VMs that wait for one, and whether they have the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.heuristics.room import Pair, Room, least_share


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
    failures
        The failures concerned.
    added
        What it would take, shape (failures concerned, servers, resources).
    count
        How many pairs, shape (servers,).
    """

    pairs: tuple[Pair, ...]
    may: NDArray[np.bool_]
    failures: tuple[int, ...]
    added: Amounts
    count: NDArray[np.int64]

    @staticmethod
    def of(room: Room, pairs: Sequence[Pair]) -> Load:
        """Add up what pairs that wait for a server would take."""
        instance = room.instance
        may = instance.allowed[[vm for _, vm in pairs]] & ~instance.down[[f for f, _ in pairs]]
        seen: set[tuple[int, int]] = set()
        for row, (failure, vm) in enumerate(pairs):
            for group in instance.groups[vm]:
                if (failure, group) in seen:
                    may[row] = False
                seen.add((failure, group))
                taken = [at for at in range(may.shape[1]) if (failure, at, group) in room.taken]
                may[row, taken] = False
        rows: dict[int, list[int]] = {}
        for row, (failure, _) in enumerate(pairs):
            rows.setdefault(failure, []).append(row)
        demand = instance.demand[[vm for _, vm in pairs]]
        added = [may[at].T.astype(demand.dtype) @ demand[at] for at in rows.values()]
        return Load(
            pairs=tuple(pairs),
            may=may,
            failures=tuple(rows),
            added=np.array(added, dtype=demand.dtype).reshape(len(rows), *instance.free.shape),
            count=may.sum(axis=0),
        )

    def after(self, room: Room, size: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Tell which servers have room for it and `size` bytes, and the least share then left."""
        worst = room.worst
        if self.failures:
            left = room.left[list(self.failures)] - self.added
            worst = np.minimum(worst, left.min(axis=0))
        worst = worst.copy()
        worst[:, DISK] -= size
        fits = np.asarray((worst >= 0).all(axis=1), dtype=bool)
        return fits, least_share(worst.astype(np.float64), room.instance.capacity)

    def pairs_for(self, server: int) -> list[Pair]:
        """Give the pairs that may be rebuilt on a server."""
        return [pair for pair, may in zip(self.pairs, self.may[:, server], strict=True) if may]
