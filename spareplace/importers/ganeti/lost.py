"""What of a cluster the text format of htools has no word for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from spareplace.cluster import Cluster, each_server
from spareplace.fields import Amount
from spareplace.importers.ganeti.columns import MIB
from spareplace.importers.ganeti.pinning import mirror_of
from spareplace.importers.imported import Note
from spareplace.parts import VM, Diff, Server

MEMORY, CPU = "memory", "cpu"
"""The resources for which htools have columns."""


def lost_of(cluster: Cluster, groups: Mapping[str, str]) -> Iterator[Note]:
    """Note what is not said, and what is said in its place.

    Parameters
    ----------
    cluster
        What is exported.
    groups
        The node group of each server.
    """
    listed = dict.fromkeys(what for server in cluster.servers for what in server.capacity)
    for what in listed:
        if what not in (MEMORY, CPU):
            yield Note(about=f"resource {what!r}", assumed="htools have no column for it: left out")
    alone = {failure.servers for failure in each_server(cluster.servers)}
    if {failure.servers for failure in cluster.failures} != alone:
        yield Note(about="failures", assumed="htools look at the loss of each node alone")
    for server in cluster.servers:
        yield from _of_server(server)
    diffs = {diff.name: diff for diff in cluster.diffs}
    uses = Counter(vm.diff for vm in cluster.vms if vm.diff is not None)
    uses.update(diff.parent for diff in cluster.diffs if diff.parent is not None)
    for vm in cluster.vms:
        yield from _of_vm(vm, diffs, uses)
        reach = frozenset(vm.allowed_servers or groups) | {vm.server}
        if mirror_of(vm) is None and reach != {
            name for name, group in groups.items() if group == groups[vm.server]
        }:
            assumed = "no division into node groups says where it is allowed: it may go anywhere"
            yield Note(about=f"vm {vm.name!r}", assumed=assumed)


def _of_server(server: Server) -> Iterator[Note]:
    about = f"server {server.name!r}"
    amounts = (server.disk, server.capacity.get(MEMORY, 0))
    if any(Decimal(amount) % MIB for amount in amounts) or _broken(server.capacity.get(CPU, 0)):
        yield Note(about=about, assumed="rounded down to whole MiB and whole CPUs")
    if server.resident:
        yield Note(about=about, assumed="that it holds diffs anyway is not said")
    if not (server.accept_extents and server.accept_rebuilds):
        yield Note(about=about, assumed="that it takes no copies or no rebuilds is not said")


def _of_vm(vm: VM, diffs: Mapping[str, Diff], uses: Mapping[str, int]) -> Iterator[Note]:
    about = f"vm {vm.name!r}"
    amounts = (vm.disk, vm.demand.get(MEMORY, 0))
    if any(Decimal(amount) % MIB for amount in amounts) or _broken(vm.demand.get(CPU, 0)):
        yield Note(about=about, assumed="rounded up to whole MiB and whole CPUs")
    if vm.diff is not None:
        diff = diffs[vm.diff]
        if diff.parent is not None or uses[vm.diff] > 1:
            yield Note(about=about, assumed="its diffs are shared or stacked: that is not said")
        elif diff.size != vm.disk:
            yield Note(about=about, assumed="the size of its diff is not said, only its disk")


def _broken(amount: Amount) -> bool:
    return Decimal(amount) % 1 != 0
