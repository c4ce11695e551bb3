"""Drop what is stored for nothing: copies without which no plan is worse."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from spareplace.instance import Instance
from spareplace.placement import Extent, Placement


def trimmed(instance: Instance, placement: Placement) -> Placement:
    """Drop extents that neither a failure nor a target needs, what is not there yet first.

    A plan that a solver was cut off at keeps whatever copies happened to be chosen. The
    expected transfer and the survival of every byte stay what they are.
    """
    cluster = instance.cluster
    at_server = {server.name: at for at, server in enumerate(cluster.servers)}
    asked = _asked(instance, placement)
    wanted = _wanted(instance, placement)
    kept: dict[str, list[Extent]] = defaultdict(list)
    for extent in placement.stored:
        kept[extent.diff].append(extent)
    for at, diff in enumerate(cluster.diffs):
        there = {
            extent: instance.current is not None
            and bool(instance.current[at, at_server[extent.server]])
            for extent in kept[diff.name]
        }
        for extent in sorted(there, key=lambda extent: (there[extent], -extent.size, extent)):
            if (at, at_server[extent.server]) in wanted:
                continue
            others = [other for other in kept[diff.name] if other is not extent]
            if all(
                _covered(extent, others, instance, at, failure, at_server)
                for failure in asked.get(at, ())
            ):
                kept[diff.name] = others
    stored = tuple(sorted(extent for extents in kept.values() for extent in extents))
    return Placement(stored=stored, rebuilds=placement.rebuilds, unprotected=placement.unprotected)


def _asked(instance: Instance, placement: Placement) -> dict[int, set[int]]:
    """Give, for each diff, the failures whose rebuilds need it."""
    at_vm = {vm.name: at for at, vm in enumerate(instance.cluster.vms)}
    asked: dict[int, set[int]] = defaultdict(set)
    for number, failure in enumerate(instance.cluster.failures):
        for rebuild in placement.rebuilds.get(failure.name, ()):
            for diff in instance.chain[at_vm[rebuild.vm]]:
                asked[diff].add(number)
    return asked


def _wanted(instance: Instance, placement: Placement) -> Counter[tuple[int, int]]:
    """Count the (diff, server) pairs for which a copy saves a transfer that costs something."""
    at_vm = {vm.name: at for at, vm in enumerate(instance.cluster.vms)}
    at_server = {server.name: at for at, server in enumerate(instance.cluster.servers)}
    wanted: Counter[tuple[int, int]] = Counter()
    for number, failure in enumerate(instance.cluster.failures):
        if instance.weight[number]:
            for rebuild in placement.rebuilds.get(failure.name, ()):
                server = at_server[rebuild.server]
                wanted.update(
                    (diff, server)
                    for diff in instance.chain[at_vm[rebuild.vm]]
                    if not instance.resident[diff, server]
                )
    return wanted


def _covered(
    extent: Extent,
    others: list[Extent],
    instance: Instance,
    diff: int,
    failure: int,
    at_server: Mapping[str, int],
) -> bool:
    """Tell whether the bytes of an extent survive a failure without it."""
    up = ~instance.down[failure]
    if (instance.resident[diff] & up).any():
        return True
    reached = extent.start
    for other in sorted(others, key=lambda other: other.start):
        if up[at_server[other.server]] and other.start <= reached < other.stop:
            reached = other.stop
    return reached >= extent.stop
