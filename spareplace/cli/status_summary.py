"""A status as text for people: what is broken and why, and what is next to break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spareplace.cli.columns import name_shown, table
from spareplace.lifecycle.health.pairs import Broken, Retargetable
from spareplace.lifecycle.health.protection import ProtectionStatus, ServerState, Tight
from spareplace.units import format_bytes

MOST_ROWS = 20
"""Of each list, so many are shown before the rest is counted."""

_NARROW = 18


def status_summary(status: ProtectionStatus) -> str:
    """Describe a status in lines of about 80 characters."""
    parts = [
        "\n".join(table(list(_figures(status)))),
        _list("broken", [_broken_row(pair) for pair in status.broken]),
        _list("given up by the plan", [_broken_row(pair) for pair in status.given_up]),
        _list("to be rebuilt elsewhere", [_moved_row(pair) for pair in status.retargetable]),
        _list("servers", [row for one in status.servers for row in _server_rows(one)]),
        "\n".join(_tightest(status)),
    ]
    return "\n\n".join(part for part in parts if part)


def warnings_of(status: ProtectionStatus) -> Iterator[str]:
    """Say what is not as it should be, and yet breaks nothing."""
    if status.pairs.retargetable:
        yield (
            f"{_pairs(status.pairs.retargetable)} rebuilt elsewhere than planned; make a new plan"
        )
    for one in status.servers:
        if one.overcommitted:
            lacking = ", ".join(name_shown(name, most=_NARROW) for name in one.overcommitted)
            yield f"server {name_shown(one.server)} is overcommitted as given: {lacking}"
        if one.refused_bytes:
            yield (
                f"server {name_shown(one.server)} accepts no extents and stores "
                f"{format_bytes(one.refused_bytes)}"
            )


def _figures(status: ProtectionStatus) -> Iterator[tuple[str, str]]:
    yield "status", _verdict(status)
    if status.plan_current is not None:
        made_for = "the cluster as it is" if status.plan_current else "another state of the cluster"
        yield "plan", f"made for {made_for}"
    pairs, holders = status.pairs, status.holders
    yield (
        "(VM, failure) pairs",
        f"{pairs.protected} protected, {pairs.retargetable} retargetable, "
        f"{pairs.broken} broken, {pairs.given_up} given up",
    )
    yield (
        "surviving holders",
        f"one: {holders.one} pairs, two: {holders.two}, three or more: {holders.three_or_more}",
    )
    yield "expected transfer", _transfer(status)
    strays = status.strays
    if strays.extents or strays.rebuilds:
        yield (
            "left out",
            f"{strays.extents} extents ({format_bytes(strays.extent_bytes)}) and "
            f"{strays.rebuilds} rebuilds of what is gone",
        )


def _verdict(status: ProtectionStatus) -> str:
    if not status.holds:
        return "BROKEN"
    if status.pairs.retargetable:
        return "holds, with other targets than planned"
    return "holds as planned"


def _transfer(status: ProtectionStatus) -> str:
    now = format_bytes(status.expected_transfer_bytes)
    planned = status.planned_transfer_bytes
    return now if planned is None else f"{now}; the plan promised {format_bytes(planned)}"


def _broken_row(pair: Broken) -> tuple[str, str, str]:
    return _pair_row(pair.vm, pair.failure, _reason(pair))


def _reason(pair: Broken) -> str:
    if pair.cause == "data":
        lost = [f"{format_bytes(it.size)} of {name_shown(it.diff, _NARROW)}" for it in pair.lost]
        more = f" and of {len(lost) - 1} more" if len(lost) > 1 else ""
        return f"data lost: {lost[0]}{more}"
    if pair.cause == "room" and pair.server is not None and pair.resource is not None:
        missing = format_bytes(pair.missing or 0.0)
        if pair.resource != "disk":
            missing = missing.rstrip("B ")
        where = name_shown(pair.server, most=_NARROW)
        beside = " beside the others" if pair.crowded_out else ""
        return f"no room{beside}: {where} lacks {missing} of {name_shown(pair.resource, _NARROW)}"
    return f"no server: {pair.cause}"


def _moved_row(pair: Retargetable) -> tuple[str, str, str]:
    before = "" if pair.planned is None else f"{name_shown(pair.planned, most=_NARROW)}: "
    return _pair_row(
        pair.vm,
        pair.failure,
        f"{before}{pair.why}; on {name_shown(pair.server, most=_NARROW)}",
    )


def _pair_row(vm: str, failure: str, text: str) -> tuple[str, str, str]:
    return name_shown(vm, most=_NARROW), f"in {name_shown(failure, most=_NARROW)}", text


def _server_rows(one: ServerState) -> Iterator[tuple[str, str, str]]:
    name = name_shown(one.server)
    if one.overfull_bytes:
        stored = format_bytes(one.stored_bytes)
        yield name, "disk over", f"by {format_bytes(one.overfull_bytes)}, stores {stored}"
    if one.refused_bytes:
        yield name, "accepts no extents", f"stores {format_bytes(one.refused_bytes)}"
    if one.overcommitted:
        lacking = ", ".join(name_shown(it, most=_NARROW) for it in one.overcommitted[:3])
        yield name, "overcommitted as given", lacking


def _list(title: str, rows: Sequence[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    lines = [f"{title}:", *(f"  {line}" for line in table(rows[:MOST_ROWS]))]
    if len(rows) > MOST_ROWS:
        lines.append(f"  and {len(rows) - MOST_ROWS} more")
    return "\n".join(lines)


def _tightest(status: ProtectionStatus) -> Iterator[str]:
    disk = status.tightest_disk
    places = [*([] if disk is None else [disk]), *status.tightest_resources]
    if not places:
        return
    rows = [("resource", "least left", "VMs may grow by", "on server", "in failure")]
    rows += [_tight_row(place, place is disk) for place in places[:MOST_ROWS]]
    yield from table(rows, right={2})
    if len(places) > MOST_ROWS:
        yield f"and {len(places) - MOST_ROWS} more resources"


def _tight_row(place: Tight, disk: bool) -> tuple[str, str, str, str, str]:
    left, capacity = format_bytes(place.left), format_bytes(place.capacity)
    if not disk:  # in units that nobody told us
        left, capacity = left.rstrip("B "), capacity.rstrip("B ")
    return (
        name_shown(place.resource, most=14),
        f"{left} of {capacity}",
        "" if place.growth is None else f"{100 * place.growth:.3g} %",
        name_shown(place.server, most=14),
        "none" if place.failure is None else name_shown(place.failure, most=14),
    )


def _pairs(count: int) -> str:
    return "1 (VM, failure) pair is" if count == 1 else f"{count} (VM, failure) pairs are"
