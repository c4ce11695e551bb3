"""Boards of one cluster that are annealed together, each by kernels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from spareplace.search.compiled import change as kernels
from spareplace.search.compiled.board import Board, seed_with
from spareplace.search.compiled.jit import entry
from spareplace.search.compiled.land import Land
from spareplace.search.freezing import Freezing, heat_of, is_due, look
from spareplace.search.ground import Ground
from spareplace.search.population import ALONE, selected, worth_having

Cool: TypeAlias = Callable[[Land, Board, int, float, float], int]
Worth: TypeAlias = Callable[[Land, Board], float]


@entry
def cool(stamp: str) -> Cool:
    """Give `change.cool` as Python calls it."""

    def cool(
        land: Land,
        board: Board,
        steps: int,
        warm: float,
        cold: float,
    ) -> int:
        return kernels.cool(land, board, steps, warm, cold) if stamp else 0

    return cool


@entry
def worth(stamp: str) -> Worth:
    """Give `change.value` as Python calls it."""

    def worth(land: Land, board: Board) -> float:
        return kernels.value(land, board) if stamp else 0.0

    return worth


@dataclass(slots=True, kw_only=True, eq=False)
class Population:
    """Boards that cool down together.

    Parameters
    ----------
    ground, land
        The cluster.
    boards
        At least one.
    random
        For what is selected, and for the seeds of copies.
    hot
        A temperature at which a state that has to last may begin.
    melt
        Whether nothing of them has to last.
    freezing
        What is known of the temperature at which they freeze.
    cold
        How far the temperature had fallen when boards were last selected.
    grows
        Whether there are to be more of them when they begin to freeze.
    tried, stayed
        How many changes were tried since one last looked at it, and how many of them stayed.
    """

    ground: Ground
    land: Land
    boards: list[Board]
    random: Random
    hot: float
    melt: bool
    freezing: Freezing
    cold: float
    grows: bool
    tried: int = 0
    stayed: int = 0

    def heat(self, cold: float) -> float:
        """Give the temperature."""
        return heat_of(self.freezing, self.hot, cold, melt=self.melt)

    def values(self) -> list[float]:
        """Give what each is worth."""
        return [worth(self.land, board) for board in self.boards]

    def cool(self, cold: float, steps: int) -> None:
        """Try so many changes of each; learn where they freeze from how many stay."""
        if self.melt and self.tried and is_due(self.freezing, cold):
            self.freezing = look(self.freezing, self.hot, cold, self.stayed / self.tried)
            self.tried = self.stayed = 0
        heat = self.heat(cold)
        for board in self.boards:
            self.stayed += cool(self.land, board, steps, heat, heat)
        self.tried += steps * len(self.boards)

    def select(self, cold: float, changes: float) -> None:
        """Put copies of those that stand well in the place of others; grow when it is time.

        Parameters
        ----------
        cold
            How far the temperature has fallen.
        changes
            How many there is time for, from hot to cold.
        """
        at, before = self.random.random(), self.boards
        chosen = selected(self.values(), self.heat(self.cold), self.heat(cold), at)
        if self.grows and self.freezing.point and ALONE <= cold < 1:
            pairs, diffs = len(self.ground.pairs), len(self.ground.instance.size)
            chosen *= worth_having(changes, pairs, self.ground.servers, diffs)
            self.grows = False
        self.cold, self.boards = cold, [before[state] for state in dict.fromkeys(chosen)]
        for state, times in Counter(chosen).items():
            self.boards += [self.copied(before[state]) for _ in range(times - 1)]

    def copied(self, board: Board) -> Board:
        """Copy a board; its random choices will be other ones."""
        copy = deepcopy(board)
        seed_with(copy, self.random.randrange(2**31))
        return copy
