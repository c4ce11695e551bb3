"""A cluster from a text file of Ganeti's htools, as ``hscan`` and ``hbal -S`` write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from spareplace.cluster import Cluster
from spareplace.importers.ganeti import tags
from spareplace.importers.ganeti.instances import contents_of
from spareplace.importers.ganeti.nodes import hosts_of, zones_of
from spareplace.importers.ganeti.stated import MIRRORED, Stated, read_stated
from spareplace.importers.hosts import Host, known_hosts, lacking, servers_of
from spareplace.importers.imported import Imported, Note
from spareplace.importers.sources import Source
from spareplace.importers.stopped import Stopped

Mirrors = Literal["kept", "planned"]
"""Whether DRBD mirrors stay where they are, or the plan decides where copies are."""


def import_ganeti(
    source: Source,
    *,
    hosts: Sequence[Host] = (),
    every_host: Host | None = None,
    mirrors: Mirrors = "kept",
    zone_kind: str | None = None,
    stopped: Stopped = "protect",
) -> Imported:
    """Make a cluster of a text file of Ganeti's htools.

    Parameters
    ----------
    source
        What ``hscan`` or ``hbal -S`` wrote.
    hosts, every_host
        What hosts have; it counts more than what the file says.
    mirrors
        ``"kept"``: a DRBD instance fails over to its secondary node alone, where its disk is
        already, so nothing is stored or transferred for it, and its disk is taken off both nodes.
        ``"planned"``: its mirror is left out, and the plan decides where a copy is kept.
    zone_kind
        Which of several kinds of location gives the zones: ``"rack"`` for node tags ``rack:...``.
    stopped
        What is planned for instances that Ganeti counts as down.

    Raises
    ------
    InvalidInput
        If it is no such file.

    Examples
    --------
    >>> text = '''default|u|preferred|
    ...
    ... a|4096|0|3072|100|80|4|N|u
    ... b|4096|0|4096|100|100|4|N|u
    ...
    ... web|1024|20|1|running|Y|a||plain|
    ...
    ... '''
    >>> found = import_ganeti(Source(path="ganeti.data", content=text.encode()))
    >>> found.cluster.vms[0].disk == 20 * 2**20, found.cluster.servers[0].capacity["cpu"]
    (True, Decimal('15'))
    """
    stated = read_stated(source)
    notes: list[Note] = []
    mirrored = {it.name for it in stated.instances if it.template == MIRRORED}
    kept = mirrored if mirrors == "kept" else set()
    zones = zones_of(source, stated, zone_kind, notes)
    found = hosts_of(stated, zones, kept, notes)
    offline = {node.name for node in stated.nodes if node.offline}
    all_hosts = tuple(
        replace(host, accept_extents=False, accept_rebuilds=False) if host.name in offline else host
        for host in known_hosts(found, hosts, every_host)
    )
    resources = {resource for host in all_hosts for resource in host.capacity}
    diffs, vms, said = contents_of(stated, kept, resources, stopped)
    if vms:
        assumed = "their demands are what is assigned to them, not what they use"
        give = "take demands from measured use with import usage"
        notes.append(Note(about=f"all {len(vms)} VMs", assumed=assumed, give=give))
    cluster = Cluster(servers=servers_of(all_hosts), diffs=tuple(diffs), vms=tuple(vms))
    notes = [*notes, *said, *_unkept(stated, mirrored - kept), *lacking(all_hosts)]
    return Imported(cluster=cluster, notes=tuple(notes))


def _unkept(stated: Stated, dropped: set[str]) -> Iterator[Note]:
    for tag in stated.tags:
        if tag.startswith(tags.OTHERS):
            yield Note(about=f"cluster tag {tag!r}", assumed="no plan keeps what it asks for")
    for name in (it.name for it in stated.instances if it.name in dropped):
        assumed = "its DRBD mirror is left out: the plan decides where copies of it are"
        yield Note(about=f"vm {name!r}", assumed=assumed)
