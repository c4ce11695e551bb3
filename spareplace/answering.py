"""From the best placement to the plan that is given: its figures worked out, every rule checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from spareplace.canonical import fingerprint
from spareplace.changing import Change
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Defect, Shortage
from spareplace.options import Options
from spareplace.placement import Plan, Unprotected
from spareplace.recovery import expected_transfer, recoveries
from spareplace.verify import check
from spareplace.watching import NEARLY, Best


def answer_of(
    cluster: Cluster,
    options: Options,
    best: Best,
    change: Change | None,
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
    price = best.price(best.placement)
    placement = replace(best.placement, unprotected=left_out)
    if change is not None:
        placement = change.answered(placement)
    recovered = recoveries(cluster, placement)
    expected = float(expected_transfer(recovered))
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
