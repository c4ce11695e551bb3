"""CBC and whatever else PuLP finds, with PuLP 3.3 and 4; run apart, see there.

The only module that imports `pulp`.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

# Before PuLP, which loads highspy if it is there: after it, OR-Tools can no longer be loaded
# (or-tools#5246). Without OR-Tools nothing is lost.
with contextlib.suppress(ImportError):
    import ortools.init.python.init  # type: ignore[import-untyped]  # noqa: F401
import pulp as installed

from spareplace.errors import Defect, SolverUnavailable
from spareplace.solvers import cbc_log
from spareplace.solvers.base import Answer, Outcome, Request
from spareplace.solvers.beforehand import no_answer, settled
from spareplace.solvers.names import CBCS, PULP, version
from spareplace.solvers.rounding import given
from spareplace.solvers.scaling import Floats, Scaled, scaled

pulp: Any = installed  # with types in PuLP 4, without in PuLP 3, and not the same

EXACT = ("CPSAT",)
"""Solvers that compute with integers: PuLP would make whole numbers of scaled amounts. Only their
word on infeasibility is passed on: CBC calls feasible models infeasible (pulp#662), and of the
others PuLP tells too little."""

UNDECLARED = {"CPSAT": ("threads",)}
"""Options that a solver takes without naming them as parameters."""


def found() -> tuple[str, ...]:
    """Give PuLP's names of the solvers that it finds here."""
    with _known_deprecation():
        return tuple(dict.fromkeys(pulp.listSolvers(onlyAvailable=True)))


def solve(native: str, request: Request) -> Answer:
    """Solve with a solver by PuLP's name.

    Raises
    ------
    SolverUnavailable
        When PuLP does not find it.
    """
    end = math.inf if request.seconds is None else time.monotonic() + request.seconds
    name = f"{'cbc' if native in CBCS else native} (pulp {version(PULP)})"
    early = settled(request, name)
    if early is not None:
        return early
    if native not in found():
        raise SolverUnavailable(PULP + native, "PuLP does not find it here")
    model = scaled(request.milp, whole=native in EXACT)
    problem, columns = _problem(model, request)
    options = _options(native, request, end - time.monotonic())
    if end <= time.monotonic():
        return no_answer(request.milp, name)
    outcome, log = _run(problem, native, options)
    outcome = _believed(outcome, native, late=time.monotonic() >= end)
    with_values = outcome in (Outcome.OPTIMAL, Outcome.FEASIBLE)
    values = _values(model, columns) if with_values else None
    proven = outcome is Outcome.OPTIMAL and request.gap == 0
    dual = -math.inf
    if native in CBCS:
        dual = cbc_log.objective(log) if proven else cbc_log.bound(log)
    elif values is not None and proven:
        dual = float(model.objective @ values)
    return given(model, outcome, values, dual, gap=request.gap, solver=name)


def _believed(outcome: Outcome, native: str, *, late: bool) -> Outcome:
    """Take back what PuLP's word is not enough for."""
    if outcome is Outcome.OPTIMAL and (late or not _knows_gap(native)):
        # Some call optimal what they were cut off with, or what is within a gap of their own.
        return Outcome.FEASIBLE
    if outcome is Outcome.INFEASIBLE and native not in EXACT:
        return Outcome.NO_ANSWER
    return outcome


def _problem(model: Scaled, request: Request) -> tuple[Any, list[Any]]:
    problem = pulp.LpProblem("spareplace", pulp.LpMinimize)
    bounds = zip(model.lower.tolist(), model.upper.tolist(), model.integer.tolist(), strict=True)
    columns = [
        problem.add_variable(f"x{number}", lower, upper, "Integer" if whole else "Continuous")
        for number, (lower, upper, whole) in enumerate(bounds)
    ]
    if request.hint is not None:
        for column, value in zip(columns, model.scale(request.hint).tolist(), strict=True):
            column.setInitialValue(value)
    objective = zip(columns, model.objective.tolist(), strict=True)
    problem.setObjective(_sum([term for term in objective if term[1]]))
    _add_rows(problem, model, columns)
    return problem, columns


def _add_rows(problem: Any, model: Scaled, columns: list[Any]) -> None:
    starts = np.searchsorted(model.at_row, np.arange(len(model.row_lower) + 1)).tolist()
    entries = zip(model.at_column.tolist(), model.coefficient.tolist(), strict=True)
    terms = [(columns[column], coefficient) for column, coefficient in entries]
    limits = zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)
    for row, (least, most) in enumerate(limits):
        total = _sum(terms[starts[row] : starts[row + 1]])
        if least == most:
            problem.addConstraint(total == least, f"e{row}")
            continue
        if math.isfinite(least):
            problem.addConstraint(total >= least, f"l{row}")
        if math.isfinite(most):
            problem.addConstraint(total <= most, f"u{row}")


def _sum(terms: list[tuple[Any, float]]) -> Any:
    expression = pulp.LpAffineExpression
    return expression.from_list(terms) if hasattr(expression, "from_list") else expression(terms)


def _options(native: str, request: Request, seconds: float) -> dict[str, object]:
    """Translate a request to the options that PuLP has for a solver."""
    wished: dict[str, object] = {"msg": False, "gapRel": request.gap, "threads": request.workers}
    if math.isfinite(seconds):
        wished["timeLimit"] = seconds
    if request.effort is not None:
        wished["maxNodes"] = math.ceil(1000 * request.effort)
    if request.hint is not None:
        wished["warmStart"] = True
    if native in CBCS:
        # Its preprocessing makes feasible models infeasible (pulp#662).
        wished["options"] = ["preprocess off", f"randomSeed {request.seed & 0x7FFFFFFF}"]
    known = _parameters(native)
    return {option: value for option, value in wished.items() if option in known}


def _parameters(native: str) -> set[str]:
    with _known_deprecation():
        maker = type(pulp.getSolver(native, msg=False))
    return {*inspect.signature(maker.__init__).parameters, *UNDECLARED.get(native, ())}


def _knows_gap(native: str) -> bool:
    return native in EXACT or "gapRel" in _parameters(native)


def _run(problem: Any, native: str, options: dict[str, object]) -> tuple[Outcome, str]:
    """Solve; give how it ended, and CBC's log."""
    with tempfile.TemporaryDirectory(prefix="spareplace-") as folder, _known_deprecation():
        log = Path(folder, "log")
        if native in CBCS:
            options = {**options, "logPath": str(log)}
        try:
            ended = problem.solve(pulp.getSolver(native, **options))
        except pulp.PulpSolverError as error:
            if native in CBCS:  # it crashes on some models that have no solution
                return Outcome.NO_ANSWER, ""
            raise SolverUnavailable(PULP + native, f"it fails: {error}") from error
        return _outcome(problem, ended), log.read_text(errors="replace") if log.exists() else ""


def _outcome(problem: Any, ended: Any) -> Outcome:
    """Read how a solve ended: a number in PuLP 3, an object in PuLP 4.

    Never from the status alone: in PuLP 3 it says optimal of whatever has values.
    """
    if isinstance(ended, int):
        return _outcome_3(ended, problem.sol_status)
    if ended.has_solution:
        # "Optimal within the gap" is a limit there, even if the gap is 0.
        within = ended.status.name in ("Optimal", "GapLimit")
        return Outcome.OPTIMAL if within else Outcome.FEASIBLE
    return Outcome.INFEASIBLE if ended.status.name == "Infeasible" else Outcome.NO_ANSWER


def _outcome_3(status: int, solution: int) -> Outcome:
    if status not in pulp.LpStatus or solution not in pulp.LpSolution:
        raise Defect(f"PuLP ended with status {status} and solution status {solution}")
    if solution == pulp.LpSolutionIntegerFeasible:
        return Outcome.FEASIBLE
    if status == pulp.LpStatusOptimal and solution == pulp.LpSolutionOptimal:
        return Outcome.OPTIMAL
    return Outcome.INFEASIBLE if status == pulp.LpStatusInfeasible else Outcome.NO_ANSWER


def _values(model: Scaled, columns: list[Any]) -> Floats:
    known = [column.value() for column in columns]
    # PuLP leaves out a column that is in no row and not in the objective.
    values = np.array([math.nan if value is None else value for value in known])
    return np.where(np.isnan(values), model.lower, values)


@contextlib.contextmanager
def _known_deprecation() -> Iterator[None]:
    """Let pass that PuLP 3 announces the end of the CBC that it brings, and nothing else."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PULP_CBC_CMD is deprecated")
        yield
