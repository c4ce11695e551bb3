"""`plan`: picks the ways to plan, keeps one clock, checks the result, and answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial

from spareplace.answering import answer_of
from spareplace.changing import Change, change_from, is_answer, refuse_moves_from_nowhere
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, Problem, Shortage
from spareplace.goals import Goal, has_rates
from spareplace.instance import Instance, leaving_out, number
from spareplace.options import DEFAULT_TIME_LIMIT, DEFAULT_WORKERS, Method, Options
from spareplace.placement import DEFAULT_MAX_PIECES, Placement, Plan
from spareplace.shortages import hopeless, overcommitted, totals_short
from spareplace.solvers import load
from spareplace.solvers.names import DEFAULT
from spareplace.solvers.surviving import shelter
from spareplace.watching import Best, Progress, run_watched
from spareplace.ways import find

log = logging.getLogger(__name__)


def plan(
    cluster: Cluster,
    *,
    method: Method = "auto",
    objective: Goal = "transfer",
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    gap: float = 0.0,
    seed: int = 0,
    solver: str = "cp-sat",
    workers: int = DEFAULT_WORKERS,
    iterations: int | None = None,
    max_pieces: int = DEFAULT_MAX_PIECES,
    stored_limit: int | None = None,
    stored_cost: float = 0.0,
    allow_unprotected: bool = False,
    current: Placement | Plan | None = None,
    move_limit: int | None = None,
    move_cost: float = 0.0,
    executor: Executor | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Plan:
    """Decide what to store where, and where each VM is rebuilt in each failure.

    The answer was checked against every rule, and its figures were computed from it.

    Parameters
    ----------
    cluster
        What to plan for.
    method
        ``"greedy"`` and ``"level"``: the methods of Matsuo et al., fast and without proof;
        ``"search"``: local search with exact neighbourhoods, for any size; ``"milp"``: the exact
        model; ``"auto"``: the best of what the time allows, never worse than greedy.
    objective
        What is to be least: ``"transfer"``, the expected transfer; ``"worst"``, the largest
        transfer of any failure of weight above 0; ``"time"``, the expected seconds of a recovery
        at the servers' ``net_in`` and ``net_out`` (see `spareplace.goals`). Between plans alike
        in it the expected transfer decides. ``"greedy"`` and ``"level"`` know the first alone, and
        prices are expected transferred bytes, so they have no meaning beside the others. What is
        proven, status and lower bound, is about the expected transfer in any case.
    time_limit
        Seconds for the whole call, or ``None``. A plan that is cut off by it depends on the
        speed of the machine. Without it, a search ends after `iterations`, or 1,000.
    gap
        The share of the objective that may be left unproven: 0.01 stops within 1 %.
    seed
        For all random choices. With ``workers=1`` and no time cut the same seed gives the same
        plan; the value of a proven plan never depends on it.
    solver
        For ``"milp"`` and ``"auto"``: one that `spareplace.solvers.available_solvers` lists.
    workers
        Threads of the solver. More than there are cores can be better: they search differently.
        As many searches run side by side, but without `executor` not more than there are cores.
    iterations
        How many batches of neighbourhoods each search may solve, or ``None`` for as many as the
        time allows. With a number, as many searches side by side and no time cut, the same seed
        gives the same plan.
    max_pieces
        Into how many pieces a diff may be cut; 1 for whole copies only.
    stored_limit
        The most bytes to store in all, or ``None``.
    stored_cost
        The expected transferred bytes that one more stored byte must save. The lower bound then
        holds for plans that store no more than this one.
    allow_unprotected
        Whether VMs may be left out where not all can be protected: the fewest at the highest
        priority, then at the next. They are listed in the plan.
    current
        What is stored now, where something is: the plan that runs, also one of an earlier state
        of the cluster. Of plans of one expected transfer the one that moves fewer bytes is
        given. A plan of this very cluster that the method asked for has made, and that keeps
        every rule, is its own answer and comes back as it is.
    move_limit
        The most bytes to store where they are not now, or ``None``; see `moved_bytes`.
    move_cost
        The expected transferred bytes that one of those must save.
    executor
        Where several searches run side by side, `workers` of them: any
        `concurrent.futures.Executor`, of threads, processes or other machines. ``None`` for
        processes of our own, one for each core, where there is more than one and time enough.
    progress
        Called about ten times a second in the calling thread, with a `Progress`; a true answer
        stops the search, and the best plan so far is given.

    Raises
    ------
    Infeasible
        If it is proven that no plan protects every VM in every failure.
    NoPlan
        If the method, or the time, ended without a plan and without that proof.
    SolverUnavailable
        If the solver is not here.
    InvalidInput
        If an option is not usable.
    Defect
        If a plan was found that breaks a rule: please report it.

    Examples
    --------
    >>> from spareplace import Cluster, Diff, Server, VM
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(VM(name="web", server="a", diff="base", disk=40),),
    ... )
    >>> found = plan(cluster)
    >>> found.status, found.expected_transfer_bytes, found.stored_on("b")
    ('optimal', 0.0, (Extent(diff='base', server='b', start=0, stop=40),))
    """
    clock = Clock(limit=time_limit)
    options = Options(
        method=method,
        objective=objective,
        time_limit=time_limit,
        gap=gap,
        seed=seed,
        solver=solver,
        workers=workers,
        iterations=iterations,
        max_pieces=max_pieces,
        stored_limit=stored_limit,
        stored_cost=stored_cost,
        move_limit=move_limit,
        move_cost=move_cost,
        allow_unprotected=allow_unprotected,
    )
    refuse_moves_from_nowhere(current, options)
    _refuse_times_without_rates(cluster, objective)
    if isinstance(current, Plan) and _is_answer(cluster, current, options):
        log.info("no change is needed: this is the plan of method %r already", current.method)
        return current
    if method in ("auto", "milp", "search"):
        # an absent solver is refused before anything else is done
        load(DEFAULT if method == "search" else solver)
    change = None if current is None else change_from(cluster, current, options)
    instance = number(cluster) if change is None else change.noted(number(change.cluster))
    for shortage in overcommitted(instance):
        log.warning("overcommitted as given, takes no more of it: %s", shortage)
    without_hope = hopeless(instance)
    if not allow_unprotected:
        _refuse_shortages(instance, without_hope)
    instance = leaving_out(instance, without_hope)
    best = _best(instance, options, change)
    work = partial(find, instance, clock, options, best, executor, change)
    with shelter(clock):
        run_watched(work, best, clock, progress)
    short_of = {shortage.failure: shortage for shortage in totals_short(instance)}
    return answer_of(cluster, options, best, change, without_hope, short_of, clock)


def _best(instance: Instance, options: Options, change: Change | None) -> Best:
    return Best(
        cluster=instance.cluster,
        stored_cost=options.stored_cost,
        before=None if change is None else change.before,
        move_limit=options.move_limit,
        move_cost=options.move_cost,
        goal=options.objective,
    )


def _is_answer(cluster: Cluster, current: Plan, options: Options) -> bool:
    """Tell whether a plan is its own answer; it does not say which other goal it was made for."""
    return options.objective == "transfer" and is_answer(cluster, current, options)


def _refuse_times_without_rates(cluster: Cluster, objective: Goal) -> None:
    if objective == "time" and not has_rates(cluster):
        problem = Problem(
            path="objective",
            found="'time' for a cluster without rates",
            expected="a server with net_in or net_out",
            hint="give servers their net_in and net_out, or choose another objective",
        )
        raise InvalidInput([problem])


def _refuse_shortages(instance: Instance, without_hope: Mapping[tuple[int, int], Shortage]) -> None:
    shortages = dict.fromkeys([*without_hope.values(), *totals_short(instance)])
    if shortages:
        raise Infeasible(list(shortages))
