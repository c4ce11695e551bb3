"""A cluster as a text file that Ganeti's htools read, and what of it they have no word for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster, Problem
from spareplace.fields import Amount
from spareplace.importers.ganeti import tags
from spareplace.importers.ganeti.columns import MIB
from spareplace.importers.ganeti.lost import CPU, MEMORY, lost_of
from spareplace.importers.ganeti.pinning import mirror_of, node_groups
from spareplace.importers.imported import Note
from spareplace.parts import VM, Server
from spareplace.placement import Plan

_NONE, _ALL = ",".join(["0"] * 6), ",".join(["999999999"] * 6)
POLICY = f"{_NONE}|{_NONE};{_ALL}|diskless,plain,drbd|1.0|999999.0"
"""A policy that forbids nothing, so that whatever is rejected lacks room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A text in the format of another tool.

    Parameters
    ----------
    text
        The file.
    notes
        What it does not say, and what was written instead.
    """

    text: str
    notes: tuple[Note, ...]


def export_ganeti(cluster: Cluster, plan: Plan | None = None) -> Exported:
    r"""Write a cluster in the text format of Ganeti's htools.

    Parameters
    ----------
    cluster
        Its disks are written, and its resources ``memory``, in bytes, and ``cpu``.
    plan
        What it stores is taken off the disks: htools know no copies but mirrors.

    Raises
    ------
    InvalidInput
        If a name has a letter to which the format gives a meaning.
    OtherCluster
        If the plan is of another cluster.

    Examples
    --------
    >>> given = Cluster(servers=(Server(name="a", disk=MIB), Server(name="b", disk=2 * MIB)),
    ...                 vms=(VM(name="web", server="a", disk=MIB),))
    >>> export_ganeti(given).text.split("\n")[2:4]
    ['a|1|0|1|1|0|0|N|default|1||N|0|0|1.0', 'b|1|0|1|2|2|0|N|default|1||N|0|0|1.0']
    """
    _refuse_names(cluster)
    if plan is not None and plan.cluster_sha256 != fingerprint(cluster):
        raise OtherCluster(fingerprint(cluster), plan.cluster_sha256)
    stored: Counter[str] = Counter()
    for extent in plan.stored if plan is not None else ():
        stored[extent.server] += extent.size
    used: Counter[tuple[str, str]] = Counter()
    for vm in cluster.vms:
        used[vm.server, MEMORY] += _mib_up(vm.demand.get(MEMORY, 0))
        used[vm.server, "disk"] += _mib_up(vm.disk)
    # To a node of which nothing is left htools move no instance, not even one that takes nothing.
    least = 0 if any(vm.demand.get(MEMORY) for vm in cluster.vms) else 1
    groups = node_groups(cluster)
    owners = list(dict.fromkeys(groups.values()))
    sections = [
        [f"{owner}|{owner}|preferred||" for owner in owners],
        [
            _node(server, groups[server.name], stored[server.name], used, least)
            for server in cluster.servers
        ],
        [_instance(vm) for vm in cluster.vms],
        _cluster_tags(cluster),
        [f"{owner}|{POLICY}" for owner in ("", *owners)],
    ]
    text = "\n".join("".join(f"{line}\n" for line in section) for section in sections)
    return Exported(text=text, notes=tuple(lost_of(cluster, groups)))


def _node(
    server: Server, group: str, stored: int, used: Mapping[tuple[str, str], int], least: int
) -> str:
    memory = max(least, _whole(server.capacity.get(MEMORY, 0), MIB))
    disk = max(0, server.disk - stored) // MIB
    zone = "" if server.zone is None else f"{tags.ZONE}:{server.zone}"
    free = (memory - used[server.name, MEMORY], disk - used[server.name, "disk"])
    cells = [server.name, memory, 0, free[0], disk, free[1], _whole(server.capacity.get(CPU, 0))]
    cells += ["N", group, 1, zone, "N", 0, 0, "1.0"]
    return "|".join(str(cell) for cell in cells)


def _instance(vm: VM) -> str:
    mirror = mirror_of(vm)
    template = "drbd" if mirror else "plain" if vm.disk or vm.diff else "diskless"
    said = [f"{tags.GROUP}:{group}" for group in vm.groups]
    if vm.priority:
        said.append(f"{tags.PRIORITY}{vm.priority}")
    if vm.diff is None and template == "plain":
        said.append(tags.UNCOPIED)
    cpus = -_whole(-Decimal(vm.demand.get(CPU, 0)))
    cells = [vm.name, _mib_up(vm.demand.get(MEMORY, 0)), _mib_up(vm.disk), cpus, "running"]
    cells += ["Y" if vm.protect else "N", vm.server, mirror or "", template, ",".join(said), 1]
    return "|".join(str(cell) for cell in [*cells, "-", "N"])


def _whole(amount: Amount, unit: int = 1) -> int:
    """Give how many whole units an amount has, rounded down."""
    return int((Decimal(amount) / unit).to_integral_value("ROUND_FLOOR"))


def _mib_up(amount: Amount) -> int:
    return -_whole(-Decimal(amount), MIB)


def _cluster_tags(cluster: Cluster) -> list[str]:
    zoned = any(server.zone is not None for server in cluster.servers)
    grouped = any(vm.groups for vm in cluster.vms)
    return [f"{tags.LOCATION}{tags.ZONE}"] * zoned + [f"{tags.EXCLUSION}{tags.GROUP}"] * grouped


def _refuse_names(cluster: Cluster) -> None:
    named = [(f"server {it.name!r}", it.name, "|\n") for it in cluster.servers]
    named += [(f"vm {it.name!r}", it.name, "|\n") for it in cluster.vms]
    named += [(f"zone {it.zone!r}", it.zone, "|\n,") for it in cluster.servers if it.zone]
    named += [(f"group {it!r}", it, "|\n,") for vm in cluster.vms for it in vm.groups]
    bad = [
        Problem(
            path=path,
            found="a letter that separates in the format of htools",
            expected=f"a name without any of {letters!r}",
            hint="rename it before exporting",
        )
        for path, name, letters in dict.fromkeys(named)
        if any(letter in name for letter in letters)
    ]
    if bad:
        raise InvalidInput(bad)
