"""What a server can gain at most, for every room that it may keep for rebuilds, at once.

All arrays hold whole numbers that floats tell exactly, so what is found is proven; see
``docs/bounds_by_branching.md``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.bounds.choices import Choices, choices
from spareplace.bounds.coarse import Coarse, Floats

ENUMERATED = 6
"""Of how many atoms that several failures need all ways to keep them or not are told apart."""

ROOMS = 100
"""How many rooms of a server are told apart at most."""

NEVER = -1e300
"""Worse than every set."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """The sets of VMs that a server can take in one failure, by what disk they take.

    Parameters
    ----------
    cost
        Of a unit transferred.
    pairs
        1 for each pair in a set, shape (sets, pairs).
    atoms
        What they need, but for what is enumerated.
    bytes
        How much a set needs of each, shape (sets, atoms).
    missing
        What a set transfers of what is enumerated, by what is kept of it, shape (ways to keep,
        sets).
    last
        The last set that fits into each room, shape (rooms,).
    """

    cost: float
    pairs: Floats
    atoms: Places
    bytes: Floats
    missing: Floats
    last: Places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rooms:
    """A server, prepared.

    Parameters
    ----------
    number
        Of the server.
    room
        The disk that rebuilds take at most, in the middle of each kind of room, shape (rooms,).
    left
        How much may be stored beside rebuilds that need a room, shape (rooms,).
    size
        How much it may store of each atom, shape (atoms,).
    often
        In how many failures some set needs each atom, shape (atoms,).
    enumerated
        Atoms of which all ways to keep them are told apart.
    others
        All other atoms that it may store.
    kept
        How much is kept of each enumerated atom, shape (ways to keep, enumerated).
    cells
        The ways to keep with at most half of the first of them, and with at least half.
    ways
        One for each failure in which it can rebuild something.
    """

    number: int
    room: Floats
    left: Floats
    size: Floats
    often: Floats
    enumerated: Places
    others: Places
    kept: Floats
    cells: tuple[Places, Places]
    ways: tuple[Ways, ...]


def prepared(view: Coarse, number: int, most: int) -> Rooms:
    """Prepare a server.

    Raises
    ------
    TooMany
        If there are more than `most` sets of VMs that it can take.
    """
    found = choices(view, number, most)
    users = Counter(atom for each in found for atom in each.atoms)
    often = np.array([float(users[atom]) for atom in range(len(view.size))])
    size = np.where(view.resident[:, number], 0.0, view.size * view.instance.keeps[number])
    shared = [atom for atom in np.argsort(-size * often, kind="stable").tolist() if size[atom]]
    shared = [atom for atom in shared if often[atom] > 1][:ENUMERATED]
    half = [np.floor(size[atom] / 2) for atom in shared[:1]]
    steps = [(0.0, *half, size[shared[0]]) if half else (0.0,)]
    steps += [(0.0, size[atom]) for atom in shared[1:]]
    kept = np.array(list(product(*steps)))[:, : len(shared)]
    first = kept[:, 0] if shared else np.zeros(1)
    middle = half[0] if half else 0.5
    least, most_room = _kinds(np.concatenate([np.zeros(1), *(each.disk for each in found)]))
    others = np.setdiff1d(np.flatnonzero(size), np.array(shared, dtype=np.intp))
    return Rooms(
        number=number,
        room=(least + most_room) / 2,
        left=np.minimum(view.free[number] - least, size.sum()),
        size=size,
        often=np.maximum(often, 1.0),
        enumerated=np.array(shared, dtype=np.intp),
        others=others,
        kept=kept,
        cells=(np.flatnonzero(first <= middle), np.flatnonzero(first >= middle)),
        ways=tuple(_ways(view, each, kept, shared, most_room) for each in found),
    )


def _kinds(loads: Floats) -> tuple[Floats, Floats]:
    """Tell rooms apart by what rebuilds take at most: the least and the most of each kind."""
    different = np.unique(loads)
    if len(different) <= ROOMS:
        return different, different
    ends = np.unique(np.linspace(0, len(different) - 1, ROOMS).astype(np.intp))
    return different[np.concatenate([[0], ends[:-1] + 1])], different[ends]


def _ways(view: Coarse, of: Choices, kept: Floats, shared: list[int], most_room: Floats) -> Ways:
    order = np.argsort(of.disk, kind="stable")
    pairs = np.zeros((len(order), len(view.pairs)))
    pairs[:, list(of.pairs)] = of.sets[order]
    needs = np.zeros((len(order), len(view.size)))
    needs[:, list(of.atoms)] = of.needs[order]
    wanted = needs * view.size
    lacking = view.size[shared] - kept
    other = np.array([atom for atom in of.atoms if atom not in shared], dtype=np.intp)
    cost = float(view.cost[of.failure])
    return Ways(
        cost=cost,
        pairs=pairs,
        atoms=other,
        bytes=wanted[:, other],
        missing=cost * (lacking @ needs[:, shared].T),
        last=np.searchsorted(of.disk[order], most_room, side="right") - 1,
    )


def gains(of: Rooms, earned: list[Floats], worth: Floats, disk: Floats) -> Floats:
    """Bound the gain for each way to keep, price of disk and room.

    Parameters
    ----------
    of
        The server.
    earned
        What each set is paid, by failure.
    worth
        What a unit stored of each atom earns, less what it costs, shape (atoms,).
    disk
        Prices of a unit of disk, shape (prices,).

    Returns
    -------
    Shape (ways to keep, prices, rooms).
    """
    spare = np.maximum(worth[of.others] - disk[:, None], 0.0) @ of.size[of.others]
    fixed = (of.kept @ worth[of.enumerated])[:, None] - of.kept.sum(axis=1)[:, None] * disk
    total: Floats = (fixed + spare)[:, :, None] + disk[None, :, None] * of.left
    for ways, paid in zip(of.ways, earned, strict=True):
        value = paid - rent(of, ways, worth, disk) @ ways.bytes.T
        value = np.maximum.accumulate(value - ways.missing[:, None, :], axis=2)
        total += value.take(ways.last, axis=2)
    return total


def rent(of: Rooms, ways: Ways, worth: Floats, disk: Floats) -> Floats:
    """Give what a unit of an atom costs a set: its transfer, or its share of the price of disk."""
    share = np.floor(np.maximum(disk[:, None] - worth[ways.atoms], 0.0) / of.often[ways.atoms])
    return np.where(of.size[ways.atoms] > 0, np.minimum(share, ways.cost), ways.cost)


def paid_sets(of: Rooms, pair_price: Floats, shut: Flags) -> list[Floats]:
    """Say what each set earns, by failure; those with a pair that is shut out, never anything."""
    return [np.where(ways.pairs @ shut > 0, NEVER, ways.pairs @ pair_price) for ways in of.ways]
