"""After all has a place: the failures that were touched are looked at as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.giving_way import alone
from spareplace.lifecycle.registering.outage import Outage
from spareplace.lifecycle.registering.views import gaps
from spareplace.lifecycle.registering.worth import Price, uses_at

MOST_LOOKED_AT = 3000
"""How many rebuilds one registration looks at for better targets, counting each time again."""


def improve(books: Books, freed: Mapping[int, Collection[int]], price: Price) -> None:
    """Lower the transfer of the failures in which something changed since the books were settled.

    Rebuilds move to other servers or change places, copies that nobody uses any more are deleted,
    and what the rebuilds still lack is stored where that is worth its room. How much is tried is
    counted in rebuilds, not in time: the same registration always does the same.

    Parameters
    ----------
    books
        What stands; it is changed.
    freed
        The diffs of VMs that left or changed, each with the servers on which they were rebuilt.
    price
        What room is worth.
    """
    failures = _touched(books)
    looked_at = 0
    for failure in failures:
        outage = Outage.of(books, failure)
        while outage is not None and looked_at < MOST_LOOKED_AT:
            looked_at += len(outage.guests)
            changes = outage.better()
            if not changes:
                break
            outage.move(changes)
    _drop_unused(books, freed)
    _bring_near(books, failures, price)


def _touched(books: Books) -> list[int]:
    """Give the failures in which a rebuild changed, or lacks what gave way."""
    found = {failure for failure, _ in books.target_before}
    for row, server in books.kept_before:
        if books.missing[row, server]:
            found.update(
                failure
                for failure in books.asked[row]
                if server in books.users.get((failure, row), ())
            )
    return sorted(failure for failure in found if books.site.parts[failure])


def _drop_unused(books: Books, freed: Mapping[int, Collection[int]]) -> None:
    """Delete what was used by rebuilds that are gone, where others hold it as well."""
    places = [(row, server) for row in sorted(freed) for server in sorted(freed[row])]
    places += [
        (row, server)
        for (_, name), server in books.target_before.items()
        if server is not None and name in books.guests
        for row in books.guests[name].chain
    ]
    for row, server in dict.fromkeys(places):
        used = uses_at(books, row, server) > 0
        if server in books.kept[row] and not used and not alone(books, row, server):
            books.put(row, server, ())


def _bring_near(books: Books, failures: Iterable[int], price: Price) -> None:
    """Store what rebuilds lack where they are, if it is worth its room: what saves most first."""
    lacking = {
        (row, server)
        for failure in failures
        for server, names in books.rebuilt[failure].items()
        if books.site.keeps[server]
        for name in names
        for row in books.guests[name].chain
        if books.missing[row, server]
    }
    saves = {place: uses_at(books, *place) for place in lacking}
    for row, server in sorted(lacking, key=lambda place: (-saves[place], place)):
        left = int(books.worst[server] - books.missing[row, server])
        if price.pays_at(saves[row, server], left):
            books.keep(row, server, gaps(books, row, server))
