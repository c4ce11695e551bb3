from __future__ import annotations

import json

import pytest

from spareplace.cli import solvers_command
from spareplace.solvers import SOLVERS, SolverInfo
from tests.cli.commands import run

TWO = (
    SolverInfo(name="cp-sat", version="ortools 9.15", available=True),
    SolverInfo(name="cbc", version=None, available=False, why="it is not installed\x1b[2J"),
)


def test_every_solver_known_is_listed_as_it_is_here() -> None:
    result = run("solvers", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["format"] == "spareplace/solvers/1"
    assert [solver["name"] for solver in document["solvers"]][: len(SOLVERS)] == list(SOLVERS)
    for solver in document["solvers"]:
        assert set(solver) == {"name", "version", "available", "why"}
        assert solver["available"] == (solver["why"] == "")


def test_people_are_told_why_one_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers_command, "available_solvers", lambda: TWO)
    assert run("solvers").stdout == (
        "solver  here  version\n"
        "cp-sat  yes   ortools 9.15\n"
        "cbc     no    -\n"
        "\n"
        "cbc: it is not installed\\x1b[2J\n"
    )
