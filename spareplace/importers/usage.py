"""Demands as a percentile of measured use: the second step of the paper's procedure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.importers.imported import Imported, Note
from spareplace.importers.measures import MOST_SAMPLES, samples_of
from spareplace.importers.sources import Source, refused
from spareplace.references import nearly

LABELS = ("vm", "domain", "name")
"""Labels by which exporters name VMs, in the order in which they are looked for."""

FEW = 20
"""With fewer samples, a high percentile is no more than the largest of them."""


def import_usage(
    cluster: Cluster,
    sources: Sequence[Source],
    *,
    percentile: Decimal = Decimal(95),
    resource: str | None = None,
    labels: Sequence[str] = LABELS,
) -> Imported:
    r"""Replace what VMs demand by what they were measured to use.

    Parameters
    ----------
    cluster
        Any; its servers list the resources.
    sources
        CSV tables with the columns ``time``, ``vm``, ``resource`` and ``value``, or answers of
        Prometheus.
    percentile
        Above 0 and at most 100. The demand is the least measured value that at least so many
        percent of the values do not exceed; no value between two measured ones is made up.
    resource
        What the answers of Prometheus measure, where their series do not say it.
    labels
        The labels of those series of which the first one that is there names the VM.

    Raises
    ------
    InvalidInput
        If a source has neither form, or a resource was measured that no server lists.

    Examples
    --------
    >>> from spareplace.importers.sources import Source
    >>> from spareplace.parts import VM, Server
    >>> given = Cluster(servers=(Server(name="a", disk=1, capacity={"cpu": 8}),),
    ...                 vms=(VM(name="web", server="a", demand={"cpu": 4}),))
    >>> rows = b"time,vm,resource,value\n1,web,cpu,0.5\n2,web,cpu,1.5\n3,web,cpu,0.25\n"
    >>> found = import_usage(given, [Source(path="u.csv", content=rows)], percentile=Decimal(50))
    >>> found.cluster.vms[0].demand
    {'cpu': Decimal('0.5')}
    """
    if not 0 < percentile <= 100:
        raise InvalidInput(
            [Problem(path="percentile", found=str(percentile), expected="above 0, at most 100")]
        )
    notes: list[Note] = []
    used = _gathered(sources, labels, resource, notes)
    _refuse_unlisted(cluster, used, sources)
    demands = {
        vm: {what: percentile_of(amounts, percentile) for what, amounts in of_vm.items()}
        for vm, of_vm in used.items()
    }
    vms = tuple(
        replace(vm, demand={**vm.demand, **demands[vm.name]}) if vm.name in demands else vm
        for vm in cluster.vms
    )
    notes += _notes(cluster, used)
    return Imported(cluster=replace(cluster, vms=vms), notes=tuple(notes))


def percentile_of(amounts: Iterable[Decimal], percentile: Decimal) -> Decimal:
    """Give the least amount that at least so many percent of all do not exceed.

    Examples
    --------
    >>> percentile_of([Decimal(number) for number in range(1, 21)], Decimal(95))
    Decimal('19')
    """
    ordered = sorted(amounts)
    share = Decimal(len(ordered)) * percentile / 100
    rank = int(share.to_integral_value("ROUND_CEILING"))
    return ordered[max(rank, 1) - 1]


Used = Mapping[str, Mapping[str, list[Decimal]]]


def _gathered(
    sources: Sequence[Source], labels: Sequence[str], resource: str | None, notes: list[Note]
) -> Used:
    used: defaultdict[str, defaultdict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    seen: dict[tuple[str, str, str], str] = {}
    for source in sources:
        for sample in samples_of(source, labels, resource, notes):
            at = (sample.time, sample.vm, sample.resource)
            if seen.setdefault(at, source.path) != source.path:
                found = f"{sample.resource!r:.80} of vm {sample.vm!r:.80} at {sample.time!r:.80}"
                raise refused(
                    source, "$", f"{found} again", f"each time once; {seen[at]} has it, too"
                )
            used[sample.vm][sample.resource].append(sample.amount)
            if len(seen) > MOST_SAMPLES:
                most = f"at most {MOST_SAMPLES:,}"
                raise refused(source, "$", f"more than {MOST_SAMPLES:,} samples in all", most)
    return used


def _refuse_unlisted(cluster: Cluster, used: Used, sources: Sequence[Source]) -> None:
    listed = {resource: "" for server in cluster.servers for resource in server.capacity}
    known = {vm.name for vm in cluster.vms}
    measured = {what: vm for vm, of_vm in used.items() if vm in known for what in of_vm}
    bad = [
        Problem(
            path=f"vm {vm!r:.80}",
            found=f"measured use of {what!r:.80}",
            expected="a resource that at least one server lists in its capacity",
            hint=nearly(what, listed) or "list its capacity in the hosts file when importing",
        )
        for what, vm in measured.items()
        if what not in listed
    ]
    if bad:
        raise InvalidInput(bad, ", ".join(source.path for source in sources[:3]))


def _notes(cluster: Cluster, used: Used) -> Iterable[Note]:
    names = {vm.name: "" for vm in cluster.vms}
    for name in used:
        if name not in names:
            assumed = "it is not in the cluster: passed over"
            yield Note(about=f"vm {name!r}", assumed=assumed, give=nearly(name, names))
    resources = dict.fromkeys(what for of_vm in used.values() for what in of_vm)
    for vm in cluster.vms:
        for what in resources:
            about = f"vm {vm.name!r}"
            samples = used.get(vm.name, {}).get(what)
            if samples is None:
                assumed = f"no use of {what!r} was measured: its demand is as before"
                if what not in vm.demand:
                    assumed = f"no use of {what!r} was measured, and no demand was known: none"
                yield Note(about=about, assumed=assumed)
            elif len(samples) < FEW:
                assumed = f"fewer than {FEW} samples of {what!r}: little to take a percentile of"
                yield Note(about=about, assumed=assumed, give="measure longer")
