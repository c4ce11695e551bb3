"""The cluster in coarse units, as a relaxation: what a bound by servers is worked out on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.amounts import DISK
from spareplace.instance import Instance
from spareplace.units import exact_weight

Floats = NDArray[np.float64]

FINE = 2**20
"""Into about how many units all bytes that may be stored are counted."""

DEAR = 2**14
"""What the transfer of one unit costs in the failure of the largest weight."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coarse:
    """A cluster that is no harder to plan for, in numbers so small that floats are exact.

    Sizes and weights are rounded down, free disk is rounded up. Diffs that the same rebuilds
    need and the same servers hold are one *atom*: they may be stored in proportion. All floats
    are whole numbers.

    Parameters
    ----------
    instance
        What was made coarse.
    bytes
        The expected transfer that a cost of 1 stands for.
    pairs
        The (failure, VM) pairs to be rebuilt.
    failure
        Of each pair, shape (pairs,).
    disk
        What a rebuild takes, shape (pairs,).
    free
        What a server has for rebuilds and extents, shape (servers,).
    diffs
        What the atoms are made of.
    size
        Of the atoms, more than 0, shape (atoms,).
    needs
        Whether a pair needs an atom, shape (pairs, atoms).
    whole
        Atoms that may not be stored in parts, shape (atoms,).
    resident
        Atoms that a server holds anyway, shape (atoms, servers).
    cost
        Of a unit transferred in a failure, shape (failures,).
    price
        Of a unit stored.
    row_atom, row_weight, row_least
        What has to survive: for each row, the atom, how much a copy on each server counts, and
        how many copies there have to be; shapes (rows,), (rows, servers) and (rows,).
    """

    instance: Instance
    bytes: Fraction
    pairs: tuple[tuple[int, int], ...]
    failure: NDArray[np.intp]
    disk: Floats
    free: Floats
    diffs: tuple[tuple[int, ...], ...]
    size: Floats
    needs: Flags
    whole: Flags
    resident: Flags
    cost: Floats
    price: int
    row_atom: NDArray[np.intp]
    row_weight: Floats
    row_least: Floats


def coarse(instance: Instance, *, max_pieces: int, stored_cost: float) -> Coarse:
    """Make a cluster coarse.

    Parameters
    ----------
    instance
        The cluster in numbers.
    max_pieces
        Into how many pieces a diff may be cut; with 1, copies are whole.
    stored_cost
        The expected transferred bytes that one more stored byte must save.
    """
    dependents = {diff: tuple(of) for diff, of in instance.dependents().items()}
    unit = max(1, sum(instance.size[diff] for diff in dependents) // FINE)
    atoms: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for diff, of in dependents.items():
        atoms[of, instance.asked[diff], instance.resident[diff].tobytes()].append(diff)
    diffs = [tuple(of) for of in atoms.values() if sum(instance.size[d] for d in of) >= unit]
    first = np.array([of[0] for of in diffs], dtype=np.intp)
    pairs = [(failure, vm) for failure, lost in enumerate(instance.lost) for vm in lost]
    needs = [[diff in instance.chain[vm] for diff in first.tolist()] for _, vm in pairs]
    step = max(instance.weight, default=Fraction(1)) / DEAR or Fraction(1)
    rows = [row for atom, diff in enumerate(first.tolist()) for row in _rows(instance, atom, diff)]
    servers = instance.down.shape[1]
    return Coarse(
        instance=instance,
        bytes=step * unit,
        pairs=tuple(pairs),
        failure=np.array([failure for failure, _ in pairs], dtype=np.intp),
        disk=_whole([int(instance.demand[vm, DISK]) // unit for _, vm in pairs]),
        free=_whole([-(-int(free) // unit) for free in instance.free[:, DISK]]),
        diffs=tuple(diffs),
        size=_whole([sum(instance.size[diff] for diff in of) // unit for of in diffs]),
        needs=np.array(needs, dtype=bool).reshape(len(pairs), len(diffs)),
        whole=np.array(
            [len(of) == 1 and (max_pieces == 1 or of[0] in instance.uncut) for of in diffs],
            dtype=bool,
        ),
        resident=instance.resident[first].reshape(len(diffs), servers),
        cost=_whole([int(weight / step) for weight in instance.weight]),
        price=int(exact_weight(stored_cost) / step),
        row_atom=np.array([atom for atom, _, _ in rows], dtype=np.intp),
        row_weight=np.array([weight for _, weight, _ in rows]).reshape(len(rows), servers),
        row_least=_whole([least for _, _, least in rows]),
    )


def _whole(numbers: list[int]) -> Floats:
    return np.array(numbers, dtype=np.float64)


def _rows(instance: Instance, atom: int, diff: int) -> list[tuple[int, Floats, int]]:
    """Say what has to survive, first of all failures that ask for the diff at once.

    Of each byte there is a copy that survives them all, or there are two that each survive some.
    """
    asked = instance.asked[diff]
    if not asked:
        return []
    down = instance.down[list(asked)]
    often = np.where(down.all(axis=0), 0.0, np.where(down.any(axis=0), 1.0, 2.0))
    rows = [(atom, often, 2)]
    rows += [(atom, (~lost).astype(np.float64), 1) for lost in np.unique(down, axis=0)]
    return rows[1:] if len(rows) == 2 else rows
