"""The books as a placement, with names."""

from __future__ import annotations

from collections.abc import Iterable

from spareplace.lifecycle.registering.books import Books
from spareplace.placement import Extent, Placement, Rebuild, Unprotected


def placement_of(
    books: Books, vms: Iterable[str], unprotected: tuple[Unprotected, ...]
) -> Placement:
    """Write down what stands.

    Parameters
    ----------
    books
        What stands.
    vms
        The names of the VMs in the order of the cluster.
    unprotected
        The pairs that were given up.
    """
    hosts = [server.name for server in books.site.servers]
    rebuilds: list[list[Rebuild]] = [[] for _ in books.site.failures]
    for name in vms:
        for failure, at in books.guests[name].targets.items():
            rebuilds[failure].append(Rebuild(vm=name, server=hosts[at]))
    stored = [
        Extent(diff=name, server=hosts[at], start=start, stop=stop)
        for name, row in books.row.items()
        for at, spans in books.kept[row].items()
        for start, stop in spans
    ]
    return Placement(
        stored=tuple(sorted(stored)),
        rebuilds={
            failure.name: tuple(some)
            for failure, some in zip(books.site.failures, rebuilds, strict=True)
        },
        unprotected=unprotected,
    )
