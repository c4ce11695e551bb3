"""When a search gives up all that stands, and anneals from hot to cold once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from spareplace.clock import Clock
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.placement import Placement
from spareplace.search import improving
from spareplace.search.annealing import Span
from spareplace.search.freezing import UNKNOWN, Freezing
from spareplace.search.ground import ground
from spareplace.search.improving import Hunt
from spareplace.search.mending import mend
from spareplace.search.neighbourhoods import Answer, Question
from spareplace.search.position import Position, first_position
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, decisions_of, snapshot, state_of

FOUND = Freezing(looks=3, looked=0.05, stayed=0.5, point=7.0)


@dataclass
class Fake:
    """Takes the place of annealing: the temperature falls to where it says, nothing else happens.

    `others` are how many states it says there are beside the one.
    """

    cold: float
    others: int = 0
    asked: list[int] = field(default_factory=list)
    known: list[Freezing] = field(default_factory=list)

    def __call__(
        self,
        state: State,
        _random: Random,
        _clock: Clock,
        iterations: int,
        _hot: float,
        _note: object,
        span: Span,
        *_: object,
    ) -> tuple[State, float, tuple[Snapshot, ...], Freezing]:
        self.asked.append(iterations)
        self.known.append(span.freezing)
        return state, self.cold, (snapshot(state),) * self.others, FOUND


def none(questions: Sequence[Question]) -> list[Answer]:
    return [(None, False) for _ in questions]


def hunt(clock: Clock, **known: float) -> Hunt:
    """Give a search that has annealed, and whose neighbourhoods gain nothing."""
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=3, disk_slack=1.0, seed=3)))
    state = state_of(terrain, decisions_of(terrain, Placement()))
    state = mend(state, Random(1), Clock())
    at: Position = replace(first_position(state, warm=True), **known)  # type: ignore[arg-type]
    return Hunt(
        state=state,
        at=at,
        random=Random(2),
        clock=clock,
        soft=clock,
        workers=1,
        ask=none,
        found=lambda _: None,
    )


def test_it_melts_again_when_descents_have_taken_longer_and_not_before() -> None:
    due, early = hunt(Clock(limit=60), melted=1.0, descended=1.5), hunt(Clock(limit=60), melted=1e6)
    for each in (due, early):
        each.more = 4.0
        each.soft = Clock(limit=0.0)
        each.go(None)
    assert (due.at.cold, due.at.melted, due.at.descended, due.more) == (0.0, 0.0, 0.0, 1.0)
    assert (early.at.cold, early.more) == (1.0, 4.0)


def test_one_state_alone_never_melts_again() -> None:
    alone = hunt(Clock(limit=60), descended=1e6)
    alone.soft = Clock(limit=0.0)
    alone.go(None)
    assert alone.at.cold == 1.0


def test_nothing_melts_again_when_all_batches_are_solved() -> None:
    done = hunt(Clock(limit=60), melted=1.0, descended=1.5)
    done.go(0)
    assert done.at.cold == 1.0


@pytest.mark.parametrize(("others", "limit", "known"), [(3, 60.0, True), (0, 60.0, False)])
def test_only_how_long_a_population_takes_is_known(
    monkeypatch: pytest.MonkeyPatch, others: int, limit: float, known: bool
) -> None:
    monkeypatch.setattr(improving, "temper", Fake(cold=0.5, others=others))
    cooling = hunt(Clock(limit=limit), cold=0.4)
    cooling.melt(1.0, Clock(limit=limit))
    assert (cooling.at.cold, len(cooling.at.others)) == (0.5, others)
    assert (cooling.at.melted > 0) == known


def test_where_it_freezes_is_kept_for_the_next_leg(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(cold=0.5)
    monkeypatch.setattr(improving, "temper", fake)
    cooling = hunt(Clock(limit=60), cold=0.1)
    for _ in range(2):
        cooling.melt(1.0, Clock(limit=60))
    assert fake.known == [UNKNOWN, FOUND]
    assert cooling.position().freezing == FOUND


def test_without_a_clock_no_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(improving, "temper", Fake(cold=0.5, others=3))
    cooling = hunt(Clock(), cold=0.4)
    cooling.melt(1.0, Clock())
    assert cooling.at.melted == 0


def test_each_time_it_takes_twice_as_many_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(cold=1.0)
    monkeypatch.setattr(improving, "temper", fake)
    cooling = hunt(Clock(), cold=0.0)
    for melts in (1, 2, 3):
        cooling.melt(1.0, Clock())
        assert (cooling.at.cold, cooling.at.melts) == (1.0, melts)
        cooling.at = replace(cooling.at, cold=0.0)
    first = fake.asked[0]
    assert fake.asked == [first, 2 * first, 4 * first]


@pytest.mark.parametrize("left", [None, 0.0])
def test_where_the_temperature_cannot_fall_melting_ends(
    monkeypatch: pytest.MonkeyPatch, left: float | None
) -> None:
    fake = Fake(cold=0.2)
    monkeypatch.setattr(improving, "temper", fake)
    cooling = hunt(Clock(), cold=0.2)
    cooling.melt(1.0, Clock(limit=left))
    assert cooling.at.cold == 1.0
    assert len(fake.asked) == (left is None)
