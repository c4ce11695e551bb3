"""Many choices of one server at once: what is best stored for rebuilds, and the other way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.bounds.choices import Choices, choices
from spareplace.bounds.coarse import Coarse, Floats

ROUNDS = 6
"""How often rebuilds and what is stored are suited to each other at most."""

NEVER = -1e300
"""Worse than every set."""

Chosen = list[NDArray[np.intp]]
"""For each failure, the set that is rebuilt in each of some tries."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """The sets of one failure.

    Parameters
    ----------
    of
        The sets.
    atoms
        What they need.
    cost
        Of a unit of an atom that is transferred for a set; 0 where it does not need it, shape
        (sets, atoms of these sets).
    """

    of: Choices
    atoms: NDArray[np.intp]
    cost: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Server:
    """One server, prepared.

    Parameters
    ----------
    number
        Of the server.
    free
        Its disk for rebuilds and for what is stored.
    size
        Of each atom that it does not hold anyway, else 0, shape (atoms,).
    room
        How much it may store of each atom, shape (atoms,).
    whole
        Atoms of which it stores all or nothing, shape (atoms,).
    failures
        In how many failures some set needs each atom, shape (atoms,).
    tables
        One for each failure in which it can rebuild something.
    """

    number: int
    free: float
    size: Floats
    room: Floats
    whole: Flags
    failures: Floats
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paid:
    """What a server is paid.

    Parameters
    ----------
    sets
        For each set, by failure.
    worth
        For a unit stored of each atom, less what storing it costs, shape (atoms,).
    """

    sets: list[Floats]
    worth: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tries:
    """Some choices.

    Parameters
    ----------
    chosen
        What is rebuilt.
    held
        What is stored, shape (tries, atoms).
    gain
        What the server is paid, less the cost of what it transfers, shape (tries,).
    """

    chosen: Chosen
    held: Floats
    gain: Floats


def prepared(view: Coarse, number: int, most: int) -> Server:
    """Prepare a server.

    Raises
    ------
    TooMany
        If there are more than `most` sets of VMs that it can take.
    """
    found = choices(view, number, most)
    users = Counter(atom for each in found for atom in each.atoms)
    size = np.where(view.resident[:, number], 0.0, view.size)
    return Server(
        number=number,
        free=float(view.free[number]),
        size=size,
        room=size * float(view.instance.keeps[number]),
        whole=view.whole,
        failures=np.array([float(users[atom]) for atom in range(len(size))]),
        tables=tuple(
            Table(
                of=each,
                atoms=np.array(each.atoms, dtype=np.intp),
                cost=each.needs * view.cost[each.failure],
            )
            for each in found
        ),
    )


def paid_for(view: Coarse, of: Server, pair_price: Floats, worth: Floats) -> Paid:
    """Say what a server is paid when pairs and units of atoms have prices."""
    sets = [table.of.sets @ pair_price[list(table.of.pairs)] for table in of.tables]
    return Paid(sets=sets, worth=worth - view.price)


def stored(
    of: Server,
    paid: Paid,
    chosen: Chosen,
    *,
    first: Floats | None = None,
    most: Floats | None = None,
) -> Tries:
    """Store what gains most beside what is rebuilt.

    Parameters
    ----------
    of, paid
        The server, and what it is paid.
    chosen
        What is rebuilt.
    first
        What is added to the value of a unit of each atom, for the order alone, shape
        (tries, atoms).
    most
        What may be stored in all, shape (tries,), or ``None`` for all that there is room for.
    """
    tries = len(chosen[0]) if chosen else 1
    value = np.repeat(paid.worth[None], tries, axis=0)
    gain, left = np.zeros(tries), np.full(tries, of.free)
    for table, earned, at in zip(of.tables, paid.sets, chosen, strict=True):
        value[:, table.atoms] += table.cost[at]
        gain += earned[at] - table.cost[at] @ of.size[table.atoms]
        left = np.minimum(left, of.free - table.of.disk[at])
    wished = value if first is None else value + first
    left = left if most is None else np.minimum(left, most)
    order = np.argsort(-wished, axis=1, kind="stable")
    wanted = np.take_along_axis(np.where(wished > 0, of.room, 0.0), order, axis=1)
    before = np.cumsum(wanted, axis=1) - wanted
    held = np.zeros_like(value)
    np.put_along_axis(held, order, np.clip(left[:, None] - before, 0.0, wanted), axis=1)
    held[of.whole & (held < of.room)] = 0.0
    return Tries(chosen=chosen, held=held, gain=gain + (value * held).sum(axis=1))


def rebuilt(of: Server, paid: Paid, held: Floats) -> Chosen:
    """Rebuild what gains most beside what is stored."""
    room = of.free - held.sum(axis=1)
    chosen = []
    for table, earned in zip(of.tables, paid.sets, strict=True):
        missing = of.size[table.atoms] - held[:, table.atoms]
        value = earned[:, None] - table.cost @ missing.T
        chosen.append(np.where(table.of.disk[:, None] <= room, value, NEVER).argmax(axis=0))
    return chosen


def suited(of: Server, paid: Paid, start: Tries) -> Tries:
    """Suit rebuilds and what is stored to each other, until nothing gains."""
    best = start
    for _ in range(ROUNDS):
        after = stored(of, paid, rebuilt(of, paid, best.held))
        better = after.gain > best.gain
        if not better.any():
            break
        best = Tries(
            chosen=[
                np.where(better, new, old)
                for new, old in zip(after.chosen, best.chosen, strict=True)
            ],
            held=np.where(better[:, None], after.held, best.held),
            gain=np.maximum(after.gain, best.gain),
        )
    return best
