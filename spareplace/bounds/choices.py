"""The sets of VMs that a server can take in a failure, listed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spareplace.affinity import Flags
from spareplace.bounds.coarse import Coarse, Floats
from spareplace.instance import Instance

MOST_SETS = 400_000
"""How many sets are listed, for all servers and failures together."""


class TooMany(ValueError):
    """There are more sets than can be listed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choices:
    """What a server may rebuild in one failure: exactly one of some sets.

    Parameters
    ----------
    failure
        Its number.
    pairs
        Those that fit there, each alone.
    sets
        Whether a set has a pair, the empty set first, shape (sets, pairs).
    disk
        What a set takes, shape (sets,).
    atoms
        What the pairs need and the server does not hold anyway.
    needs
        Whether a set needs an atom, shape (sets, atoms).
    """

    failure: int
    pairs: tuple[int, ...]
    sets: Floats
    disk: Floats
    atoms: tuple[int, ...]
    needs: Flags


def choices(view: Coarse, server: int, most: int = MOST_SETS) -> tuple[Choices, ...]:
    """List the sets of each failure that the server outlives.

    Raises
    ------
    TooMany
        If there are more than `most`.
    """
    fits = view.instance.fits()[:, server]
    found = []
    for failure in np.flatnonzero(~view.instance.down[:, server]):
        pairs = tuple(at for at, (of, vm) in enumerate(view.pairs) if of == failure and fits[vm])
        if not pairs:
            continue
        sets = _sets(view.instance, server, [view.pairs[at][1] for at in pairs], most)
        most -= len(sets)
        taken = np.zeros((len(sets), len(pairs)))
        for row, chosen in enumerate(sets):
            taken[row, list(chosen)] = 1.0
        here = view.needs[list(pairs)]
        wanted = here.any(axis=0) & ~view.resident[:, server]
        found.append(
            Choices(
                failure=int(failure),
                pairs=pairs,
                sets=taken,
                disk=taken @ view.disk[list(pairs)],
                atoms=tuple(np.flatnonzero(wanted).tolist()),
                needs=taken @ here[:, wanted].astype(np.float64) > 0,
            )
        )
    return tuple(found)


def _sets(instance: Instance, server: int, vms: list[int], most: int) -> list[tuple[int, ...]]:
    """List all sets of VMs, by position, that keep rules 2 to 4 without anything stored."""
    free = [int(left) for left in instance.free[server]]
    takes = [[int(amount) for amount in instance.demand[vm]] for vm in vms]
    groups = [frozenset(instance.groups[vm]) for vm in vms]
    sets: list[tuple[int, ...]] = [()]
    waiting: list[tuple[tuple[int, ...], list[int], frozenset[int]]] = [
        ((), [0] * len(free), frozenset())
    ]
    while waiting:
        chosen, used, members = waiting.pop()
        for at in range(chosen[-1] + 1 if chosen else 0, len(vms)):
            if members & groups[at]:
                continue
            total = [one + other for one, other in zip(used, takes[at], strict=True)]
            if all(amount <= left for amount, left in zip(total, free, strict=True)):
                sets.append((*chosen, at))
                waiting.append((sets[-1], total, members | groups[at]))
        if len(sets) > most:
            raise TooMany(f"more than {most} sets of VMs")
    return sets
