"""SCIP and HiGHS of OR-Tools, through MathOpt; both run apart, see there.

The only module that imports `ortools.math_opt`.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import queue
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2  # type: ignore[import-untyped]
from ortools.math_opt.python import mathopt  # type: ignore[import-untyped]
from ortools.util.python.solve_interrupter import (  # type: ignore[import-untyped]
    SolveInterrupter,
)

from spareplace.errors import Defect
from spareplace.solvers.base import Answer, Outcome, Request
from spareplace.solvers.beforehand import no_answer, settled
from spareplace.solvers.improving import Improving
from spareplace.solvers.interrupting import TICK, run
from spareplace.solvers.names import version
from spareplace.solvers.rounding import given
from spareplace.solvers.scaling import Floats, Scaled, scaled

LIBRARY = f"ortools {version('scip')}"

LATE = 0.5
"""Seconds past its limit that HiGHS gets before its best values so far are taken from it."""

Reason = mathopt.TerminationReason

OUTCOMES = {
    Reason.OPTIMAL: Outcome.OPTIMAL,
    Reason.FEASIBLE: Outcome.FEASIBLE,
    Reason.INFEASIBLE: Outcome.INFEASIBLE,
    # All columns have bounds, so nothing is unbounded.
    Reason.INFEASIBLE_OR_UNBOUNDED: Outcome.INFEASIBLE,
    Reason.IMPRECISE: Outcome.FEASIBLE,
    Reason.NO_SOLUTION_FOUND: Outcome.NO_ANSWER,
    Reason.NUMERICAL_ERROR: Outcome.NO_ANSWER,
}


def loaded() -> str:
    """Tell which library this is: asked for to see whether it can be loaded."""
    return LIBRARY


def scip(request: Request) -> Answer:
    """Solve with SCIP, on one thread: with more it prints, and its answers differ."""
    name = f"scip ({LIBRARY})"
    early = settled(request, name)
    if early is not None:
        return early
    model = scaled(request.milp)
    interrupter = SolveInterrupter()

    def told(data: Any) -> Any:
        best, bound = data.mip_stats.primal_bound, data.mip_stats.dual_bound
        request.progress(
            None if best is None or math.isinf(best) else model.value(best),
            None if bound is None else model.bound(bound),
        )
        return mathopt.CallbackResult()

    watched = {
        "interrupter": interrupter,
        "cb": told,
        "callback_reg": mathopt.CallbackRegistration(
            events={mathopt.Event.MIP_SOLUTION},
            mip_solution_filter=mathopt.VariableFilter(filtered_items=()),
        ),
    }
    job = _job(model, request, mathopt.SolverType.GSCIP)
    result = run(lambda: _solve(job, **watched), request.stop, interrupter.interrupt)
    return _answer(model, result, request, name)


def highs(request: Request) -> Answer:
    """Solve with HiGHS.

    It cannot be interrupted: when asked to stop, its best values so far are read from the file
    where it leaves them, and its thread is abandoned to the end of the process.
    """
    name = f"highs ({LIBRARY})"
    early = settled(request, name)
    if early is not None:
        return early
    model = scaled(request.milp)
    with tempfile.TemporaryDirectory(prefix="spareplace-") as folder:
        improving = Improving(file=Path(folder, "improving"), columns=len(request.milp.columns))
        job = _job(model, request, mathopt.SolverType.HIGHS)
        options = job["params"].highs
        options.int_options["threads"] = request.workers
        options.bool_options["mip_improving_solution_save"] = True
        options.string_options["mip_improving_solution_file"] = str(improving.file)
        results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_put, args=(results, job), daemon=True).start()
        with contextlib.suppress(queue.Empty):
            result = _watched(results, improving, request, model)
            if isinstance(result, Exception):
                raise result
            return _answer(model, result, request, name)
        values = improving.values()
    return given(model, Outcome.FEASIBLE, values, -math.inf, gap=request.gap, solver=name)


def _put(results: queue.SimpleQueue[Any], job: dict[str, Any]) -> None:
    try:
        results.put(_solve(job))
    except Exception as error:  # raised again in the thread that waits
        results.put(error)


def _watched(
    results: queue.SimpleQueue[Any], improving: Improving, request: Request, model: Scaled
) -> Any:
    """Wait for the result, telling about progress.

    Raises
    ------
    queue.Empty
        When it takes too long, or is no longer waited for.
    """
    end = math.inf if request.seconds is None else time.monotonic() + request.seconds + LATE
    best: float | None = None
    while time.monotonic() < end and not request.stop.is_set():
        try:
            return results.get(timeout=TICK)
        except queue.Empty:
            found = improving.objective()
            if found is not None and found != best:
                best = found
                request.progress(model.value(best), model.bound(-math.inf))
    raise queue.Empty


def _job(model: Scaled, request: Request, solver: Any) -> dict[str, Any]:
    """Translate a request to the arguments of a solve."""
    parameters = mathopt.SolveParameters(
        random_seed=request.seed & 0x7FFFFFFF,
        relative_gap_tolerance=request.gap,
        absolute_gap_tolerance=0.0,
    )
    if request.seconds is not None:
        # A time difference counts in millionths, and must not come out as 0.
        parameters.time_limit = datetime.timedelta(seconds=max(request.seconds, 1e-6))
    if request.effort is not None:
        parameters.node_limit = math.ceil(1000 * request.effort)
    native = mathopt.Model.from_model_proto(_proto(model))
    hints = []
    if request.hint is not None:
        values = zip(native.variables(), model.scale(request.hint).tolist(), strict=True)
        hints.append(mathopt.SolutionHint(variable_values=dict(values)))
    return {
        "opt_model": native,
        "solver_type": solver,
        "params": parameters,
        "model_params": mathopt.ModelSolveParameters(solution_hints=hints),
    }


def _solve(job: dict[str, Any], **watched: Any) -> Any:
    """Solve; ``None`` when the solver finds that its own answer is wrong.

    HiGHS 1.12 calls some small models solved with values that break a row, and sees it.
    """
    try:
        return mathopt.solve(**job, **watched)
    except AttributeError as error:
        # or-tools#4606: whatever MathOpt refuses surfaces as a failure to translate it.
        if "StatusNotOk" not in str(error):
            raise
        why = str(error.__context__)
        if "kError [INTERNAL]" in why:
            return None
        raise Defect(f"MathOpt refuses to solve with {job['solver_type'].name}", [why]) from None


def _proto(model: Scaled) -> Any:
    """Fill the protocol buffer from arrays: ten times as fast as adding one by one."""
    proto = model_pb2.ModelProto()
    columns, rows = proto.variables, proto.linear_constraints
    columns.ids.extend(range(len(model.lower)))
    columns.lower_bounds.extend(model.lower)
    columns.upper_bounds.extend(model.upper)
    columns.integers.extend(model.integer.tolist())
    used = np.flatnonzero(model.objective)
    proto.objective.linear_coefficients.ids.extend(used)
    proto.objective.linear_coefficients.values.extend(model.objective[used])
    rows.ids.extend(range(len(model.row_lower)))
    rows.lower_bounds.extend(model.row_lower)
    rows.upper_bounds.extend(model.row_upper)
    order = np.lexsort((model.at_column, model.at_row))
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(model.at_row[order])
    matrix.column_ids.extend(model.at_column[order])
    matrix.coefficients.extend(model.coefficient[order])
    return proto


def _answer(model: Scaled, result: Any, request: Request, name: str) -> Answer:
    if result is None:
        return no_answer(request.milp, name)
    termination = result.termination
    outcome = OUTCOMES.get(termination.reason)
    if outcome is None:
        raise Defect(f"{name} ended with {termination.reason.name}", [termination.detail])
    values: Floats | None = None
    if result.has_primal_feasible_solution():
        found = result.variable_values()
        values = np.fromiter(found.values(), dtype=float, count=len(found))
    dual = termination.objective_bounds.dual_bound
    return given(model, outcome, values, dual, gap=request.gap, solver=name)
