"""The names of solvers as values of an option: known ones, whether they are here or not."""

from __future__ import annotations

import click

from spareplace.cli.values import unknown
from spareplace.solvers.names import PULP, SOLVERS


def read_solver(_ctx: click.Context, _param: click.Parameter, text: str) -> str:
    """Read the name of a solver that is known, whether it is here or not."""
    if text not in SOLVERS and not text.startswith(PULP):
        raise unknown(text, *SOLVERS, f"{PULP}NAME")
    return text


def complete_solver(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Complete the name of a solver."""
    return [solver for solver in SOLVERS if solver.startswith(begun)]
