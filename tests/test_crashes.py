"""Where CP-SAT dies while it plans, the plan is the best that is there, and the log says why."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from spareplace import starting
from spareplace.errors import NoPlan
from spareplace.options import Method
from spareplace.planning import plan
from spareplace.solvers import surviving
from spareplace.solvers.surviving import CREW
from tests.examples import paper, three_servers

FAKES = "tests.solvers.misbehaving:"


@pytest.fixture(autouse=True)
def _dies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let CP-SAT die wherever it does not solve here; neighbourhoods of the search still do."""
    monkeypatch.setattr(CREW, "target", FAKES + "is_killed")
    monkeypatch.setattr(surviving, "SMALL", 0)
    yield
    assert not CREW.is_there()


def _without_start(*_: object) -> None:
    raise NoPlan("no start today")


@pytest.mark.parametrize("method", ["auto", "milp"])
def test_a_plan_is_given_all_the_same(method: Method, caplog: pytest.LogCaptureFixture) -> None:
    found = plan(paper(), method=method, iterations=1, workers=1, time_limit=None)
    assert found.status == "feasible" or found.expected_transfer_bytes == 0
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert warnings[0] == (
        "the process of cp-sat was killed by SIGKILL, as when memory runs out; "
        "it is tried once more, with one worker"
    )


def test_auto_finds_by_search_what_no_other_process_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "heuristic", _without_start)
    found = plan(three_servers(), iterations=1, workers=1, time_limit=None)
    assert found.expected_transfer_bytes == 0


def test_milp_without_anything_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "heuristic", _without_start)
    with pytest.raises(NoPlan, match="the process of cp-sat was killed by SIGKILL, as when memory"):
        plan(three_servers(), method="milp", workers=1, time_limit=None)


def test_milp_takes_the_second_try_with_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CREW, "target", FAKES + "crashes_with_many")
    found = plan(three_servers(), method="milp", workers=2, time_limit=None)
    assert found.status == "optimal"
