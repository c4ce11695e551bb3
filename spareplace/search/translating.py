"""From a placement to the state of a search, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from spareplace.holding import merged
from spareplace.placement import Extent, Placement, Rebuild, Unprotected
from spareplace.search.ground import NOWHERE, Ground, servers_in
from spareplace.search.keeping import estimate, tidy
from spareplace.search.rounding import sum_anew
from spareplace.search.state import State

NOT_FOUND = "the search found no plan that protects it too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The decisions of a state: the target of each pair, and the pieces of each diff."""

    target: tuple[int, ...]
    pieces: tuple[tuple[int, ...], ...]
    holders: tuple[tuple[int, ...], ...]


def snapshot(state: State) -> Snapshot:
    """Copy the decisions of a state."""
    return Snapshot(
        target=tuple(state.target),
        pieces=tuple(map(tuple, state.pieces)),
        holders=tuple(map(tuple, state.holders)),
    )


def state_of(ground: Ground, decisions: Snapshot) -> State:
    """Lay out decisions that keep every rule."""
    state = State(ground)
    for pair, server in enumerate(decisions.target):
        if server == NOWHERE:
            state.skip(pair)
        else:
            state.place(pair, server)
    state.pieces = [list(sizes) for sizes in decisions.pieces]
    state.holders = [[0] * len(sizes) for sizes in decisions.pieces]
    for diff, holders in enumerate(decisions.holders):
        for piece, servers in enumerate(holders):
            for server in servers_in(servers):
                state.keep(diff, piece, server)
        tidy(state, diff)
    for server in range(ground.servers):
        estimate(state, server)
    sum_anew(state)
    state.commit()
    return state


def decisions_of(ground: Ground, placement: Placement) -> Snapshot:
    """Turn names into numbers; extents beside a resident copy, legal and useless, are left out."""
    cluster = ground.instance.cluster
    at_vm = {vm.name: at for at, vm in enumerate(cluster.vms)}
    at_server = {server.name: at for at, server in enumerate(cluster.servers)}
    target = [NOWHERE] * len(ground.pairs)
    for number, failure in enumerate(cluster.failures):
        for rebuild in placement.rebuilds.get(failure.name, ()):
            target[ground.number[number, at_vm[rebuild.vm]]] = at_server[rebuild.server]
    extents: dict[str, list[Extent]] = {}
    for extent in placement.stored:
        extents.setdefault(extent.diff, []).append(extent)
    pieces, holders = [], []
    for diff, part in enumerate(cluster.diffs):
        stored = extents.get(part.name, [])
        edges = {edge for extent in stored for edge in (extent.start, extent.stop)}
        cuts = sorted({0, part.size} | edges)
        kept = [
            sum(
                1 << at_server[extent.server]
                for extent in stored
                if extent.start <= start and stop <= extent.stop
            )
            & ~ground.resident[diff]
            for start, stop in pairwise(cuts)
        ]
        pieces.append(tuple(stop - start for start, stop in pairwise(cuts)) or (part.size,))
        holders.append(tuple(kept) or (0,))
    return Snapshot(target=tuple(target), pieces=tuple(pieces), holders=tuple(holders))


def placement_of(ground: Ground, decisions: Snapshot) -> Placement:
    """Write down decisions, with names; the pieces of a diff lie one after the other."""
    cluster = ground.instance.cluster
    rebuilds: dict[str, list[Rebuild]] = {failure.name: [] for failure in cluster.failures}
    unprotected = []
    for (number, vm), server in zip(ground.pairs, decisions.target, strict=True):
        name, failure = cluster.vms[vm].name, cluster.failures[number].name
        if server == NOWHERE:
            unprotected.append(Unprotected(vm=name, failure=failure, reason=NOT_FOUND))
        else:
            rebuilds[failure].append(Rebuild(vm=name, server=cluster.servers[server].name))
    return Placement(
        stored=merged(_extents(ground, decisions)),
        rebuilds={failure: tuple(made) for failure, made in rebuilds.items()},
        unprotected=tuple(unprotected),
    )


def _extents(ground: Ground, decisions: Snapshot) -> Iterator[Extent]:
    cluster = ground.instance.cluster
    for diff, part in enumerate(cluster.diffs):
        start = 0
        kept = zip(decisions.pieces[diff], decisions.holders[diff], strict=True)
        for size, holders in kept:
            for server in servers_in(holders):
                name = cluster.servers[server].name
                yield Extent(diff=part.name, server=name, start=start, stop=start + size)
            start += size
