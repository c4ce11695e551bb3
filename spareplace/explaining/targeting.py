"""Where a VM could be rebuilt in a failure, server by server, all other rebuilds as planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from spareplace.cluster import Cluster
from spareplace.explaining.candidates import Blocker, Candidate, Rule, Target, Verdict
from spareplace.explaining.causes import DISK
from spareplace.explaining.figures import figure
from spareplace.holding import Span, holdings
from spareplace.parts import VM, Failure, Server
from spareplace.placement import Plan, Rebuild
from spareplace.recovery import Needs
from spareplace.units import EXACT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """A cluster and a plan, looked up once for many targets.

    Parameters
    ----------
    running, stored
        By server, the VMs that run there, and the bytes stored.
    held
        By diff and server, the ranges held there, stored or resident.
    needs
        The chains, for the objective.
    """

    cluster: Cluster
    plan: Plan
    vms: Mapping[str, VM]
    running: Mapping[str, Sequence[VM]]
    stored: Mapping[str, int]
    held: Mapping[str, Mapping[str, Sequence[Span]]]
    lacks: Mapping[str, Mapping[str, Sequence[Span]]]
    needs: Needs

    @staticmethod
    def of(cluster: Cluster, plan: Plan) -> Surroundings:
        """Look them up."""
        running: dict[str, list[VM]] = defaultdict(list)
        for vm in cluster.vms:
            running[vm.server].append(vm)
        stored: dict[str, int] = defaultdict(int)
        for extent in plan.stored:
            stored[extent.server] += extent.size
        needs, held = Needs.of(cluster), holdings(cluster, plan.stored)
        return Surroundings(
            cluster=cluster,
            plan=plan,
            vms={vm.name: vm for vm in cluster.vms},
            running=running,
            stored=stored,
            held=held,
            lacks=needs.gaps(held),
            needs=needs,
        )

    def transferred(self, rebuilds: Iterable[Rebuild]) -> int:
        """Give what a recovery with these rebuilds transfers."""
        return sum(_length(lacks) for *_, lacks in self.needs.lacking(rebuilds, self.lacks))

    def held_of(self, vm: str, server: str) -> int:
        """Give how many bytes of a VM's chain a server holds."""
        chain = self.needs.chains[vm]
        return sum(_length(self.held.get(diff, {}).get(server, ())) for diff in chain)


def target_of(around: Surroundings, vm: VM, failure: Failure) -> Target:
    """Explain one rebuild, or why there is none."""
    cluster, plan = around.cluster, around.plan
    recovery = plan.recovery(failure.name)
    others = tuple(it for it in recovery.rebuilds if it.vm != vm.name)
    chosen = next((it.server for it in recovery.rebuilds if it.vm == vm.name), None)
    planned = around.transferred(recovery.rebuilds)
    beside: dict[str, list[VM]] = defaultdict(list)
    for rebuild in others:
        beside[rebuild.server].append(around.vms[rebuild.vm])
    candidates = []
    for server in cluster.servers:
        blockers = tuple(_blockers(around, vm, failure, server, beside.get(server.name, ())))
        cost = None
        if not blockers:
            cost = around.transferred((*others, Rebuild(vm=vm.name, server=server.name)))
        candidates.append(
            Candidate(
                server=server.name,
                verdict=_verdict(server.name == chosen, cost, planned),
                transfer_bytes=cost,
                held_bytes=around.held_of(vm.name, server.name),
                blockers=blockers,
            )
        )
    pair = vm.name, failure.name
    chain = around.needs.chains[vm.name]
    return Target(
        vm=vm.name,
        failure=failure.name,
        server=chosen,
        chain_bytes=sum(_length(around.needs.nothing[diff]) for diff in chain),
        transfer_bytes=planned,
        reason=next((it.reason for it in plan.unprotected if (it.vm, it.failure) == pair), ""),
        candidates=tuple(sorted(candidates, key=_rank)),
    )


def _verdict(chosen: bool, cost: int | None, planned: int) -> Verdict:
    if chosen:
        return "chosen"
    if cost is None:
        return "blocked"
    if cost == planned:
        return "as cheap"
    return "cheaper" if cost < planned else "dearer"


def _rank(candidate: Candidate) -> tuple[bool, bool, int]:
    cost = candidate.transfer_bytes
    return candidate.verdict != "chosen", cost is None, cost or 0


def _length(spans: Sequence[Span]) -> int:
    return sum(stop - start for start, stop in spans)


def _blockers(
    around: Surroundings, vm: VM, failure: Failure, server: Server, rebuilt: Sequence[VM]
) -> Iterator[Blocker]:
    """Give every rule that forbids a rebuild beside the others of the failure."""
    running = around.running.get(server.name, ())
    if not server.accept_rebuilds:
        yield Blocker(rule="accept_rebuilds")
    if vm.allowed_servers is not None and server.name not in vm.allowed_servers:
        yield Blocker(rule="allowed_servers")
    if server.name in failure.servers:
        yield Blocker(rule="survives")
        return
    for group in vm.groups:
        there = tuple(it.name for it in (*running, *rebuilt) if group in it.groups and it != vm)
        if there:
            yield Blocker(rule="anti-affinity", item=group, vms=there)
    yield from _short(vm, server, around.stored.get(server.name, 0), running, rebuilt)


def _short(
    vm: VM, server: Server, stored: int, running: Sequence[VM], rebuilt: Sequence[VM]
) -> Iterator[Blocker]:
    """Give what of the VM's disk and demands the server has too little left for."""
    asked: list[tuple[Rule, str, Decimal, Decimal]] = [
        ("disk", DISK, Decimal(vm.disk), Decimal(server.disk))
    ]
    asked += [
        ("resources", name, Decimal(amount), Decimal(server.capacity.get(name, 0)))
        for name, amount in vm.demand.items()
    ]
    for rule, resource, need, capacity in asked:
        disk = rule == "disk"
        used = [_used(some, resource, disk=disk) for some in (running, rebuilt)]
        kept = stored if disk else 0
        left = EXACT.subtract(capacity, EXACT.add(EXACT.add(*used), Decimal(kept)))
        if need > 0 and left < need:
            yield Blocker(
                rule=rule,
                item=resource,
                need=figure(need),
                have=figure(left),
                capacity=figure(capacity),
                running=figure(used[0]),
                stored=kept,
                rebuilt=figure(used[1]),
            )


def _used(vms: Sequence[VM], resource: str, *, disk: bool) -> Decimal:
    total = Decimal(0)
    for vm in vms:
        total = EXACT.add(total, Decimal(vm.disk if disk else vm.demand.get(resource, 0)))
    return total
