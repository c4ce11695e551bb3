"""What the solvers are called, where each one's function is, and what brings it."""

from __future__ import annotations

import importlib.metadata

DEFAULT = "cp-sat"

SOLVERS = {
    "cp-sat": "spareplace.solvers.cp_sat:solve",
    "scip": "spareplace.solvers.mathopt:scip",
    "highs": "spareplace.solvers.mathopt:highs",
    "cbc": "spareplace.solvers.pulp_solvers:solve",
}

PULP = "pulp:"
"""Before PuLP's name of any other solver that it finds."""

CBCS = ("PULP_CBC_CMD", "COIN_CMD")
"""PuLP's names for CBC: the one that PuLP 3 brings, and one installed beside it."""


def library(name: str) -> str:
    """Give the distribution that a solver comes with, which is also its package."""
    return "pulp" if name == "cbc" or name.startswith(PULP) else "ortools"


def version(name: str) -> str:
    """Give the version of that distribution, in two numbers.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        When it is not installed.
    """
    return ".".join(importlib.metadata.version(library(name)).split(".")[:2])
