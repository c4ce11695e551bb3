"""A status in the text format that Prometheus scrapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TypeAlias, get_args

from spareplace.lifecycle.health.pairs import Cause
from spareplace.lifecycle.health.protection import ProtectionStatus

Sample: TypeAlias = tuple[Mapping[str, str], float]
"""Labels, and a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A gauge: its name, what it says, and its samples; without samples it is left out."""

    name: str
    help: str
    samples: Iterable[Sample]


def prometheus_text(status: ProtectionStatus) -> str:
    r"""Write a status as gauges in the text exposition format 0.0.4, without timestamps.

    Examples
    --------
    >>> from spareplace.cluster import Cluster
    >>> from spareplace.lifecycle.health import protection_status
    >>> from spareplace.parts import Server
    >>> from spareplace.placement import Placement
    >>> status = protection_status(Cluster(servers=(Server(name='"a"', disk=5),)), Placement())
    >>> print(*(line for line in prometheus_text(status).splitlines() if "disk_left_b" in line),
    ...       sep="\n")
    # HELP spareplace_disk_left_bytes Disk that VMs and extents leave, below 0 if over.
    # TYPE spareplace_disk_left_bytes gauge
    spareplace_disk_left_bytes{server="\"a\""} 5
    """
    lines: list[str] = []
    for metric in (*_of_pairs(status), *_of_transfer(status), *_of_servers(status)):
        samples = list(metric.samples)
        if samples:
            lines.append(f"# HELP {metric.name} {_escaped_help(metric.help)}")
            lines.append(f"# TYPE {metric.name} gauge")
            lines += [f"{metric.name}{_labels(labels)} {value:.17g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _of_pairs(status: ProtectionStatus) -> Iterator[Metric]:
    yield _one("spareplace_holds", "1 if the exit code of the status is 0.", status.holds)
    yield Metric(
        name="spareplace_pairs",
        help="Protected VMs times failures that lose them, by what becomes of them.",
        samples=[({"state": state}, count) for state, count in asdict(status.pairs).items()],
    )
    causes = Counter(pair.cause for pair in status.broken)
    yield Metric(
        name="spareplace_broken_pairs",
        help="Pairs that cannot be rebuilt although the plan did not give them up, by cause.",
        samples=[({"cause": cause}, causes[cause]) for cause in get_args(Cause)],
    )
    holders = status.holders
    covered = {"1": holders.one, "2": holders.two, "3+": holders.three_or_more}
    yield Metric(
        name="spareplace_pairs_by_holders",
        help="Pairs that can be rebuilt, by surviving servers that hold their least covered byte.",
        samples=[({"holders": many}, count) for many, count in covered.items()],
    )
    yield _one(
        "spareplace_vms_unprotected",
        "VMs that cannot be rebuilt in some failure, given up or not.",
        status.vms_unprotected,
    )


def _of_transfer(status: ProtectionStatus) -> Iterator[Metric]:
    yield _one(
        "spareplace_expected_transfer_bytes",
        "Weighted sum over failures of what their rebuilds transfer now.",
        status.expected_transfer_bytes,
    )
    yield _one(
        "spareplace_plan_expected_transfer_bytes",
        "The same for the cluster that the plan was made for.",
        status.planned_transfer_bytes,
    )
    yield _one(
        "spareplace_plan_lower_bound_bytes",
        "The expected transfer that no plan for that cluster is below.",
        status.lower_bound_bytes,
    )
    yield _one(
        "spareplace_plan_current",
        "1 if the plan was made for the cluster as it is now.",
        status.plan_current,
    )


def _of_servers(status: ProtectionStatus) -> Iterator[Metric]:
    for name, text, attribute in (
        ("stored", "Bytes of extents stored on a server.", "stored_bytes"),
        ("disk_left", "Disk that VMs and extents leave, below 0 if over.", "disk_left_bytes"),
        ("disk_worst_left", "The same in the worst failure.", "worst_left_bytes"),
        ("overfull", "By how much extents put a disk over.", "overfull_bytes"),
        ("refused", "Bytes of extents where none are accepted.", "refused_bytes"),
    ):
        yield Metric(
            name=f"spareplace_{name}_bytes",
            help=text,
            samples=[({"server": one.server}, getattr(one, attribute)) for one in status.servers],
        )
    yield _one(
        "spareplace_overcommitted_servers",
        "Servers whose running VMs alone take more than there is.",
        sum(bool(one.overcommitted) for one in status.servers),
    )
    disk = status.tightest_disk
    yield _one(
        "spareplace_least_disk_left_ratio",
        "The least share of a disk that is left, over all servers and failures.",
        None if disk is None else _share(disk.left, disk.capacity),
    )
    yield Metric(
        name="spareplace_least_resource_left_ratio",
        help="The least share of a resource that is left, over all servers and failures.",
        samples=[
            ({"resource": one.resource}, _share(one.left, one.capacity))
            for one in status.tightest_resources
        ],
    )


def _one(name: str, text: str, value: float | None) -> Metric:
    return Metric(name=name, help=text, samples=[] if value is None else [({}, value)])


def _share(left: float, capacity: float) -> float:
    return left / capacity if capacity else 0.0


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return _escaped_help(value).replace('"', '\\"')


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
