"""The block of other goals: the largest transfer of a failure, and the seconds of each failure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from spareplace.goals import Goal
from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft, Term

_LONGEST = 2**50
"""The most steps in which seconds are counted."""

_FINE = 2**20
"""Where that is not enough, the slowest link carries so many bytes in a step."""

Costs = list[tuple[int, Fraction]]


def add_goal(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels, goal: Goal
) -> list[tuple[str, Costs]]:
    """Add what a goal needs beside ``fetch``; give the objectives before the expected transfer."""
    if goal == "worst":
        return [("worst", _add_worst(draft, columns, labels))]
    if goal == "time":
        stuck, seconds = _add_seconds(draft, columns, instance, labels)
        return [*([("stuck", stuck)] if stuck else []), ("time", seconds)]
    return []


def _add_worst(draft: Draft, columns: Columns, labels: Labels) -> Costs:
    """Add ``worst``, which no failure transfers more than."""
    by_failure: dict[int, list[Term]] = defaultdict(list)
    for (failure, _, _), term in columns.missing.items():
        by_failure[failure].append(term)
    step = _common(columns)
    most = max((_most(draft, terms) for terms in by_failure.values()), default=0)
    worst = draft.amount("worst", 0, most // step)
    for failure, terms in by_failure.items():
        _bound(draft, columns, label("worst", labels.failure[failure]), worst, step, terms)
    return [(worst, Fraction(step))]


def _add_seconds(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels
) -> tuple[Costs, Costs]:
    """Add ``seconds[f]``, as long as every link takes at least; and price bytes that never come.

    Who sends is free: ``send[f,d,s]`` says how many bytes of a diff each server sends in all.
    """
    servers = instance.cluster.servers
    into: dict[int, dict[int, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for (failure, _, server), term in columns.missing.items():
        into[failure][server].append(term)
    out = _add_sends(draft, columns, instance, labels)
    rates = [(server.net_in, server.net_out) for server in servers]
    unit, scale = _units(draft, columns, [rate for pair in rates for rate in pair if rate])
    seconds: Costs = []
    stuck: Costs = []
    for failure, links in into.items():
        loads = [(rates[server][0], terms) for server, terms in links.items()]
        loads += [(rates[server][1], terms) for server, terms in out[failure].items()]
        limited = [(rate, terms) for rate, terms in loads if rate is not None]
        weight = instance.weight[failure]
        stuck += [
            (column, weight * bytes_)
            for rate, terms in limited
            if not rate
            for column, bytes_ in terms
        ]
        rows = [
            (scale[rate][0], [(column, scale[rate][1] * bytes_) for column, bytes_ in terms])
            for rate, terms in limited
            if rate
        ]
        most = max((-(-_most(draft, terms) // step) for step, terms in rows), default=0)
        name = label("seconds", labels.failure[failure])
        longest = draft.amount(name, 0, most)
        for number, (step, terms) in enumerate(rows):
            _bound(draft, columns, f"{name} {number}", longest, step, terms)
        seconds.append((longest, weight * unit))
    return stuck, seconds


def _add_sends(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels
) -> Mapping[int, Mapping[int, list[Term]]]:
    """Add ``send[f,d,s]`` where a rate limits it; give them by failure and server."""
    out: dict[int, dict[int, list[Term]]] = defaultdict(lambda: defaultdict(list))
    if all(server.net_out is None for server in instance.cluster.servers):
        return out
    asked: dict[tuple[int, int], list[Term]] = defaultdict(list)
    for (failure, diff, _), term in columns.missing.items():
        asked[failure, diff].append(term)
    held: dict[tuple[int, int], list[Term]] = defaultdict(list)
    for (diff, piece, server), column in columns.keep.items():
        if (diff, piece, server) not in columns.part:
            held[diff, server].append((column, instance.size[diff]))
    for (diff, _, server), column in columns.part.items():
        held[diff, server].append((column, 1))
    for (failure, diff), terms in asked.items():
        sends: list[Term] = []
        targets, size = len(terms), instance.size[diff]
        for server in np.flatnonzero(~instance.down[failure]).tolist():
            there = held.get((diff, server), [])
            if not there and not instance.resident[diff, server]:
                continue
            names = (labels.failure[failure], labels.diff[diff], labels.server[server])
            send = draft.amount(label("send", *names), 0, targets * size)
            columns.send[failure, diff, server] = send
            if not instance.resident[diff, server]:
                most = [(column, targets * bytes_) for column, bytes_ in there]
                draft.at_least(label("has", *names), [*most, (send, -1)], 0)
            sends.append((send, 1))
            out[failure][server].append((send, 1))
        name = label("sent", labels.failure[failure], labels.diff[diff])
        draft.at_least(name, [*sends, *((column, -bytes_) for column, bytes_ in terms)], 0)
    return out


def _units(
    draft: Draft, columns: Columns, rates: Sequence[int]
) -> tuple[Fraction, Mapping[int, tuple[int, int]]]:
    """Give the seconds that 1 stands for, and for each rate factors of that 1 and of a byte.

    All transfers take whole numbers of them, unless those are too long to be counted.
    """
    if not rates:
        return Fraction(1), {}
    common, slowest = math.lcm(*rates), min(rates)
    step = 1 if columns.send else _common(columns)
    if _most(draft, columns.missing.values()) * common <= _LONGEST * slowest * step:
        return Fraction(step, common), {rate: (step, common // rate) for rate in rates}
    unit = Fraction(_FINE, slowest)
    return unit, {rate: (int(rate * unit), 1) for rate in rates}


def _common(columns: Columns) -> int:
    """Give the bytes of which whatever is transferred is a multiple."""
    return math.gcd(*(bytes_ for _, bytes_ in columns.missing.values())) or 1


def _bound(
    draft: Draft, columns: Columns, name: str, column: int, step: int, terms: Sequence[Term]
) -> None:
    """Say that ``step x column`` is no less than a sum."""
    columns.peak.setdefault(column, []).append((step, tuple(terms)))
    draft.at_least(name, [(column, step), *((other, -each) for other, each in terms)], 0)


def _most(draft: Draft, terms: Iterable[Term]) -> int:
    return sum(bytes_ * draft.upper[column] for column, bytes_ in terms)
