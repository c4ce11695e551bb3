"""What a registration changed, read from the books: for the judge, and for the caller."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from fractions import Fraction

from spareplace.holding import Span
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.ranges import Spans
from spareplace.lifecycle.registering.registration import NewTarget, Registered, Registration
from spareplace.placement import Extent, Rebuild, Unprotected
from spareplace.verify.delta import Delta


def delta_of(
    books: Books, registration: Registration, unprotected: tuple[Unprotected, ...]
) -> Delta:
    """Give what the judge has to look at since the books were settled."""
    changed = {*registration.leaving_vms, *(vm.name for vm in registration.vms)}
    touched = {
        failure
        for (failure, name), before in books.target_before.items()
        if name in changed or books.guests[name].targets.get(failure) != before
    }
    now = {
        place: spans
        for place, before in books.kept_before.items()
        if (spans := books.kept[place[0]].get(place[1], ())) != before
    }
    before = {place: books.kept_before[place] for place in now}
    return Delta(
        diffs=registration.diffs,
        vms=registration.vms,
        gone_diffs=registration.leaving_diffs,
        gone_vms=registration.leaving_vms,
        # Whole ranges: those of one diff on one server are joined as they come.
        added=tuple(_named(books, now)),
        removed=tuple(_named(books, before)),
        rebuilds={
            books.site.failures[failure].name: _rebuilds(books, failure) for failure in touched
        },
        unprotected=tuple(pair for pair in unprotected if pair.vm not in changed),
    )


def registered_of(books: Books, before: Fraction, started: float) -> Registered:
    """Tell the caller what was changed since the books were settled."""
    added, removed = _extents(books)
    return Registered(
        added=added,
        removed=removed,
        rebuilds=tuple(_new_targets(books)),
        expected_transfer_bytes_before=float(before),
        expected_transfer_bytes_after=float(books.expected),
        seconds=time.perf_counter() - started,
    )


def _rebuilds(books: Books, failure: int) -> tuple[Rebuild, ...]:
    return tuple(
        Rebuild(vm=name, server=books.site.servers[at].name)
        for at, names in sorted(books.rebuilt[failure].items())
        for name in names
    )


def _new_targets(books: Books) -> Iterator[NewTarget]:
    names = [server.name for server in books.site.servers]
    for (failure, name), before in sorted(books.target_before.items(), key=lambda one: one[0]):
        guest = books.guests.get(name)
        now = guest.targets.get(failure) if guest is not None else None
        if now is not None and now != before:
            yield NewTarget(
                failure=books.site.failures[failure].name,
                vm=name,
                server=names[now],
                before=None if before is None else names[before],
            )


def _extents(books: Books) -> tuple[tuple[Extent, ...], tuple[Extent, ...]]:
    """Give the ranges that are stored and were not, and those that were and are not."""
    added: dict[tuple[int, int], Spans] = {}
    removed: dict[tuple[int, int], Spans] = {}
    for place, before in books.kept_before.items():
        now = books.kept[place[0]].get(place[1], ())
        added[place] = _without(now, before)
        removed[place] = _without(before, now)
    return tuple(sorted(_named(books, added))), tuple(sorted(_named(books, removed)))


def _named(books: Books, places: Mapping[tuple[int, int], Spans]) -> Iterator[Extent]:
    for (row, server), spans in places.items():
        for start, stop in spans:
            yield Extent(
                diff=books.names[row],
                server=books.site.servers[server].name,
                start=start,
                stop=stop,
            )


def _without(spans: Spans, taken: Spans) -> Spans:
    """Give the bytes of the first ranges that are not in the second."""
    left: list[Span] = []
    for start, stop in spans:
        for first, last in taken:
            if first < stop and start < last:
                if start < first:
                    left.append((start, first))
                start = last
        if start < stop:
            left.append((start, stop))
    return tuple(left)
