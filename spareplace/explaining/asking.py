"""`explain`: why a plan is as it is, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from spareplace.canonical import fingerprint
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster, Problem
from spareplace.explaining.candidates import Target
from spareplace.explaining.causes import DISK
from spareplace.explaining.copies import copy_worths
from spareplace.explaining.deciding import Judge
from spareplace.explaining.enlarging import enough
from spareplace.explaining.explanation import (
    Binding,
    Explanation,
    FailureCost,
    PlanExplanation,
)
from spareplace.explaining.infeasibility import PATIENCE, why_infeasible
from spareplace.explaining.targeting import Surroundings, target_of
from spareplace.lifecycle.tightness import tightest
from spareplace.options import Options
from spareplace.placement import DEFAULT_MAX_PIECES, Plan
from spareplace.references import nearly

DEFAULT_TIME_LIMIT = 8.0
"""Seconds that the explanation of an infeasible cluster may take."""


def explain(
    cluster: Cluster,
    plan: Plan | None = None,
    *,
    vm: str | None = None,
    failure: str | None = None,
    server: str | None = None,
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    max_pieces: int = DEFAULT_MAX_PIECES,
    seed: int = 0,
) -> Explanation:
    """Say why a plan is as it is, or, without one, why there is none.

    Parameters
    ----------
    cluster
        What it is about.
    plan
        A plan of just this cluster; ``None`` to ask why there is none.
    vm
        Whose rebuilds to explain: in every failure that loses it, or in `failure`.
    failure
        Which failure's rebuilds to explain, if not those of `vm` alone.
    server
        Of those, ask about this server alone.
    time_limit
        Seconds for the explanation of an infeasible cluster, or ``None``.
    max_pieces
        Into how many pieces a diff may be cut, as for `plan`.
    seed
        For the solver.

    Returns
    -------
    Explanation
        Its `subject` says what was explained. Of a cluster of which it is not known in half of
        the time whether it has a plan, there are changes that are enough, and no causes.

    Raises
    ------
    InvalidInput
        If a name is unknown, the failure does not lose the VM, or one is asked for without a plan.
    OtherCluster
        If the plan is of another cluster.

    Examples
    --------
    >>> from spareplace import Cluster, Server, VM, explain
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=100), Server(name="b", disk=39)),
    ...     vms=(VM(name="web", server="a", disk=40),),
    ... )
    >>> why = explain(cluster)
    >>> [str(remedy) for remedy in why.infeasibility.remedies][:1]
    ["give server 'b' 1 B more disk"]
    """
    Options(time_limit=time_limit, max_pieces=max_pieces, seed=seed)
    sha256 = fingerprint(cluster)
    _refuse_unknown(cluster, plan, {"vm": vm, "failure": failure, "server": server})
    if plan is None:
        return _without_plan(
            cluster,
            sha256,
            Judge(clock=Clock(limit=time_limit), max_pieces=max_pieces, seed=seed),
        )
    if plan.cluster_sha256 != sha256:
        raise OtherCluster(sha256, plan.cluster_sha256)
    found = PlanExplanation(
        expected_transfer_bytes=plan.expected_transfer_bytes,
        lower_bound_bytes=plan.lower_bound_bytes,
        failures=_failure_costs(plan),
        bindings=_bindings(cluster, plan),
        copies=copy_worths(cluster, plan),
        targets=tuple(_targets(cluster, plan, vm, failure, server)),
    )
    return Explanation(cluster_sha256=sha256, subject="plan", plan=found)


def _without_plan(cluster: Cluster, sha256: str, judge: Judge) -> Explanation:
    """Say why there is no plan, if that is so."""
    feasible = replace(judge, clock=judge.clock.part(0.5)).is_feasible(cluster)
    if feasible:
        return Explanation(cluster_sha256=sha256, subject="feasible")
    if feasible is None:
        more = enough(cluster, judge.hurried(1.0, PATIENCE))
        return Explanation(cluster_sha256=sha256, subject="unknown", enough=more)
    why = why_infeasible(cluster, judge)
    return Explanation(cluster_sha256=sha256, subject="infeasible", infeasibility=why)


def _failure_costs(plan: Plan) -> tuple[FailureCost, ...]:
    costs = [
        FailureCost(
            failure=it.failure,
            weight=it.weight,
            rebuilds=len(it.rebuilds),
            transfer_bytes=it.transfer_bytes,
            expected_bytes=it.weight * it.transfer_bytes,
            share=it.weight * it.transfer_bytes / plan.expected_transfer_bytes
            if plan.expected_transfer_bytes
            else 0.0,
        )
        for it in plan.recoveries
    ]
    return tuple(sorted(costs, key=lambda it: (-it.expected_bytes, -it.transfer_bytes)))


def _bindings(cluster: Cluster, plan: Plan) -> tuple[Binding, ...]:
    return tuple(
        Binding(
            resource=place.resource or DISK,
            server=place.server,
            failure=place.failure,
            left=place.left,
            capacity=place.capacity,
        )
        for place in sorted(tightest(cluster, plan.placement), key=lambda it: it.share)
    )


def _targets(
    cluster: Cluster, plan: Plan, vm: str | None, failure: str | None, server: str | None
) -> Iterator[Target]:
    if vm is None and failure is None:
        return
    around = Surroundings.of(cluster, plan)
    for lost in cluster.failures:
        for guest in cluster.vms:
            asked = failure in (None, lost.name) and vm in (None, guest.name)
            if asked and guest.protect and guest.server in lost.servers:
                found = target_of(around, guest, lost)
                yield found if server is None else _only(found, server)


def _only(target: Target, server: str) -> Target:
    """Keep what is said about one server, and about the one that was chosen."""
    kept = tuple(it for it in target.candidates if it.server in (server, target.server))
    return replace(target, candidates=kept)


def _refuse_unknown(cluster: Cluster, plan: Plan | None, asked: Mapping[str, str | None]) -> None:
    known = {
        "vm": {it.name: "" for it in cluster.vms},
        "failure": {it.name: "" for it in cluster.failures},
        "server": {it.name: "" for it in cluster.servers},
    }
    bad = [
        _problem(what, name, f"the name of a {what}", nearly(name, known[what]))
        for what, name in asked.items()
        if name is not None and name not in known[what]
    ]
    vm, failure, server = (asked[what] for what in ("vm", "failure", "server"))
    if not bad and plan is None:
        bad = [
            _problem(what, name, "none without a plan", "give the plan whose rebuilds to explain")
            for what, name in asked.items()
            if name is not None
        ]
    if not bad and server is not None and vm is None and failure is None:
        bad = [_problem("server", server, "a vm or a failure beside it")]
    if not bad and vm is not None:
        bad = _not_lost(cluster, vm, failure)
    if bad:
        raise InvalidInput(bad)


def _not_lost(cluster: Cluster, vm: str, failure: str | None) -> list[Problem]:
    guest = next(it for it in cluster.vms if it.name == vm)
    if not guest.protect:
        return [_problem("vm", vm, "a VM that is protected")]
    losing = [it.name for it in cluster.failures if guest.server in it.servers]
    if failure is not None and failure not in losing:
        hint = f"it is lost in {', '.join(map(repr, losing[:5]))}" if losing else "none loses it"
        return [_problem("failure", failure, f"a failure that loses VM {vm!r}", hint)]
    return []


def _problem(path: str, found: str, expected: str, hint: str = "") -> Problem:
    return Problem(path=path, found=repr(found)[:80], expected=expected, hint=hint)
