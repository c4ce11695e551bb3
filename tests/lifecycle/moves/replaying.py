"""What every step of a change has to keep, from the words and by brute force.

Nothing here is taken from what works out the moves, nor are steps applied by its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.cluster import Cluster
from spareplace.lifecycle.moves.steps import Moves, Step
from spareplace.parts import VM
from spareplace.placement import Extent, Placement

Bytes = dict[tuple[str, str], list[tuple[int, int]]]
"""By diff and server, ranges, in any order; none overlap."""

Pairs = set[tuple[str, str]]
"""A VM, and a failure that it survives."""


def bytes_of(stored: Iterable[Extent]) -> Bytes:
    held: Bytes = {}
    for extent in stored:
        add(held, (extent.diff, extent.server), extent.start, extent.stop)
    return held


def add(held: Bytes, place: tuple[str, str], start: int, stop: int) -> None:
    rest = cut(held.get(place, []), start, stop)
    held[place] = [*rest, (start, stop)]


def cut(ranges: Iterable[tuple[int, int]], start: int, stop: int) -> list[tuple[int, int]]:
    found = []
    for first, last in ranges:
        found += [(first, min(last, start)), (max(first, stop), last)]
    return [(first, last) for first, last in found if first < last]


def tidy(held: Bytes) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Join what touches and leave out what is empty, so that equal bytes are equal."""
    result: Bytes = {}
    for place, ranges in held.items():
        for start, stop in sorted(ranges):
            kept = result.setdefault(place, [])
            if kept and kept[-1][1] == start:
                kept[-1] = (kept[-1][0], stop)
            else:
                kept.append((start, stop))
    return result


def all_held(ranges: Iterable[tuple[int, int]], start: int, stop: int) -> bool:
    left = [(start, stop)] if start < stop else []
    for first, last in ranges:
        left = cut(left, first, last)
    return not left


def chain(cluster: Cluster, vm: VM) -> Iterator[str]:
    parents = {diff.name: diff.parent for diff in cluster.diffs}
    diff = vm.diff
    while diff is not None:
        yield diff
        diff = parents[diff]


def surviving(cluster: Cluster, held: Mapping[tuple[str, str], list[tuple[int, int]]]) -> Pairs:
    """Give the (VM, failure) pairs of which every byte is on servers that are up."""
    size = {diff.name: diff.size for diff in cluster.diffs}
    pairs: Pairs = set()
    for failure in cluster.failures:
        up = [server for server in cluster.servers if server.name not in failure.servers]
        for vm in cluster.vms:
            if not vm.protect or vm.server not in failure.servers:
                continue
            for diff in chain(cluster, vm):
                there = [span for it in up for span in held.get((diff, it.name), [])]
                if any(diff in server.resident for server in up):
                    there.append((0, size[diff]))
                if not all_held(there, 0, size[diff]):
                    break
            else:
                pairs.add((vm.name, failure.name))
    return pairs


def used(cluster: Cluster, held: Bytes) -> dict[str, int]:
    """Give the bytes on each disk: of running VMs, and stored."""
    count = {server.name: 0 for server in cluster.servers}
    for vm in cluster.vms:
        count[vm.server] += vm.disk
    for (_, server), ranges in held.items():
        if server in count:
            count[server] += sum(stop - start for start, stop in ranges)
    return count


def refuse_wrong_moves(cluster: Cluster, before: Placement, after: Placement, moves: Moves) -> None:
    """Do every step, and fail at the first that breaks a promise."""
    servers = {server.name: server for server in cluster.servers}
    held = bytes_of(before.stored)
    end = surviving(cluster, bytes_of(after.stored))
    pairs = surviving(cluster, held)
    full = used(cluster, held)
    for step in moves.steps:
        assert 0 <= step.start < step.stop
        place = (step.diff, step.server)
        if step.action == "copy":
            assert_can_send(cluster, held, step)
            there = held.get(place, [])
            assert cut(there, step.start, step.stop) == there  # nothing that is there is copied
            add(held, place, step.start, step.stop)
        else:
            assert step.source is None
            assert all_held(held[place], step.start, step.stop)
            held[place] = cut(held[place], step.start, step.stop)
        now = used(cluster, held)
        for name, server in servers.items():
            assert now[name] <= max(server.disk, full[name]), (name, step)
        kept = surviving(cluster, held)
        assert not (pairs & end) - kept, step
        pairs, full = kept, now
    known = {name: it for name, it in tidy(held).items() if name[1] in servers}
    assert known == tidy(bytes_of(after.stored))
    copies = [step for step in moves.steps if step.action == "copy"]
    assert moves.copied_bytes == sum(step.stop - step.start for step in copies)
    assert moves.deleted_bytes == sum(
        step.stop - step.start for step in moves.steps if step.action == "delete"
    )


def assert_can_send(cluster: Cluster, held: Bytes, step: Step) -> None:
    (sender,) = [server for server in cluster.servers if server.name == step.source]
    saves = any(vm.server == sender.name and step.diff in chain(cluster, vm) for vm in cluster.vms)
    stored = held.get((step.diff, sender.name), [])
    assert saves or step.diff in sender.resident or all_held(stored, step.start, step.stop)
    if sender.name == step.server:
        assert saves or step.diff in sender.resident


@st.composite
def protecting(draw: DrawFn, cluster: Cluster, like: Placement) -> Placement:
    """Make placements that survive whatever another one survives, from its whole copies.

    The servers of a copy are exchanged, and copies are added or cut in two.
    """
    names = [server.name for server in cluster.servers if server.accept_extents]
    turned = dict(zip(names, draw(st.permutations(names)), strict=True))
    stored: list[Extent] = []
    for extent in like.stored:
        spread = draw(st.sampled_from(("keep", "turn", "both", "split")))
        at = extent.stop // 2 if spread == "split" else 0
        for start, stop in ((0, at), (at, extent.stop)):
            where = {extent.server} if spread in ("keep", "both") else set()
            where |= {turned[extent.server]} if spread != "keep" else set()
            where |= {extent.server} if spread == "split" and start else set()
            stored += [
                Extent(diff=extent.diff, server=server, start=start, stop=stop)
                for server in sorted(where)
                if start < stop
            ]
    return Placement(stored=tuple(sorted(set(stored))))
