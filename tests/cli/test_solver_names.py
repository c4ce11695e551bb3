from __future__ import annotations

import click
import pytest

from spareplace.cli.solver_names import complete_solver, read_solver
from spareplace.solvers import SOLVERS

CONTEXT = click.Context(click.Command("plan"))
OPTION = click.Option(["--solver"])


@pytest.mark.parametrize("name", [*SOLVERS, "pulp:GLPK_CMD"])
def test_known_solvers_and_any_of_pulp_may_be_named(name: str) -> None:
    assert read_solver(CONTEXT, OPTION, name) == name


@pytest.mark.parametrize("name", ["glpk", "", "CP-SAT", "pulp"])
def test_an_unknown_solver_is_refused(name: str) -> None:
    with pytest.raises(click.BadParameter, match="expected one of cp-sat, "):
        read_solver(CONTEXT, OPTION, name)


def test_solvers_are_completed() -> None:
    assert complete_solver(CONTEXT, OPTION, "") == list(SOLVERS)
    assert complete_solver(CONTEXT, OPTION, "hi") == ["highs"]
