"""The linear program that grows: its value, its prices, and the company of CP-SAT."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import spareplace
from spareplace.solvers.linear import Covering


def _covering(caps: tuple[float, ...] = (10.0, 10.0)) -> Covering:
    return Covering(least=np.array([1.0, 2.0]), caps=np.array(caps), groups=2)


def test_without_columns_every_row_is_left_short_at_its_price() -> None:
    covering = _covering()
    solved = covering.solve()
    assert solved is not None
    assert solved[0] == pytest.approx(30)
    assert solved[1] == pytest.approx([10, 10])
    assert covering.short.all()


def test_columns_are_shared_out_and_their_prices_told() -> None:
    """Group 0 covers the first row for 1; 1 of the second is covered for 3, the rest left."""
    covering = _covering()
    covering.add(0, 1.0, [0], [1.0])
    covering.add(1, 3.0, [1], [1.0])
    solved = covering.solve()
    assert solved is not None
    assert solved[0] == pytest.approx(1 + 3 + 10)
    assert covering.short.tolist() == [False, True]


def test_what_is_left_short_gets_dearer() -> None:
    covering = _covering()
    covering.raise_caps(np.array([False, True]), 3.0)
    solved = covering.solve()
    assert solved is not None
    assert solved[0] == pytest.approx(10 + 60)


def test_it_lives_beside_cp_sat_and_says_nothing() -> None:
    code = (
        "import numpy as np\n"
        "from ortools.sat.python import cp_model\n"
        "from spareplace.solvers.linear import Covering\n"
        "model = cp_model.CpModel(); x = model.new_int_var(0, 5, 'x'); model.maximize(x)\n"
        "covering = Covering(least=np.ones(1), caps=np.ones(1), groups=1)\n"
        "assert covering.solve()[0] == 1.0\n"
        "solver = cp_model.CpSolver(); solver.solve(model); assert solver.objective_value == 5\n"
        "covering.add(0, 0.5, [0], [1.0]); assert covering.solve()[0] == 0.5\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(spareplace.__file__).parents[1],
    )
    assert not done.stdout
    assert not done.stderr
