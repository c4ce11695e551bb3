"""From one placement to another in steps, each of which keeps every VM as safe as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, NoRoom, Problem
from spareplace.holding import Span, merged
from spareplace.lifecycle.moves.asking import Asking
from spareplace.lifecycle.moves.board import Board
from spareplace.lifecycle.moves.losing import lost_after, lost_before, refuse_losses
from spareplace.lifecycle.moves.ranges import Range, outside, ranges_of
from spareplace.lifecycle.moves.steps import Moves, Step, moves_of
from spareplace.lifecycle.moves.tiers import ORDERS, Tier
from spareplace.lifecycle.moves.trying import settled_by_search, ways_to_cut
from spareplace.moving import still_held
from spareplace.placement import Extent, Placement, Plan


def moves_between(cluster: Cluster, before: Placement | Plan, after: Placement | Plan) -> Moves:
    """List the copies and deletions that lead from one placement to another.

    After every step, a VM that survived a failure before the step still does, if it does in
    the end: every byte of its chain is on servers that are up in that failure. And no step
    copies to a server more than its disk holds beside what runs and is stored there. Room for
    rebuilds is not looked at: while data is moved, a failure may find less of it than a plan
    says. Between the first step and the last a diff may be cut into more pieces than a plan may.

    Parameters
    ----------
    cluster
        What `after` is for.
    before
        What is stored now. It may be of an earlier state of the cluster: what lies on servers
        that are gone is not looked at, and extents of diffs that are gone, or that reach beyond
        their diff, are deleted first.
    after
        What is to be stored. Of its rebuilds nothing is asked; a VM that it lists as unprotected
        in a failure may lose its data for it.

    Returns
    -------
    Moves
        The same steps for the same arguments, whatever the process.

    Raises
    ------
    InvalidInput
        If `after` stores what the cluster does not have, if it protects less than `before` and
        does not say so, or if there are bytes that nobody can send.
    NoRoom
        If no order of the steps was found in which all of them have room.

    Examples
    --------
    >>> from spareplace.parts import Diff, Server, VM
    >>> cluster = Cluster(
    ...     servers=tuple(Server(name=name, disk=90) for name in "abc"),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(VM(name="web", server="a", diff="base"),),
    ... )
    >>> on_b = Placement(stored=(Extent(diff="base", server="b", start=0, stop=40),))
    >>> on_c = Placement(stored=(Extent(diff="base", server="c", start=0, stop=40),))
    >>> [(it.action, it.server, it.source) for it in moves_between(cluster, on_b, on_c).steps]
    [('copy', 'c', 'a'), ('delete', 'b', None)]
    """
    servers = {server.name: position for position, server in enumerate(cluster.servers)}
    sizes = {diff.name: diff.size for diff in cluster.diffs}
    _refuse_unknown(servers, sizes, after.stored)
    known = still_held(cluster, before.stored)
    stale = _stale((extent for extent in before.stored if extent.server in servers), known)
    asking = Asking.of(cluster)

    def cut() -> list[Range]:
        return list(ranges_of(sizes, servers, known, merged(after.stored)))

    ranges = cut()
    lost = lost_after(asking, sizes, ranges)
    refuse_losses(cluster, asking, lost_before(asking, sizes, ranges), lost, after.unprotected)
    _refuse_lost_bytes(asking, ranges)
    first: NoRoom | None = None
    for tiers in ORDERS:
        board = Board(cluster, asking, cut(), lost, _room(cluster, known))
        try:
            _settle(board, tiers)
        except NoRoom as error:
            first = first or error
        else:
            return moves_of((*stale, *board.steps))
    for parts in ways_to_cut(cut):
        board = Board(cluster, asking, parts, lost, _room(cluster, known))
        if settled_by_search(board, parts):
            return moves_of((*stale, *board.steps))
    assert first is not None
    raise first


def _is_within(extent: Extent, sizes: Mapping[str, int]) -> bool:
    return 0 <= extent.start < extent.stop <= sizes.get(extent.diff, -1)


def _refuse_unknown(
    servers: Mapping[str, int], sizes: Mapping[str, int], stored: Sequence[Extent]
) -> None:
    bad = [
        Problem(
            path=f"after.stored[{position}]",
            found=f"bytes {it.start} to {it.stop} of diff {it.diff!r} on server {it.server!r}",
            expected="bytes of a diff of the cluster, on one of its servers",
        )
        for position, it in enumerate(stored)
        if it.server not in servers or not _is_within(it, sizes)
    ]
    if bad:
        raise InvalidInput(bad)


def _refuse_lost_bytes(asking: Asking, ranges: Iterable[Range]) -> None:
    bad = [
        Problem(
            path="before.stored",
            found=f"bytes {here.start} to {here.stop} of diff {here.diff!r} nowhere",
            expected="a server that stores them, or runs a VM that has them",
        )
        for here in ranges
        if not here.goal <= here.holders and not asking.senders(here.diff, here.holders)
    ]
    if bad:
        raise InvalidInput(bad)


def _stale(there: Iterable[Extent], known: Iterable[Extent]) -> tuple[Step, ...]:
    """Delete at once what means nothing any more."""
    kept: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for extent in known:
        kept[extent.diff, extent.server].append((extent.start, extent.stop))
    return tuple(
        Step(action="delete", diff=it.diff, server=it.server, start=start, stop=stop)
        for it in merged(there)
        for start, stop in outside(it, kept.get((it.diff, it.server), ()))
    )


def _room(cluster: Cluster, stored: Iterable[Extent]) -> list[int]:
    room = {server.name: server.disk for server in cluster.servers}
    for vm in cluster.vms:
        room[vm.server] -= vm.disk
    for extent in stored:
        room[extent.server] -= extent.size
    return list(room.values())


def _protect(board: Board) -> None:
    """Copy first what some failure finds lost now, where there is room for everything."""
    for here in list(board.fresh):
        targets = [it for it in sorted(here.goal - here.holders) if not board.starves(it)]
        lost = board.lost.get(here.diff, frozenset())
        if targets and not lost.issuperset(board.asking.lost(here.diff, here.holders)):
            for target in targets:
                board.copy(here, target)


def _settle(board: Board, tiers: Sequence[Tier]) -> None:
    """Go on, each time in the first way that is open, until all is as it has to be."""
    _protect(board)
    waiting = [server for server, wanted in enumerate(board.wanting) if wanted]
    queues = [dict.fromkeys(waiting) for _ in tiers]
    done = -1
    while any(queues):
        if not _advance(board, tiers, queues):
            left = [server for server, wanted in enumerate(board.wanting) if wanted]
            if left and board.done == done:
                raise _no_room(board, left)
            done = board.done  # who could not go on before may be able to now
            queues = [dict.fromkeys(left) for _ in tiers]
    board.sweep()


def _advance(board: Board, tiers: Sequence[Tier], queues: Sequence[dict[int, None]]) -> bool:
    for tier, queue in zip(tiers, queues, strict=True):
        while queue:
            server = next(iter(queue))
            del queue[server]
            if board.wanting[server] and tier(board, server):
                for each in queues:
                    each |= board.touched
                board.touched.clear()
                return True
    return False


def _no_room(board: Board, servers: Iterable[int]) -> NoRoom:
    """Name the step that lacks least."""
    missing, _, server, here = min(
        (
            (here.size - board.room[server], here.order, server, here)
            for server in servers
            for here in board.wanting[server]
        ),
        key=lambda one: one[:3],
    )
    return NoRoom(here.diff, board.names[server], here.start, here.stop, missing)
