"""What the commands that make plans have in common."""

from __future__ import annotations

import pytest

from spareplace.cli.interrupts import heard
from spareplace.cli.planning_options import Watch
from spareplace.cli.progress_lines import HowFar
from spareplace.cli.standard_error import StandardError
from spareplace.files import read_plan
from spareplace.goals import Goal, largest_transfer
from spareplace.watching import Progress
from tests.cli.commands import PAPER, TINY, run


def test_another_objective_reaches_the_planner() -> None:
    result = run("plan", PAPER, "--objective=worst", "--method=milp", "--max-pieces=1", "--json")
    assert result.exit_code == 0
    assert largest_transfer(read_plan(result.stdout_bytes).recoveries) == 0


@pytest.mark.parametrize(
    "more",
    [
        ("--objective", "mean"),
        ("--objective=time", "--stored-cost=1"),
        ("--objective=worst", "--method=level"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(more: tuple[str, ...]) -> None:
    result = run("plan", "-", *more, given=TINY)
    assert result.exit_code == 2
    assert "objective" in result.stderr


def test_a_cluster_without_rates_has_no_times_to_be_least() -> None:
    result = run("plan", "-", "--objective=time", given=TINY)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--objective: found 'time' for a cluster without rates" in result.stderr
    assert "net_in or net_out" in result.stderr


class _Shown(StandardError):
    """One that remembers its live lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def show(self, far: HowFar) -> None:
        self.lines.append(far.text)


@pytest.mark.parametrize(
    ("objective", "shown"),
    [
        ("transfer", "1.0 s  best 90 B  bound 45 B  gap 50 %"),
        ("worst", "1.0 s  best 90 B  bound 45 B  gap 50 %"),
        ("time", "1.0 s  best 1 min 30 s  bound 45 s  gap 50 %"),
    ],
)
def test_progress_is_shown_in_the_unit_of_the_objective(objective: Goal, shown: str) -> None:
    err = _Shown()
    with heard() as interrupts:
        watch = Watch(err, interrupts)
        assert not watch.told(
            Progress(seconds=1.0, incumbent=90.0, bound=45.0, objective=objective)
        )
        watch.told(Progress(seconds=0.0, incumbent=None, bound=0.0, objective=objective))
    assert err.lines[0] == shown
    assert "none yet" in err.lines[1]
