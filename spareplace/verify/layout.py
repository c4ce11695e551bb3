"""A cluster and a placement laid out by name, kept up to date; and what a change touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from fractions import Fraction

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Rebuild, Recovery, Unprotected
from spareplace.verify.delta import Delta, Touched
from spareplace.verify.ground import Outage
from spareplace.verify.spans import Spans, length, union, without


class Layout:
    """Who runs where, what is stored where, and what is rebuilt where, by name.

    Attributes
    ----------
    bare
        The cluster without diffs and VMs, which come and go.
    servers, failures, diffs, vms
        The parts by name.
    stored, stored_on
        Extents by diff, and by server, as they were given.
    held
        By diff and server, the bytes there: stored or resident.
    outages
        By failure, what the placement does in it.
    asking
        By diff, the failures in which a rebuild needs it.
    rebuilt_at
        By server, the failures in which it is a target.
    unprotected
        The pairs that are given up.
    expected
        The expected transfer.
    """

    __slots__ = (
        "_count", "_lacks", "_losing", "_order", "_rebuilt_in", "_resident", "_running",
        "_weight", "asking", "bare", "diffs", "expected", "failures", "held", "outages",
        "rebuilt_at", "servers", "stored", "stored_on", "unprotected", "vms",
    )  # fmt: skip

    def __init__(self, cluster: Cluster) -> None:
        alone = tuple(replace(server, resident=()) for server in cluster.servers)
        self.bare = Cluster(servers=alone, failures=cluster.failures)
        self.servers: dict[str, Server] = {server.name: server for server in cluster.servers}
        self.failures: dict[str, Failure] = {one.name: one for one in cluster.failures}
        self.diffs: dict[str, Diff] = {}
        self.vms: dict[str, VM] = {}
        self.stored: dict[str, list[Extent]] = defaultdict(list)
        self.stored_on: dict[str, list[Extent]] = defaultdict(list)
        self.held: dict[str, dict[str, Spans]] = {}
        self.outages: dict[str, Outage] = {}
        self.asking: dict[str, set[str]] = defaultdict(set)
        self.rebuilt_at: dict[str, set[str]] = defaultdict(set)
        self.unprotected: tuple[Unprotected, ...] = ()
        self.expected = Fraction(0)
        self._running: dict[str, dict[str, VM]] = defaultdict(dict)
        self._order: dict[str, int] = {}
        self._count = 0
        self._rebuilt_in: dict[str, set[str]] = defaultdict(set)
        self._lacks: dict[str, dict[tuple[str, str], int]] = {}
        self._losing: dict[str, set[str]] = defaultdict(set)
        self._resident: dict[str, list[str]] = defaultdict(list)
        self._weight: dict[str, Fraction] = {}
        for failure in cluster.failures:
            self._weight[failure.name] = Fraction(repr(float(failure.weight or 0)))
            for name in failure.servers:
                self._losing[name].add(failure.name)
            self._lacks[failure.name] = {}
            self.outages[failure.name] = _outage(failure, (), {}, {}, {})
        for server in cluster.servers:
            for name in server.resident:
                self._resident[name].append(server.name)

    def running(self, server: str) -> tuple[VM, ...]:
        """Give the VMs that run on a server, in the order of the cluster."""
        there = self._running.get(server, {})
        return tuple(sorted(there.values(), key=lambda vm: self._order[vm.name]))

    def known_on(self, server: str) -> tuple[Extent, ...]:
        """Give the extents of known diffs on a server, cut down to what their diff has."""
        return self._cut(self.stored_on.get(server, ()))

    def known_of(self, diff: str) -> tuple[Extent, ...]:
        """Give the extents of a diff on known servers, cut down to what it has."""
        return self._cut(self.stored.get(diff, ()))

    def change(self, delta: Delta) -> Touched:
        """Take a change in, and tell what it touches."""
        touched = Touched()
        for name in delta.gone_vms:
            self._take_out(name, touched)
            del self._order[name]
        for vm in delta.vms:
            self._put_in(vm, touched)
        for name in delta.gone_diffs:
            del self.diffs[name]
        self.diffs.update((diff.name, diff) for diff in delta.diffs)
        for name in (*delta.gone_diffs, *(diff.name for diff in delta.diffs)):
            touched.diffs.add(name)
            touched.stores.update(one.server for one in self.stored.get(name, ()))
        self._change_extents(delta, touched)
        if delta.unprotected is not None:
            pairs = set(self.unprotected) ^ set(delta.unprotected)
            touched.failures.update(pair.failure for pair in pairs)
            self.unprotected = delta.unprotected
        touched.failures.update(delta.rebuilds)
        touched.failures.intersection_update(self.failures)
        for failure in touched.failures:
            self._lay_out(failure, delta.rebuilds.get(failure), touched)
        for name in touched.diffs:
            self._hold(name)
        for servers in (touched.servers, touched.stores):
            servers.intersection_update(self.servers)
        return touched

    def _put_in(self, vm: VM, touched: Touched) -> None:
        if vm.name in self.vms:
            self._take_out(vm.name, touched)
        else:
            self._order[vm.name] = self._count
            self._count += 1
        self.vms[vm.name] = vm
        self._running[vm.server][vm.name] = vm
        self._touch(vm, touched)

    def _take_out(self, name: str, touched: Touched) -> None:
        vm = self.vms.pop(name)
        del self._running[vm.server][name]
        self._touch(vm, touched)

    def _touch(self, vm: VM, touched: Touched) -> None:
        touched.servers.add(vm.server)
        touched.failures.update(self._losing.get(vm.server, ()))
        touched.failures.update(self._rebuilt_in.get(vm.name, ()))
        touched.failures.update(pair.failure for pair in self.unprotected if pair.vm == vm.name)

    def _change_extents(self, delta: Delta, touched: Touched) -> None:
        for extent in delta.removed:
            self.stored[extent.diff].remove(extent)
            self.stored_on[extent.server].remove(extent)
        for extent in delta.added:
            self.stored[extent.diff].append(extent)
            self.stored_on[extent.server].append(extent)
        for extent in (*delta.removed, *delta.added):
            touched.diffs.add(extent.diff)
            touched.stores.add(extent.server)

    def _lay_out(
        self, failure: str, rebuilds: tuple[Rebuild, ...] | None, touched: Touched
    ) -> None:
        before = self.outages[failure]
        chosen = before.recovery.rebuilds if rebuilds is None else rebuilds
        now = _outage(self.failures[failure], chosen, self.servers, self.vms, self.diffs)
        self.outages[failure] = now
        were, are = ({one.vm for one in some} for some in (before.recovery.rebuilds, chosen))
        _change(self._rebuilt_in, were, are, failure)
        _change(self.rebuilt_at, before.rebuilt.keys(), now.rebuilt.keys(), failure)
        for server in before.rebuilt.keys() | now.rebuilt.keys():
            if before.rebuilt.get(server) != now.rebuilt.get(server):
                touched.places.setdefault(server, set()).add(failure)
        needed, needs = ({diff for _, diff in one.needed} for one in (before, now))
        _change(self.asking, needed, needs, failure)
        touched.asked[failure] = needs - needed
        lacks = self._lacks[failure]
        for place in lacks.keys() - now.needed.keys():
            self._count_lack(failure, place, 0)
            del lacks[place]
        for place in now.needed.keys() - lacks.keys():
            self._count_lack(failure, place, self._lack(place))

    def _hold(self, diff: str) -> None:
        """Work out anew who holds what of a diff."""
        ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for extent in self.known_of(diff):
            ranges[extent.server].append((extent.start, extent.stop))
        if diff in self.diffs:
            for server in self._resident.get(diff, ()):
                ranges[server].append((0, self.diffs[diff].size))
        self.held[diff] = {server: union(parts) for server, parts in ranges.items()}
        for failure in self.asking.get(diff, ()):
            for place in self._lacks[failure]:
                if place[1] == diff:
                    self._count_lack(failure, place, self._lack(place))

    def _lack(self, place: tuple[str, str]) -> int:
        """Count the bytes of a diff that a server needs and does not hold."""
        server, diff = place
        held = self.held.get(diff, {}).get(server, ())
        return length(without(((0, self.diffs[diff].size),), held))

    def _count_lack(self, failure: str, place: tuple[str, str], lack: int) -> None:
        more = lack - self._lacks[failure].get(place, 0)
        self._lacks[failure][place] = lack
        if more:
            self.expected += self._weight[failure] * more

    def _cut(self, extents: Iterable[Extent]) -> tuple[Extent, ...]:
        cut = []
        for one in extents:
            if one.diff in self.diffs and one.server in self.servers:
                start, stop = max(one.start, 0), min(one.stop, self.diffs[one.diff].size)
                if start < stop:
                    whole = (start, stop) == (one.start, one.stop)
                    cut.append(one if whole else replace(one, start=start, stop=stop))
        return tuple(cut)


def _change(index: dict[str, set[str]], was: Set[str], now: Set[str], failure: str) -> None:
    for name in was - now:
        index[name].discard(failure)
    for name in now - was:
        index[name].add(failure)


def _outage(
    failure: Failure,
    rebuilds: tuple[Rebuild, ...],
    servers: Mapping[str, Server],
    vms: Mapping[str, VM],
    diffs: Mapping[str, Diff],
) -> Outage:
    rebuilt: dict[str, dict[str, VM]] = defaultdict(dict)
    for rebuild in rebuilds:
        if rebuild.server in servers and rebuild.vm in vms:
            rebuilt[rebuild.server][rebuild.vm] = vms[rebuild.vm]
    needed: dict[tuple[str, str], str] = {}
    for server, there in rebuilt.items():
        for vm in there.values():
            diff = vm.diff
            while diff is not None and (server, diff) not in needed:
                needed[server, diff] = vm.name
                diff = diffs[diff].parent
    recovery = Recovery(
        failure=failure.name, weight=failure.weight or 0.0, transfer_bytes=0, rebuilds=rebuilds
    )
    return Outage(
        failure=failure,
        recovery=recovery,
        gone=frozenset(failure.servers),
        rebuilt={server: tuple(there.values()) for server, there in rebuilt.items()},
        needed=needed,
    )
