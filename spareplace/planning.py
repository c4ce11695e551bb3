"""`plan`: picks the ways to plan, keeps one clock, checks the result, and answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from fractions import Fraction

from spareplace.canonical import fingerprint
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Defect, Infeasible, Shortage
from spareplace.instance import leaving_out, number
from spareplace.options import DEFAULT_TIME_LIMIT, DEFAULT_WORKERS, Method, Options
from spareplace.placement import DEFAULT_MAX_PIECES, Plan, Unprotected
from spareplace.recovery import expected_transfer, recoveries
from spareplace.shortages import hopeless, overcommitted, totals_short
from spareplace.solvers import load
from spareplace.solvers.names import DEFAULT
from spareplace.units import exact_weight
from spareplace.verify import check
from spareplace.watching import NEARLY, Best, Progress, run_watched
from spareplace.ways import find

log = logging.getLogger(__name__)


def plan(
    cluster: Cluster,
    *,
    method: Method = "auto",
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
    time_limit
        Seconds for the whole call, or ``None``. A plan that is cut off by it depends on the
        speed of the machine. Without it, a search ends after `iterations`, or 1,000.
    gap
        The share of the expected transfer that may be left unproven: 0.01 stops within 1 %.
    seed
        For all random choices. With ``workers=1`` and no time cut the same seed gives the same
        plan; the value of a proven plan never depends on it.
    solver
        For ``"milp"`` and ``"auto"``: one that `spareplace.solvers.available_solvers` lists.
    workers
        Threads of the solver. More than there are cores can be better: they search differently.
        A search solves as many neighbourhoods side by side, but not more than there are cores.
    iterations
        How many batches of neighbourhoods a search may solve, or ``None`` for as many as the time
        allows. With a number, ``workers=1`` and no time cut, the same seed gives the same plan.
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
    executor
        Where a search solves its neighbourhoods, `workers` at a time: any
        `concurrent.futures.Executor`, of threads, processes or other machines. ``None`` for
        threads in this process.
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
        time_limit=time_limit,
        gap=gap,
        seed=seed,
        solver=solver,
        workers=workers,
        iterations=iterations,
        max_pieces=max_pieces,
        stored_limit=stored_limit,
        stored_cost=stored_cost,
        allow_unprotected=allow_unprotected,
    )
    if method in ("auto", "milp", "search"):
        load(
            DEFAULT if method == "search" else solver
        )  # an absent solver is refused before anything else is done
    instance = number(cluster)
    for shortage in overcommitted(instance):
        log.warning("overcommitted as given, takes no more of it: %s", shortage)
    without_hope = hopeless(instance)
    if allow_unprotected:
        instance = leaving_out(instance, without_hope)
    elif shortages := dict.fromkeys([*without_hope.values(), *totals_short(instance)]):
        raise Infeasible(list(shortages))
    best = Best(cluster=cluster, stored_cost=stored_cost)
    run_watched(lambda: find(instance, clock, options, best, executor), best, clock, progress)
    given_up = without_hope if allow_unprotected else {}
    short_of = {shortage.failure: shortage for shortage in totals_short(instance)}
    return _answer(cluster, options, best, given_up, short_of, clock)


def _answer(
    cluster: Cluster,
    options: Options,
    best: Best,
    without_hope: Mapping[tuple[int, int], Shortage],
    short_of: Mapping[str | None, Shortage],
    clock: Clock,
) -> Plan:
    """Work out the figures of the best placement, and check it from the words of the rules."""
    if best.placement is None:
        raise Defect("a method ended without a plan and without saying why")
    left_out = (
        *(_explained(pair, short_of) for pair in best.placement.unprotected),
        *_given_up(cluster, without_hope),
    )
    placement = replace(best.placement, unprotected=left_out)
    recovered = recoveries(cluster, placement)
    expected = float(expected_transfer(recovered))
    price = exact_weight(options.stored_cost) * placement.stored_bytes
    bound = min(float(max(best.bound - price, Fraction(0))), expected)
    fewest = best.fewest_proven or not best.placement.unprotected
    proven = fewest and bound >= expected * (1 - NEARLY)
    found = Plan(
        cluster_sha256=fingerprint(cluster),
        status="optimal" if proven else "feasible",
        method=best.method,
        solver=best.solver,
        seed=options.seed,
        seconds=clock.elapsed(),
        expected_transfer_bytes=expected,
        lower_bound_bytes=expected if proven else bound,
        stored=placement.stored,
        recoveries=recovered,
        unprotected=placement.unprotected,
    )
    return _checked(cluster, options, found)


def _explained(pair: Unprotected, short_of: Mapping[str | None, Shortage]) -> Unprotected:
    """Add what all servers together lack in the failure, if they lack anything."""
    if pair.failure not in short_of:
        return pair
    return replace(pair, reason=f"{pair.reason}; {short_of[pair.failure]}")


def _given_up(
    cluster: Cluster, without_hope: Mapping[tuple[int, int], Shortage]
) -> list[Unprotected]:
    """List the VMs that no plan protects, with what is short."""
    return [
        Unprotected(
            vm=cluster.vms[vm].name,
            failure=cluster.failures[failure].name,
            reason=str(shortage),
        )
        for (failure, vm), shortage in without_hope.items()
    ]


def _checked(cluster: Cluster, options: Options, found: Plan) -> Plan:
    """Give the plan, or say what it breaks: nobody is to see one that was not checked."""
    breaches = check(
        cluster, found, max_pieces=options.max_pieces, stored_limit=options.stored_limit
    )
    if breaches:
        raise Defect(
            f"method {found.method!r} ({found.solver}) made a plan that breaks a rule",
            [str(breach) for breach in breaches],
        )
    return found
