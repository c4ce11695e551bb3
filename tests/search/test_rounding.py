"""What rounding leaves of a sum is told from what is left of the transfer."""

from __future__ import annotations

import math
from random import Random

import pytest

from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Placement
from spareplace.search.annealing import change
from spareplace.search.compiled.land import land_of
from spareplace.search.compiled.laying import board_of, decisions_on
from spareplace.search.compiled.population import cool, worth
from spareplace.search.ground import Ground, ground
from spareplace.search.rounding import sum_anew
from spareplace.search.state import State
from spareplace.search.translating import decisions_of, snapshot, state_of

GB = 10**9


def weighted(seed: int, disk: int = 200, unit: int = GB) -> Ground:
    """Draw a cluster whose weights have as many digits as a float; sizes are in a unit."""
    random = Random(seed)
    names = [f"s{at}" for at in range(5)]
    return ground(
        number(
            Cluster(
                servers=tuple(Server(name=name, disk=disk * unit) for name in names),
                diffs=tuple(
                    Diff(name=f"d{at}", size=random.randint(5 * unit, 9 * unit)) for at in range(12)
                ),
                vms=tuple(
                    VM(name=f"v{at}", server=names[at % 5], diff=f"d{at % 12}", disk=unit)
                    for at in range(20)
                ),
                failures=tuple(
                    Failure(name=f"without {name}", servers=(name,), weight=random.random())
                    for name in names
                ),
            )
        )
    )


def ranked(levels: int) -> Ground:
    """Give a cluster in which each VM has a priority of its own, if there are levels enough."""
    names = [f"s{at}" for at in range(5)]
    return ground(
        number(
            Cluster(
                servers=tuple(Server(name=name, disk=88 * GB) for name in names),
                diffs=tuple(Diff(name=f"d{at}", size=(7 + at % 5) * GB) for at in range(20)),
                vms=tuple(
                    VM(
                        name=f"v{at}",
                        server=names[at % 5],
                        diff=f"d{at}",
                        disk=9 * GB,
                        priority=at % levels,
                    )
                    for at in range(20)
                ),
            )
        )
    )


def lacking(state: State) -> bool:
    return bool(((state.worth > 0) & (state.missing > 0)).any())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("unit", [GB, 10_000 * GB])
def test_where_nothing_is_lacking_nothing_is_transferred(seed: int, unit: int) -> None:
    terrain = weighted(seed, disk=45, unit=unit)
    random = Random(seed)
    state = state_of(terrain, decisions_of(terrain, Placement()))
    seen = set()
    for at in range(600):
        before, mark = state.value, state.mark()
        warm = at % 100 < 20
        if not change(state, random) or (state.value > before and not warm):
            state.undo(mark)
        sum_anew(state)
        assert (state.transfer == 0) == (not lacking(state))
        seen.add(lacking(state))
    assert seen == {True, False}


@pytest.mark.parametrize("seed", range(5))
def test_kernels_too_end_at_exactly_nothing(seed: int) -> None:
    terrain = weighted(seed)
    land = land_of(terrain)
    board = board_of(terrain, land, decisions_of(terrain, Placement()), seed)
    for _ in range(20):
        cool(land, board, 50, 0.0, 0.0)
    state = state_of(terrain, decisions_on(board))
    assert not lacking(state)
    assert worth(land, board) == state.value == 0


def test_who_is_left_out_costs_the_same_whoever_else_was() -> None:
    terrain = ranked(20)
    state = State(terrain)
    by_priority = sorted(range(20), key=lambda pair: terrain.penalty[terrain.pairs[pair][1]])
    for pair in by_priority:
        state.skip(pair)
    for pair in reversed(by_priority[1:]):
        state.unskip(pair)
    assert state.penalty == int(terrain.penalty[terrain.pairs[by_priority[0]][1]])
    state.unskip(by_priority[0])
    assert state.penalty == 0


@pytest.mark.parametrize("levels", [1, 8, 20])
def test_kernels_price_those_left_out_as_if_laid_out_anew(levels: int) -> None:
    terrain = ranked(levels)
    land = land_of(terrain)
    start = state_of(terrain, decisions_of(terrain, Placement()))
    board = board_of(terrain, land, snapshot(start), 3)
    skipped = set()
    for _ in range(30):
        hot = terrain.penalty[-1]
        cool(land, board, 20, hot, hot)
        state = state_of(terrain, decisions_on(board))
        skipped.add(len(state.skipped))
        assert worth(land, board) == pytest.approx(state.value, rel=1e-9)
    assert len(skipped) > 1


def test_no_price_of_a_byte_is_too_high() -> None:
    instance = number(generate_cluster(servers=3, vms_per_server=2))
    penalty = ground(instance, stored_cost=1e300).penalty
    assert all(0 < each < math.inf for each in penalty)
