"""From guests and their image files to a cluster: what several importers end with."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from spareplace.cluster import Cluster
from spareplace.disks.chains import DiskChain, VMDisks
from spareplace.fields import Amount
from spareplace.importers.contents import contents_of
from spareplace.importers.forest import Branch, Growing, diffs_of, disk_of, files_of, named
from spareplace.importers.hosts import Host, lacking, servers_of
from spareplace.importers.images import Files, chain_from
from spareplace.importers.imported import Imported, Note
from spareplace.importers.known_files import Known
from spareplace.importers.resident import Chains, resident_in, taken_notes
from spareplace.importers.stopped import Stopped, when_stopped
from spareplace.parts import VM
from spareplace.units import LARGEST

DiskCount = Literal["allocated", "virtual"]
"""Which bytes of a VM count: those that its files take now, or all that its guest can fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A VM before its images are known as diffs.

    Parameters
    ----------
    name, groups, allowed_servers, priority, protect
        As in `VM`.
    host
        Where it runs.
    disks
        The paths of the images that it writes to, in its order.
    demand
        As in `VM`; what no host lists is left out, with a note.
    running
        Whether it runs.
    """

    name: str
    host: str
    disks: tuple[str, ...]
    demand: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    groups: tuple[str, ...] = ()
    allowed_servers: tuple[str, ...] | None = None
    priority: int = 0
    protect: bool = True
    running: bool = True


def cluster_of(
    guests: Sequence[Guest],
    files: Files,
    hosts: Sequence[Host],
    known: Known,
    disk_count: DiskCount = "allocated",
    stopped: Stopped = "protect",
) -> Imported:
    """Make a cluster of guests and image files.

    Parameters
    ----------
    guests
        The VMs.
    files
        All image files that are known, those of no guest, too.
    hosts
        The hosts, those of all guests among them.
    known
        Checksums and the user's word.
    disk_count
        What a VM's disk is: the bytes that the files of its chains take, or, if that is more, the
        size that its guest sees.
    stopped
        What is planned for guests that do not run.

    Raises
    ------
    InvalidInput
        If chains are broken, sources contradict each other, or a server's disk is not known.
    """
    chains = {
        (guest.host, disk): chain_from(files, guest.host, disk)
        for guest in guests
        for disk in guest.disks
    }
    below = {(file.host, file.backing) for file in files.values() if file.backing is not None}
    written = {(guest.host, disk) for guest in guests for disk in guest.disks} - below
    said = {place: known.said_of(file) for place, file in files.items()}
    names = {place: word.diff for place, word in said.items() if word and word.diff}
    still = [file for place, file in files.items() if place not in written]
    contents, notes = contents_of(still, known.sums, names)
    for place in written:
        contents[place] = ("named", names[place]) if place in names else ("own", *place)
    growing = Growing(contents)
    grown = _grown(growing, guests, chains, notes)
    for host, path in sorted(files.keys() - {(f.host, f.path) for c in chains.values() for f in c}):
        growing.add(chain_from(files, host, path), None)
    notes += named(growing)
    resident, taken = resident_in(growing, written, chains)
    servers = servers_of(hosts, resident, taken)
    listed = dict.fromkeys(resource for host in hosts for resource in host.capacity)
    vms = []
    for guest, (top, _) in zip(guests, grown, strict=True):
        vm = _vm(guest, top, _disk(guest, chains, disk_count), listed)
        if not guest.running:
            vm, note = when_stopped(vm, stopped)
            notes.append(note)
        vms.append(vm)
    notes += _unlisted((it for it in guests if it.running or stopped == "run"), listed)
    notes += taken_notes(taken)
    notes += lacking(hosts)
    cluster = Cluster(servers=servers, diffs=diffs_of(growing), vms=tuple(vms))
    return Imported(
        cluster=cluster,
        notes=tuple(notes),
        files=files_of(growing),
        disks=tuple(_several(guests, grown)),
    )


def _vm(guest: Guest, top: Branch | None, disk: int, listed: Container[str]) -> VM:
    return VM(
        name=guest.name,
        server=guest.host,
        diff=top.name if top is not None else None,
        disk=disk,
        demand={what: amount for what, amount in guest.demand.items() if what in listed},
        groups=guest.groups,
        allowed_servers=guest.allowed_servers,
        priority=guest.priority,
        protect=guest.protect,
    )


def priority_in(text: str) -> int | None:
    """Read a priority as a tag or a word of metadata says it; ``None`` if it is none.

    Examples
    --------
    >>> priority_in("-3"), priority_in("high")
    (-3, None)
    """
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        return None
    return int(text) if abs(int(text)) <= LARGEST else None


Grown: TypeAlias = tuple[Branch | None, Mapping[str, Branch]]
"""Of one guest: the last diff of its chain, if it has any, and the last one of each disk."""


def _grown(
    growing: Growing, guests: Sequence[Guest], chains: Chains, notes: list[Note]
) -> list[Grown]:
    """Add the chains of all guests: the one with most below it first, the others on top of it."""
    tops: list[Branch | None] = []
    leaves: list[dict[str, Branch]] = []
    ordered = [_most_below_first(guest, chains) for guest in guests]
    for guest, disks in zip(guests, ordered, strict=True):
        top, leaf = growing.add(chains[guest.host, disks[0]], guest.name) if disks else (None, None)
        tops.append(top)
        leaves.append({disks[0]: leaf} if leaf is not None else {})
    for at, (guest, disks) in enumerate(zip(guests, ordered, strict=True)):
        for disk in disks[1:]:
            tops[at], leaf = growing.add(chains[guest.host, disk], guest.name, on=tops[at])
            if leaf is not None:
                leaves[at][disk] = leaf
        notes += _of_disks(guest)
    return list(zip(tops, leaves, strict=True))


def _most_below_first(guest: Guest, chains: Chains) -> list[str]:
    def below(disk: str) -> int:
        return sum(file.actual_size for file in chains[guest.host, disk][:-1])

    return sorted(guest.disks, key=below, reverse=True)


def _of_disks(guest: Guest) -> Iterator[Note]:
    """Note what is taken for a guest that has not one disk."""
    if len(guest.disks) > 1:
        assumed = (
            f"it has {len(guest.disks)} disks, and a VM has one chain here: the others stand on "
            "top of the one with most in its backing files, and share nothing with other VMs"
        )
        yield Note(about=f"vm {guest.name!r}", assumed=assumed)
    if not guest.disks and guest.protect:
        assumed = "it has no image file here: nothing is transferred for it"
        yield Note(about=f"vm {guest.name!r}", assumed=assumed)


def _several(guests: Sequence[Guest], grown: Sequence[Grown]) -> Iterator[VMDisks]:
    """Tell the disks of guests that have several, in their order."""
    for guest, (_, leaves) in zip(guests, grown, strict=True):
        if len(guest.disks) > 1:
            chains = (disk_of(leaves[disk]) for disk in guest.disks)
            yield VMDisks(vm=guest.name, disks=tuple(DiskChain(chain=it) for it in chains))


def _unlisted(guests: Iterable[Guest], listed: Mapping[str, object]) -> Iterable[Note]:
    """Note the demands that are left out, since nobody knows who could meet them."""
    for guest in guests:
        for resource in guest.demand:
            if resource not in listed:
                assumed = f"its demand of {resource} is left out: no server's {resource} is known"
                give = "list it in the hosts file (--hosts)"
                yield Note(about=f"vm {guest.name!r}", assumed=assumed, give=give)


def _disk(guest: Guest, chains: Chains, disk_count: DiskCount) -> int:
    own = {file.path: file for disk in guest.disks for file in chains[guest.host, disk]}
    allocated = sum(file.actual_size for file in own.values())
    if disk_count == "allocated":
        return allocated
    return max(allocated, sum(chains[guest.host, disk][-1].virtual_size for disk in guest.disks))
