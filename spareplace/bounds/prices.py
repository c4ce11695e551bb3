"""Prices of what servers share: of every rebuild, and of every copy that has to survive."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from spareplace.affinity import Flags
from spareplace.bounds.coarse import Coarse, Floats
from spareplace.bounds.columns import Column

GAIN = 1e-4
"""By how much, as a share, a column must gain more than those that are there."""

MOST, KEPT = 300, 150
"""From how many columns of a server on some are forgotten, and how many are kept."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prices:
    """Whole numbers: what each rebuild earns, and a unit of the atom of each row of survival.

    Parameters
    ----------
    pair
        Shape (pairs,).
    row
        Shape (rows,).
    """

    pair: Floats
    row: Floats

    def worth(self, view: Coarse, server: int) -> Floats:
        """Give what a unit of each atom earns where it is stored on a server, shape (atoms,)."""
        worth = np.zeros(len(view.size))
        np.add.at(worth, view.row_atom, self.row * view.row_weight[:, server])
        return worth

    def earned(self, view: Coarse) -> int:
        """Give what all servers together earn for doing what has to be done, and no more."""
        least = zip(self.row, view.size[view.row_atom], view.row_least, strict=True)
        return sum(map(int, self.pair)) + sum(
            int(price) * int(size) * int(copies) for price, size, copies in least
        )


class Covering(Protocol):
    """The linear program of `spareplace.solvers.linear`."""

    caps: Floats
    short: Flags

    def add(self, group: int, cost: float, rows: Sequence[int], covers: Sequence[float]) -> None:
        """Add a column."""
        ...

    def solve(self) -> tuple[float, Floats] | None:
        """Give the least cost, and the price of each row."""
        ...

    def shares(self) -> Floats:
        """Give how much of each column the last solution takes."""
        ...

    def keep(self, columns: Sequence[int]) -> None:
        """Forget all columns but these."""
        ...

    def raise_caps(self, rows: Flags, factor: float) -> None:
        """Make it dearer to leave rows short."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Master:
    """The least that columns of all servers cost together when shares of them may be taken.

    Parameters
    ----------
    view
        The cluster in coarse units.
    linear
        The linear program: a row for each pair, then for each row of survival.
    scale
        The cost that 1 stands for there.
    columns
        Of each server, those that are not forgotten.
    added
        The server of each column, in the order of the linear program.
    """

    view: Coarse
    linear: Covering
    scale: float
    columns: list[list[Column]]
    added: list[int] = field(default_factory=list)

    def prices(self, at: Floats) -> Prices:
        """Round prices of the linear program to whole numbers, down."""
        view, pairs = self.view, len(self.view.pairs)
        rows = at[pairs:] * self.scale / view.size[view.row_atom]
        return Prices(pair=np.floor(at[:pairs] * self.scale), row=np.floor(rows))

    def add(self, server: int, column: Column) -> None:
        """Add a column of a server."""
        view = self.view
        held = column.held[view.row_atom] * view.row_weight[:, server]
        covers = np.concatenate([column.rebuilt, held / view.size[view.row_atom]])
        rows = np.flatnonzero(covers)
        self.columns[server].append(column)
        self.added.append(server)
        self.linear.add(server, column.cost / self.scale, rows.tolist(), covers[rows].tolist())

    def best(self, server: int, prices: Prices) -> tuple[Column, float]:
        """Give the column of a server that gains most, and how much; at least doing nothing."""
        view = self.view
        idle = Column(rebuilt=np.zeros(len(view.pairs)), held=np.zeros(len(view.size)), cost=0.0)
        worth = prices.worth(view, server)
        gains = [each.gain(prices.pair, worth) for each in self.columns[server]]
        at = int(np.argmax([*gains, 0.0]))
        return ([*self.columns[server], idle][at], [*gains, 0.0][at])

    def add_gaining(self, server: int, found: Sequence[Column], prices: Prices) -> int:
        """Add those of some columns that gain more than all before; tell how many."""
        worth = prices.worth(self.view, server)
        least = self.best(server, prices)[1] * (1 + GAIN) + 1
        new = [each for each in found if each.gain(prices.pair, worth) > least]
        for each in new:
            self.add(server, each)
        return len(new)

    def forget(self, prices: Prices) -> None:
        """Where there are many columns, keep those that gain most at some prices."""
        if len(self.added) < MOST * len(self.columns):
            return
        kept = []
        for server, columns in enumerate(self.columns):
            worth = prices.worth(self.view, server)
            gains = np.array([each.gain(prices.pair, worth) for each in columns])
            best = set(np.argsort(-gains, kind="stable")[:KEPT].tolist())
            numbers = [at for at, of in enumerate(self.added) if of == server]
            kept += [at for number, at in enumerate(numbers) if number in best]
            self.columns[server] = [each for at, each in enumerate(columns) if at in best]
        kept.sort()
        self.added = [self.added[at] for at in kept]
        self.linear.keep(kept)


def master(view: Coarse) -> Master:
    """Start without columns; whatever is left out costs twice what its transfer would."""
    pair_cost = (view.needs @ view.size) * view.cost[view.failure]
    row_cost = view.size[view.row_atom] * view.cost.max(initial=1.0)
    scale = float(pair_cost.max(initial=1.0))
    # OR-Tools is loaded when it is first used.
    linear: Covering = importlib.import_module("spareplace.solvers.linear").Covering(
        least=np.concatenate([np.ones(len(view.pairs)), view.row_least]),
        caps=2 * np.maximum(np.concatenate([pair_cost, row_cost]), 1.0) / scale,
        groups=len(view.free),
    )
    return Master(view=view, linear=linear, scale=scale, columns=[[] for _ in view.free])
