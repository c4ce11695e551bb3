"""A leg of a search: a stretch of it that any process can go, from a position to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from spareplace.clock import Clock
from spareplace.search.ground import Ground
from spareplace.search.improving import Hunt
from spareplace.search.neighbourhoods import Answer, Question, answer
from spareplace.search.position import Position
from spareplace.search.translating import state_of

SHARE = 0.8
"""Which share of the time left annealing from hot to cold may take: the larger the cluster, the
more it gains before exact neighbourhoods do."""

SECONDS, EACH = 2.0, 1e-6
"""How long a leg takes where there is a clock: so many seconds, or so many for each number of the
largest array of a state, if that is more. To lay out a state and send it takes a tenth of that."""


def pace(terrain: Ground) -> float:
    """Give the seconds of a leg."""
    return max(SECONDS, EACH * len(terrain.diff_of) * terrain.servers)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leg:
    """What is to be done; it can be sent to another process.

    Parameters
    ----------
    ground
        The cluster as the search sees it.
    start
        Where the search is.
    seed
        For all random choices.
    until
        How far annealing from hot to cold may fall, if that is under way.
    batches
        The most batches of neighbourhoods, or ``None``.
    seconds
        After how many the leg is to end where nothing is lost by it, or ``None``.
    left
        How many the whole search has left, or ``None``.
    melting
        How many that annealing has left, or ``None``.
    """

    ground: Ground
    start: Position
    seed: int
    until: float
    batches: int | None
    seconds: float | None
    left: float | None
    melting: float | None


def go(leg: Leg) -> Position:
    """Go one leg; give where it ended."""
    clock = Clock(limit=leg.left)
    hunt = Hunt(
        state=state_of(leg.ground, leg.start.now),
        at=leg.start,
        random=Random(leg.seed),
        clock=clock,
        soft=Clock(limit=leg.seconds, started=clock.started),
        workers=1,
        ask=_answers,
        found=lambda _: None,
    )
    if leg.start.cold < 1:
        hunt.melt(leg.until, Clock(limit=leg.melting, started=clock.started))
    else:
        hunt.go(leg.batches)
    return hunt.position()


def _answers(questions: Sequence[Question]) -> list[Answer]:
    return [answer(question) for question in questions]
