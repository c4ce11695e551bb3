"""Putting together what virsh says of the domains, the images and the disks of hosts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spareplace.importers.guests import DiskCount, Guest, cluster_of
from spareplace.importers.hosts import Host, known_hosts
from spareplace.importers.images import Files, ImageFile, joined
from spareplace.importers.imported import Imported, Note
from spareplace.importers.known_files import Known, NamedImage, all_checksums, unmatched
from spareplace.importers.libvirt.domain import Domain, read_domain
from spareplace.importers.libvirt.host_texts import (
    DomainStats,
    Pool,
    read_domstats,
    read_nodeinfo,
    read_pool,
)
from spareplace.importers.qemu.outputs import image_files
from spareplace.importers.sources import Source, refused
from spareplace.importers.stopped import Stopped


@dataclass(slots=True, kw_only=True)
class _Read:
    """What was read so far."""

    domains: dict[tuple[str, str], Domain] = field(default_factory=dict)
    stats: dict[tuple[str, str], DomainStats] = field(default_factory=dict)
    images: list[ImageFile] = field(default_factory=list)
    sums: list[Source] = field(default_factory=list)
    nodes: dict[str, tuple[int, int]] = field(default_factory=dict)
    pools: defaultdict[str, list[Pool]] = field(default_factory=lambda: defaultdict(list))
    notes: list[Note] = field(default_factory=list)


def import_libvirt(
    sources: Sequence[Source],
    *,
    hosts: Sequence[Host] = (),
    every_host: Host | None = None,
    images: Mapping[tuple[str | None, str], NamedImage] | None = None,
    vm_disk: DiskCount = "allocated",
    stopped: Stopped = "protect",
) -> Imported:
    """Make a cluster of what ``virsh`` prints on some hosts.

    Parameters
    ----------
    sources
        Each of one host, told apart by their names: ``*.xml``, the output of ``virsh dumpxml``
        for one domain; ``domstats*``, that of ``virsh domstats --state --block --backing``;
        ``nodeinfo*``; ``pool-info*``, for one pool; ``*.json``, that of ``qemu-img info
        --backing-chain --output=json``, needed for domains that do not run; and ``*sha256*``.
    hosts
        What hosts have; it counts more than what virsh says.
    every_host
        What each host has of which nothing else tells it; its name does not matter.
    images
        What the user says of image files, by host (``None`` for any) and path.
    vm_disk
        What a VM takes, as in `import_qemu`.
    stopped
        What is planned for domains that do not run.

    Raises
    ------
    InvalidInput
        If a source is not such an output, is hostile, or contradicts another one; if a backing
        file is missing; or if the disk of a host is not known.
    """
    read = _Read()
    for source in sources:
        _take(source, read)
    if not read.domains:
        where = sources[0].path if sources else "the sources"
        expected = "for each domain what virsh dumpxml prints, in a file that ends in .xml"
        raise refused(where, "$", "no domain here or in another source", expected)
    domains = _where_they_run(read)
    files = joined(
        [*read.images, *(file for stats in read.stats.values() for file in _linked(stats))]
    )
    guests = [_guest(domain, files, read) for domain in domains]
    names = dict.fromkeys(source.host for source in sources if source.host is not None)
    found = [_host(name, files, read) for name in names]
    known = Known(sums=all_checksums(read.sums), images=images or {})
    all_hosts = known_hosts(found, hosts, every_host)
    made = cluster_of(guests, files, all_hosts, known, vm_disk, stopped)
    notes = [*read.notes, *unmatched(known, files), *made.notes]
    return replace(made, notes=tuple(notes))


def _take(source: Source, read: _Read) -> None:
    name, host = source.name.lower(), source.host or ""
    if "sha256" in name:
        read.sums.append(source)
    elif name.endswith(".xml"):
        domain = read_domain(source)
        if (host, domain.name) in read.domains:
            found = f"domain {domain.name!r:.80} of host {host!r} again"
            raise refused(source, "$", found, "each domain once a host")
        read.domains[host, domain.name] = domain
    elif name.endswith(".json"):
        read.images += image_files(source)
    elif name.startswith("domstats"):
        for stats in read_domstats(source):
            if (host, stats.name) in read.stats:
                found = f"domain {stats.name!r:.80} of host {host!r} again"
                raise refused(source, f"line {stats.line}", found, "each domain once a host")
            read.stats[host, stats.name] = stats
    elif name.startswith("nodeinfo"):
        read.nodes[host] = read_nodeinfo(source)
    elif name.startswith("pool-info"):
        read.pools[host] += read_pool(source, read.notes)
    else:
        assumed = "its name is none that tells what it is: not read"
        read.notes.append(Note(about=f"file {source.path!r}", assumed=assumed))


def _linked(stats: DomainStats) -> Iterable[ImageFile]:
    for chain in stats.chains.values():
        paths: list[str | None] = [file.path for file in chain]
        for file, below in zip(chain, [*paths[1:], None], strict=True):
            yield replace(file, backing=below)


def _where_they_run(read: _Read) -> list[Domain]:
    """Give each domain once: a host that a VM has left may still define it."""
    defined: defaultdict[str, list[Domain]] = defaultdict(list)
    for (host, name), domain in read.domains.items():
        stats = read.stats.get((host, name))
        if stats is not None and stats.running is not None:
            domain = replace(domain, active=stats.running)
        defined[name].append(domain)
    for host, name in read.stats.keys() - read.domains.keys():
        assumed = "domstats tells of it, and no dumpxml does: passed over"
        about = f"domain {name!r} of host {host!r}"
        read.notes.append(Note(about=about, assumed=assumed, give="add its virsh dumpxml"))
    domains = []
    for name, several in defined.items():
        running = [domain for domain in several if domain.active]
        if len(running or several) > 1:
            one, other = (running or several)[:2]
            raise refused(
                *other.told,
                f"domain {name!r:.80} of host {other.host!r}",
                f"another name than that of host {one.host!r} has, or one of the two running",
                "if it is one domain, take away its dumpxml of the host that it has left",
            )
        domain = (running or several)[0]
        domains.append(domain)
        if len(several) > 1:
            assumed = f"defined on {len(several)} hosts, it runs on {domain.host!r}"
            read.notes.append(Note(about=f"vm {name!r}", assumed=assumed))
    return domains


def _guest(domain: Domain, files: Files, read: _Read) -> Guest:
    about = f"vm {domain.name!r}"
    disks: list[str] = []
    protect = domain.protect
    stats = read.stats.get((domain.host, domain.name))
    for disk in domain.disks:
        told = stats.chains.get(disk.target, ()) if stats is not None else ()
        path = told[0].path if disk.path is None and told else disk.path  # of a pool's volume
        if disk.remote and path is None:
            assumed = f"its disk {disk.target} is on no host: nothing is planned for it"
            read.notes.append(Note(about=about, assumed=assumed))
        elif path is not None and (domain.host, path) in files:
            _refuse_otherwise(domain, path, disk.backing, files)
            disks.append(path)
        else:
            protect = False
            assumed = f"nothing tells the size of its disk {disk.target}: it is not protected"
            give = "add qemu-img info --backing-chain --output=json of its image"
            read.notes.append(Note(about=about, assumed=assumed, give=give))
    return Guest(
        name=domain.name,
        host=domain.host,
        disks=tuple(dict.fromkeys(disks)),
        demand={"cpu": domain.cpu, "memory": domain.memory},
        groups=domain.groups,
        allowed_servers=domain.allowed or None,
        priority=domain.priority,
        protect=protect,
        running=domain.active,
    )


def _refuse_otherwise(domain: Domain, step: str, backing: Iterable[str], files: Files) -> None:
    """Refuse a chain of which the definition and the sizes say different things."""
    for path in backing:
        file = files.get((domain.host, step))
        if file is None:
            return  # told when the chain is followed
        if file.backing != path:
            raise refused(
                *domain.told,
                f"{path!r:.200} below {step!r:.200} in the definition of {domain.name!r:.80}",
                f"{file.backing!r:.200}, as {file.told[0]} says",
                "the chain changed meanwhile: run all commands again",
            )
        step = path


def _host(name: str, files: Files, read: _Read) -> Host:
    """Say what a host has: what its pools have free, and what the images that are known take."""
    capacity = dict(zip(("cpu", "memory"), read.nodes.get(name, ()), strict=False))
    about = f"server {name!r}"
    if capacity:
        assumed = "all its memory is taken to be for VMs, although it needs some itself"
        give = "list its memory in the hosts file (--hosts)"
        read.notes.append(Note(about=about, assumed=assumed, give=give))
    pools = {(pool.capacity, pool.available): pool for pool in read.pools[name]}
    if len(pools) < len(read.pools[name]):
        assumed = "pools of equal size with equally much free are taken to be on one file system"
        give = "list its disk in the hosts file (--hosts)"
        read.notes.append(Note(about=about, assumed=assumed, give=give))
    if not pools:
        return Host(name=name, capacity=capacity)
    images = sum(file.actual_size for file in files.values() if file.host == name)
    total = sum(pool.capacity for pool in pools.values())
    free = sum(pool.available for pool in pools.values())
    disk = min(total, free + images)
    if disk < total:
        assumed = (
            f"{total - disk} of the {total} bytes of its pools are neither free nor an image "
            "told of: they are taken off its disk"
        )
        read.notes.append(Note(about=about, assumed=assumed))
    return Host(name=name, disk=disk, capacity=capacity)
