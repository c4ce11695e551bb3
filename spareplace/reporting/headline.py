"""The figures that a reader looks for first."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cluster import Cluster
from spareplace.placement import Plan
from spareplace.reporting.figures import bytes_of, counted, percent_shown
from spareplace.reporting.markup import Child, Markup, joined, name_of, shown, tag


def headline(cluster: Cluster, plan: Plan) -> Markup:
    """Give the figures of a plan as a row of cards, and a sentence on where they come from."""
    cards = [
        tag("div", tag("dt", term), tag("dd", figure), tag("dd", remark, class_="remark"))
        for term, figure, remark in _figures(plan)
    ]
    return joined([tag("dl", cards, class_="cards"), tag("p", _origin(cluster, plan))])


def _figures(plan: Plan) -> Iterator[tuple[str, Child, Child]]:
    expected = bytes_of(plan.expected_transfer_bytes)
    proven = "proven least" if plan.status == "optimal" else "not proven least"
    yield "Expected transfer", expected, proven
    bound = plan.lower_bound_bytes
    yield (
        "Lower bound",
        "none" if bound is None else bytes_of(bound),
        "nothing is proven" if bound is None else "no plan has less",
    )
    gap = plan.gap
    yield (
        "Gap",
        "unknown" if gap is None else percent_shown(gap),
        "of the expected transfer might be saved",
    )
    copies = counted(len(plan.stored), "extent")
    yield "Stored", bytes_of(plan.stored_bytes), copies
    rebuilt = sum(len(recovery.rebuilds) for recovery in plan.recoveries)
    pairs = rebuilt + len(plan.unprotected)
    yield "Protected pairs", f"{rebuilt:,} of {pairs:,}", "a VM and a failure that it is lost in"
    yield "Worst failure", *_worst(plan)


def _worst(plan: Plan) -> tuple[Child, Child]:
    """Give the largest transfer, and the first failure that has it."""
    worst = max(plan.recoveries, key=lambda it: it.transfer_bytes, default=None)
    if worst is None:
        return "none", "no failures to be ready for"
    if not worst.transfer_bytes:
        return bytes_of(0), "no failure transfers anything"
    return bytes_of(worst.transfer_bytes), ["in ", name_of(worst.failure)]


def _origin(cluster: Cluster, plan: Plan) -> Child:
    solver = f" with {shown(plan.solver)}" if plan.solver else ""
    what = ", ".join(
        (
            counted(len(cluster.servers), "server"),
            counted(len(cluster.vms), "VM"),
            counted(len(cluster.diffs), "diff"),
            counted(len(cluster.failures), "failure"),
        )
    )
    return (
        f"{what}. Planned by {shown(plan.method)}{solver} in {plan.seconds:.3g} s, "
        f"seed {plan.seed}."
    )
