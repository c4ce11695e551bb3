"""Columns that are good at given prices, found quickly and without proof."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from spareplace.bounds.coarse import Coarse, Floats
from spareplace.bounds.columns import Column, column
from spareplace.bounds.trying import NEVER, Chosen, Paid, Server, Tries, rebuilt, stored, suited

LEVELS = 30
"""At how many amounts of what is stored in all a server is looked at."""

AROUND = (0.0, 0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.5)
"""Which prices of disk are tried, as multiples of the last best one."""

STARTS = 6
"""At how many levels choices are made."""

STEPS = 8
"""How often the neighbours of the best choice are looked at, at most."""

FIRST = 1e250
"""Put before every value."""


def good_columns(
    view: Coarse, of: Server, paid: Paid, disk_price: float, known: Floats
) -> tuple[list[Column], float]:
    """Look for columns that gain much, for several amounts of what is stored in all.

    Returns
    -------
    The columns, the best one first, and about what a unit of disk is worth to it, of which
    `disk_price` is a first guess.
    """
    prices = np.array([disk_price * times for times in AROUND])
    levels = _levels(of)
    total = levels[:, None] * prices
    total += np.maximum(paid.worth[:, None] - prices, 0.0).T @ of.room
    values, reach = [], []
    for table, earned in zip(of.tables, paid.sets, strict=True):
        # An atom is either transferred or kept for this failure's share of the price of disk.
        rent = np.maximum(prices - paid.worth[table.atoms, None], 0.0)
        rent /= of.failures[table.atoms, None]
        unit = np.minimum(rent, table.cost.max(initial=0.0))
        values.append(earned[:, None] - (table.cost > 0) @ (unit * of.size[table.atoms, None]))
        reach.append(np.searchsorted(levels, of.free - table.of.disk, side="right") - 1)
        best = np.full(total.shape, NEVER)
        np.maximum.at(best, reach[-1], values[-1])
        total += np.maximum.accumulate(best[::-1], axis=0)[::-1]
    middle = total.argmin(axis=1)
    start = np.argsort(-total.min(axis=1), kind="stable")[:STARTS]
    at = np.minimum(np.concatenate([middle[start], middle[start] + 1]), len(prices) - 1)
    start = np.concatenate([start, start])
    chosen = [
        np.where(of_set[:, None] >= start, value[:, at], NEVER).argmax(axis=0)
        for of_set, value in zip(reach, values, strict=True)
    ]
    again = rebuilt(of, paid, np.minimum(known, of.room))
    chosen = [np.concatenate(both) for both in zip(chosen, again, strict=True)]
    found = suited(of, paid, stored(of, paid, chosen))
    return list(_columns(view, of, found)), max(float(prices[at[0]]), 1.0)


def better_columns(view: Coarse, of: Server, paid: Paid, start: Column) -> list[Column]:
    """Look around a column, step by step: with one atom kept or not, or with less stored.

    Returns
    -------
    Columns that gain more, the best one first; none if there is none near.
    """
    chosen = [
        np.flatnonzero((table.of.sets == start.rebuilt[list(table.of.pairs)]).all(axis=1))[:1]
        for table in of.tables
    ]
    found: list[Column] = []
    if not chosen or not all(map(len, chosen)):
        return found
    best = stored(of, paid, chosen).gain[0]
    for _ in range(STEPS):
        near = suited(of, paid, _neighbours(of, paid, chosen))
        top = int(near.gain.argmax())
        if near.gain[top] <= best * (1 + 1e-6) + 1:
            break
        best, chosen = near.gain[top], [at[top : top + 1] for at in near.chosen]
        found = [next(_columns(view, of, near)), *found]
    return found


def _neighbours(of: Server, paid: Paid, chosen: Chosen) -> Tries:
    """Store otherwise beside the same rebuilds: with or without an atom, or less in all."""
    atoms = np.flatnonzero(of.room)
    levels = _levels(of)
    tries = 2 * len(atoms) + len(levels)
    first = np.zeros((tries, len(of.room)))
    first[np.arange(len(atoms)), atoms] = FIRST
    first[len(atoms) + np.arange(len(atoms)), atoms] = -FIRST
    most = np.concatenate([np.full(2 * len(atoms), of.free), levels])
    same = [np.repeat(at, tries) for at in chosen]
    return stored(of, paid, same, first=first, most=most)


def _levels(of: Server) -> Floats:
    """Give amounts that may be stored in all, rising: those that leave room for some set."""
    left = [of.free - table.of.disk for table in of.tables]
    levels = np.unique(np.concatenate([*left, np.array([of.free])]))
    if len(levels) <= LEVELS:
        return levels
    return np.asarray(levels[np.unique(np.linspace(0, len(levels) - 1, LEVELS).astype(np.intp))])


def _columns(view: Coarse, of: Server, found: Tries) -> Iterator[Column]:
    """Write down tries that differ in what they rebuild, the best one first."""
    seen = set()
    for at in np.argsort(-found.gain, kind="stable").tolist():
        key = tuple(int(chosen[at]) for chosen in found.chosen)
        if key in seen:
            continue
        seen.add(key)
        made = np.zeros(len(view.pairs))
        for table, chosen in zip(of.tables, found.chosen, strict=True):
            made[list(table.of.pairs)] = table.of.sets[chosen[at]]
        yield column(view, of.number, made, found.held[at])
