"""CP-SAT of OR-Tools, run in this process: it computes with integers, so its word is proof.

The only module that imports `ortools.sat`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from ortools.sat.python import cp_model

from spareplace.errors import Defect
from spareplace.milp.model import FREE, Ints, Milp
from spareplace.solvers.base import Answer, Outcome, Request, TooLarge
from spareplace.solvers.beforehand import at_most, corner, no_answer, settled
from spareplace.solvers.interrupting import run
from spareplace.solvers.names import version

NAME = f"cp-sat {version('cp-sat')}"

OUTCOMES = {
    cp_model.OPTIMAL: Outcome.OPTIMAL,
    cp_model.FEASIBLE: Outcome.FEASIBLE,
    cp_model.INFEASIBLE: Outcome.INFEASIBLE,
    cp_model.UNKNOWN: Outcome.NO_ANSWER,
}

_LEAST, _MOST = -(2**63), 2**63 - 1


def loaded() -> str:
    """Tell which solver this is: asked for to see whether it can be loaded."""
    return NAME


def solve(request: Request) -> Answer:
    """Solve a model exactly.

    With one worker, a seed and no limit that cuts it short, the same values come out every time.

    Raises
    ------
    TooLarge
        When the model could overflow 64 bits.
    Defect
        When CP-SAT calls the model invalid for another reason, or ends in an unknown way.
    """
    deadline = None if request.seconds is None else time.monotonic() + request.seconds
    early = settled(request, NAME)
    if early is not None:
        return early
    model = _model(request)
    left = math.inf if deadline is None else deadline - time.monotonic()
    if left <= 0:
        return no_answer(request.milp, NAME)
    return _solved(model, request, left)


def _solved(model: cp_model.CpModel, request: Request, seconds: float) -> Answer:
    solver = cp_model.CpSolver()
    _set(solver, request)
    # With a hint and bytes of several prices, presolve of 9.15 can tighten bounds by 1 at a time,
    # for minutes; neither its limits nor a wish to stop end that.
    solver.parameters.cp_model_presolve = request.presolve
    if seconds < math.inf:
        solver.parameters.max_time_in_seconds = seconds
    relay = _Relay(request.progress, solver.stop_search, request.found)
    solver.best_bound_callback = relay.bound_found
    status = run(lambda: solver.solve(model, relay), request.stop, solver.stop_search)
    if relay.error is not None:
        raise relay.error
    return _answer(request.milp, solver.response_proto, status, relay)


class _Relay(cp_model.CpSolverSolutionCallback):
    """Passes progress on; an error of the listener ends the solve and is raised after it.

    It must not be raised inside: it would pass through native code, which ends the process.
    """

    def __init__(
        self,
        progress: Callable[[float | None, float | None], None],
        end: Callable[[], None],
        found: Callable[[Ints], None] | None = None,
    ) -> None:
        super().__init__()
        self.progress = progress
        self.end = end
        self.found = found
        self.error: BaseException | None = None
        self.best: float | None = None
        self.bound: float | None = None

    def on_solution_callback(self) -> None:
        self.best = self.objective_value
        values = None
        if self.found is not None:
            values = np.array(self.response_proto.solution, dtype=np.int64)
        self._tell(values)

    def bound_found(self, bound: float) -> None:
        self.bound = bound
        self._tell()

    def _tell(self, values: Ints | None = None) -> None:
        if self.error is not None:
            return
        try:
            if self.found is not None and values is not None:
                self.found(values)
            self.progress(self.best, self.bound)
        except BaseException as error:
            self.error = error
            self.end()


def _model(request: Request) -> cp_model.CpModel:
    """Fill the protocol buffer directly: twice as fast as expressions."""
    model = cp_model.CpModel()
    milp, proto = request.milp, model.proto
    for bounds in zip(milp.lower.tolist(), milp.upper.tolist(), strict=True):
        proto.variables.add().domain.extend(bounds)
    _add_rows(milp, proto)
    used = np.flatnonzero(milp.objective)
    if used.size:
        proto.objective.vars.extend(used.tolist())
        proto.objective.coeffs.extend(milp.objective[used].tolist())
    if request.hint is not None:
        hint = request.hint
        within = np.flatnonzero((milp.lower <= hint) & (hint <= milp.upper))
        proto.solution_hint.vars.extend(within.tolist())
        proto.solution_hint.values.extend(hint[within].tolist())
    problem = model.validate()
    if "overflow" in problem:
        raise TooLarge(problem.splitlines()[0])
    if problem:
        raise Defect("CP-SAT calls the model invalid", problem.splitlines())
    return model


def _add_rows(milp: Milp, proto: cp_model.CpModelProto) -> None:
    order = np.argsort(milp.at_row, kind="stable")
    columns, coefficients = milp.at_column[order].tolist(), milp.coefficient[order].tolist()
    starts = np.searchsorted(milp.at_row[order], np.arange(len(milp.rows) + 1)).tolist()
    lower = np.where(milp.row_lower <= -FREE, _LEAST, milp.row_lower).tolist()
    upper = np.where(milp.row_upper >= FREE, _MOST, milp.row_upper).tolist()
    for row, bounds in enumerate(zip(lower, upper, strict=True)):
        first, last = starts[row], starts[row + 1]
        if first < last:
            linear = proto.constraints.add().linear
            linear.vars.extend(columns[first:last])
            linear.coeffs.extend(coefficients[first:last])
            linear.domain.extend(bounds)


def _set(solver: cp_model.CpSolver, request: Request) -> None:
    parameters = solver.parameters
    parameters.num_workers = request.workers
    parameters.random_seed = request.seed & 0x7FFFFFFF
    parameters.relative_gap_limit = request.gap
    parameters.catch_sigint_signal = False
    if request.effort is not None:
        parameters.max_deterministic_time = request.effort
    if request.workers == 1:
        # A single search needs the relaxation of every row: without it, pieces defeat it.
        parameters.linearization_level = 2
    parameters.log_search_progress = False


def _answer(
    milp: Milp,
    response: cp_model.CpSolverResponse,
    status: cp_model.CpSolverStatus,
    relay: _Relay,
) -> Answer:
    outcome = OUTCOMES.get(status)
    if outcome is None:
        raise Defect(f"CP-SAT ended with {status.name}", [response.solution_info])
    if outcome is Outcome.INFEASIBLE:
        return Answer(outcome=outcome, values=None, bound=None, solver=NAME)
    if outcome is Outcome.NO_ANSWER:
        # Here its bound reads 0 when none was proven, so only what it announced counts.
        return Answer(outcome=outcome, values=None, bound=_announced(milp, relay), solver=NAME)
    values: Ints = np.array(response.solution, dtype=np.int64)
    bound = max(at_most(response.inner_objective_lower_bound), corner(milp))
    return Answer(outcome=outcome, values=values, bound=bound, solver=NAME)


def _announced(milp: Milp, relay: _Relay) -> float:
    if relay.bound is None:
        return corner(milp)
    # It announces integers as floats, which rounds the long ones either way.
    exact = math.ceil(relay.bound - 1e-6)
    return max(corner(milp), at_most(exact - (abs(exact) >> 52)))
