"""An explanation as text for people: every blocked server with what it needs and has."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from spareplace.cli.columns import WIDTH, name_shown, table
from spareplace.cli.printing import one_line
from spareplace.explaining.candidates import Blocker, Candidate, Target
from spareplace.explaining.causes import DISK
from spareplace.explaining.confirming import Remedy
from spareplace.explaining.explanation import Explanation, PlanExplanation
from spareplace.explaining.infeasibility import Infeasibility
from spareplace.units import format_bytes

MOST_ROWS = 10
"""Failures and copies that are listed before the rest is counted."""

MOST_CAUSES = 30
"""Causes that are listed."""

_NARROW = 18


def explanation_summary(explanation: Explanation) -> str:
    """Describe an explanation in lines of about 80 characters."""
    if explanation.plan is not None:
        return _plan(explanation.plan)
    if explanation.infeasibility is not None:
        return "\n\n".join("\n".join(part) for part in _infeasible(explanation.infeasibility))
    if explanation.subject == "feasible":
        return "feasible: there is a plan that protects every VM in every failure"
    return "\n".join(_unknown(explanation.enough))


def _plan(plan: PlanExplanation) -> str:
    parts = [
        *("\n".join(_target(target)) for target in plan.targets),
        *([] if plan.targets else ["\n".join(_failures(plan)), "\n".join(_copies(plan))]),
        "\n".join(_bindings(plan)),
    ]
    return "\n\n".join(part for part in parts if part)


def _target(target: Target) -> Iterator[str]:
    where = "is left out" if target.server is None else f"is rebuilt on {name_shown(target.server)}"
    yield f"VM {name_shown(target.vm)}, in failure {name_shown(target.failure)}, {where}"
    if target.reason:
        yield from _filled(target.reason)
    rows: list[tuple[str, str, str]] = []
    for candidate in target.candidates:
        first, *more = _said(target, candidate)
        rows.append((name_shown(candidate.server, most=_NARROW), candidate.verdict, first))
        rows += [("", "", line) for line in more]
    yield from (f"  {line}" for line in table(rows))


def _said(target: Target, candidate: Candidate) -> list[str]:
    if candidate.blockers:
        return [_blocked(blocker) for blocker in candidate.blockers]
    cost = format_bytes(candidate.transfer_bytes or 0)
    return [
        f"holds {format_bytes(candidate.held_bytes)} of {format_bytes(target.chain_bytes)}; "
        f"the recovery transfers {cost}"
    ]


def _blocked(it: Blocker) -> str:
    """Say why one rule forbids a server."""
    if it.rule in ("disk", "resources"):
        shown = [_amount(value, it.rule == "disk") for value in (it.need, it.have, it.capacity)]
        used = [
            f"{_amount(value, it.rule == 'disk')} {what}"
            for what, value in (
                ("running", it.running),
                ("stored", it.stored),
                ("rebuilt", it.rebuilt),
            )
            if value
        ]
        resource = name_shown(it.item, most=_NARROW)
        return f"{resource}: needs {shown[0]}, has {shown[1]} of {shown[2]} ({', '.join(used)})"
    if it.rule == "anti-affinity":
        there = ", ".join(name_shown(name, most=_NARROW) for name in it.vms[:3])
        return f"VM {there} of group {name_shown(it.item, most=_NARROW)} is there"
    return {
        "survives": "it fails itself",
        "accept_rebuilds": "it accepts no rebuilds",
        "allowed_servers": "the VM does not allow it",
    }[it.rule]


def _amount(value: float, disk: bool) -> str:
    sign = "-" if value < 0 else ""
    shown = format_bytes(abs(value))
    return sign + (shown if disk else shown.rstrip("B "))


def _failures(plan: PlanExplanation) -> Iterator[str]:
    yield f"expected transfer: {format_bytes(plan.expected_transfer_bytes)}"
    rows = [("costliest failure", "weight", "VMs", "transfer", "share")]
    rows += [
        (
            name_shown(it.failure),
            f"{it.weight:.4g}",
            str(it.rebuilds),
            format_bytes(it.transfer_bytes),
            f"{100 * it.share:.3g} %",
        )
        for it in plan.failures[:MOST_ROWS]
    ]
    yield from table(rows, right={1, 2, 3, 4})
    yield from _rest(len(plan.failures), "failures")


def _copies(plan: PlanExplanation) -> Iterator[str]:
    if not plan.copies:
        yield "no diff is on more than one server"
        return
    rows = [("diff on several servers", "copy on", "disk", "saves", "needed to survive")]
    rows += [
        (
            name_shown(it.diff, most=_NARROW),
            name_shown(it.server, most=_NARROW),
            format_bytes(it.stored_bytes),
            format_bytes(it.saves_bytes),
            ", ".join(name_shown(name, most=8) for name in it.needed_in[:3])
            + (" ..." if len(it.needed_in) > 3 else ""),
        )
        for it in plan.copies[:MOST_ROWS]
    ]
    yield from table(rows, right={2, 3})
    yield from _rest(len(plan.copies), "copies")


def _rest(count: int, what: str) -> Iterator[str]:
    if count > MOST_ROWS:
        yield f"and {count - MOST_ROWS} more {what}"


def _bindings(plan: PlanExplanation) -> Iterator[str]:
    if not plan.bindings:
        return
    rows = [("tightest", "left", "on server", "in failure")]
    for it in plan.bindings:
        disk = it.resource == DISK
        rows.append(
            (
                name_shown(it.resource, most=_NARROW),
                f"{_amount(it.left, disk)} of {_amount(it.capacity, disk)}",
                name_shown(it.server, most=_NARROW),
                "none" if it.failure is None else name_shown(it.failure, most=_NARROW),
            )
        )
    yield from table(rows)


def _infeasible(it: Infeasibility) -> Iterator[list[str]]:
    head = "infeasible: no plan keeps all of these together"
    if it.irreducible:
        head += ", and one would without any of them"
    yield [
        f"{head}:",
        *(line for cause in it.causes[:MOST_CAUSES] for line in _filled(str(cause))),
        *([f"    and {len(it.causes) - MOST_CAUSES} more"] if len(it.causes) > MOST_CAUSES else []),
    ]
    if it.lacks:
        yield ["short among them:", *(line for lack in it.lacks for line in _filled(lack.text))]
    if not it.remedies:
        yield ["no remedy was found in the time that is not out of proportion"]
        return
    yield [
        "any of these makes it feasible; a plan was made for each:",
        *_remedies(it.remedies),
    ]


def _unknown(enough: Sequence[Remedy]) -> Iterator[str]:
    yield "unknown: the time was too short to tell whether there is a plan, or why there is none"
    if enough:
        yield "any of these is enough, though less may do; a plan was made for each:"
        yield from _remedies(enough)


def _remedies(remedies: Sequence[Remedy]) -> Iterator[str]:
    for it in remedies:
        shown = f"{it} (that plan: {format_bytes(it.expected_transfer_bytes)} expected)"
        yield from _filled(shown)


def _filled(text: str) -> list[str]:
    return textwrap.wrap(
        one_line(text),
        WIDTH,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_long_words=False,
    )
