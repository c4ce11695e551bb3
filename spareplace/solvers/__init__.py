"""The solvers, by name; each one's library is loaded when it is first used."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util

from spareplace.errors import SolverUnavailable
from spareplace.references import nearly
from spareplace.solvers.apart import Apart, ask
from spareplace.solvers.base import Solver, SolverInfo
from spareplace.solvers.names import CBCS, DEFAULT, PULP, SOLVERS, library, version
from spareplace.solvers.surviving import CREW, survived

__all__ = ["DEFAULT", "SOLVERS", "SolverInfo", "available_solvers", "load"]


def load(name: str) -> Solver:
    """Give a solver.

    CP-SAT runs in this process, if OR-Tools can be loaded into it; in a shelter, what is not
    short runs in others that are kept (see `spareplace.solvers.surviving`). The other solvers run
    each in a process of its own, which takes up to half a second to start; whether OR-Tools can be
    loaded there shows only then.

    Parameters
    ----------
    name
        ``cp-sat``, ``scip``, ``highs``, ``cbc``, or ``pulp:`` and the name that PuLP has for
        one that it finds.

    Raises
    ------
    SolverUnavailable
        When there is none of that name, or it is not installed, or cannot be loaded.

    Examples
    --------
    >>> from spareplace import solvers
    >>> solve = solvers.load("cp-sat")
    >>> solvers.load("cp-sta")
    Traceback (most recent call last):
    spareplace.errors.SolverUnavailable: solver 'cp-sta' is not available: there is none of ...
    """
    if name not in SOLVERS and not name.startswith(PULP):
        known = ", ".join(SOLVERS)
        why = f"there is none of that name, only {known} and {PULP}NAME"
        raise SolverUnavailable(name, "; ".join(filter(None, (why, _near(name, *SOLVERS)))))
    if importlib.util.find_spec(library(name)) is None:
        raise SolverUnavailable(name, f"it is not installed: pip install {library(name)}")
    if library(name) == "pulp":
        return Apart(target=SOLVERS["cbc"], option=_native(name), name=name)
    if name == DEFAULT:
        return _load_here(name)
    return Apart(target=SOLVERS[name], name=name)


def available_solvers() -> tuple[SolverInfo, ...]:
    """Tell of every solver known here whether it can be used, and why not.

    It loads each of them, so it takes seconds.
    """
    natives = (PULP + native for native in _natives() if native not in CBCS)
    return tuple(_info(name) for name in (*SOLVERS, *natives))


def _info(name: str) -> SolverInfo:
    try:
        found: str | None = f"{library(name)} {version(name)}"
    except importlib.metadata.PackageNotFoundError:
        found = None
    try:
        load(name)
        if library(name) == "ortools" and name != DEFAULT:
            ask(_module(name) + ":loaded", name=name)
    except SolverUnavailable as error:
        return SolverInfo(name=name, version=found, available=False, why=error.why)
    return SolverInfo(name=name, version=found, available=True)


def _load_here(name: str) -> Solver:
    """Load a solver into this process, or, if something in it is in the way, another one.

    highspy, which PuLP loads by itself, lets no OR-Tools in after it (or-tools#5246).
    """
    function = SOLVERS[name].removeprefix(_module(name) + ":")
    try:
        solver: Solver = getattr(importlib.import_module(_module(name)), function)
    except ImportError:
        ask(_module(name) + ":loaded", name=name)
        return Apart(target=SOLVERS[name], name=name)
    return functools.partial(survived, solver) if CREW.is_there() else solver


def _module(name: str) -> str:
    return SOLVERS[name].partition(":")[0]


def _native(name: str) -> str:
    """Give PuLP's name of a solver that it finds."""
    natives = _natives()
    wanted = CBCS if name == "cbc" else (name.removeprefix(PULP),)
    for native in wanted:
        if native in natives:
            return native
    if name == "cbc":
        raise SolverUnavailable(name, "PuLP finds no CBC: pip install cbcbox, or put cbc on PATH")
    there = ", ".join(PULP + native for native in natives) or "none"
    why = f"PuLP does not find it here; it finds {there}"
    raise SolverUnavailable(name, "; ".join(filter(None, (why, _near(wanted[0], *natives)))))


@functools.cache
def _natives() -> tuple[str, ...]:
    """Ask PuLP what it finds, once, in another process: it loads whatever it finds."""
    if importlib.util.find_spec("pulp") is None:
        return ()
    natives: tuple[str, ...] = ask("spareplace.solvers.pulp_solvers:found", name="pulp")
    return natives


def _near(name: str, *known: str) -> str:
    return nearly(name, dict.fromkeys(known, ""))
