"""What hosts have: as the user lists it, and as a tool reports it; the user's word counts more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spareplace.errors import InvalidInput, Problem
from spareplace.fields import Amount, names_of, refuse
from spareplace.files.decoding import objects_of
from spareplace.files.number_kinds import AMOUNTS, BYTES
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import FLAG, NAME, NAMES, one_of
from spareplace.importers.imported import Note
from spareplace.importers.sources import Source, refused
from spareplace.importers.tables import is_json, read_csv_table, read_json_table
from spareplace.parts import Server

HOSTS_FORMAT = "spareplace/hosts/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is known of a host; every field but its name may be left open.

    Parameters
    ----------
    name
        What the server is to be called.
    disk
        The bytes that VMs and stored diffs may take in all.
    capacity
        How much it has of each named resource.
    zone, net_in, net_out, accept_extents, accept_rebuilds
        As in `Server`.
    sources
        Files and folders with outputs from this host, from the folder of the hosts file on.
    """

    name: str
    disk: int | None = None
    capacity: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    zone: str | None = None
    net_in: int | None = None
    net_out: int | None = None
    accept_extents: bool = True
    accept_rebuilds: bool = True
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "capacity", dict(self.capacity))
        bad: list[Problem] = []
        object.__setattr__(self, "sources", names_of(bad, "sources", self.sources))
        refuse(bad, "host", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostList:
    """A hosts file."""

    hosts: tuple[Host, ...]


HOST = shape_of(
    Host,
    {
        "name": NAME,
        "disk": BYTES,
        "capacity": AMOUNTS,
        "zone": NAME,
        "net_in": BYTES,
        "net_out": BYTES,
        "accept_extents": FLAG,
        "accept_rebuilds": FLAG,
        "sources": NAMES,
    },
)
HOST_LIST = shape_of(
    HostList, {"hosts": objects_of(HOST, least=1, once="name")}, format_kind=one_of(HOSTS_FORMAT)
)


def read_hosts(source: Source) -> tuple[Host, ...]:
    r"""Read a hosts file.

    Parameters
    ----------
    source
        JSON of the format ``spareplace/hosts/1``, or CSV with a column ``name``; a column that
        no key is named after is a resource.

    Raises
    ------
    InvalidInput
        If anything is wrong with it.

    Examples
    --------
    >>> from spareplace.importers.sources import Source
    >>> read_hosts(Source(path="hosts.csv", content=b"name,disk,cpu\na,2TB,32\n"))[0].capacity
    {'cpu': Decimal('32')}
    """
    if is_json(source):
        return read_json_table(source, HOST_LIST, HOSTS_FORMAT).hosts
    hosts = read_csv_table(source, HOST, amounts="capacity")
    names = [host.name for host in hosts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise refused(source, "name", f"{twice[0]!r} again", "each host once")
    return tuple(hosts)


def known_hosts(
    found: Iterable[Host], listed: Sequence[Host], default: Host | None = None
) -> tuple[Host, ...]:
    """Join what tools found with what the user lists, field by field.

    Parameters
    ----------
    found
        What the sources say.
    listed
        What the user says; it counts more. Hosts that no source knows are taken, too.
    default
        What holds for each host of which nobody says otherwise.
    """
    joined = {host.name: host for host in found}
    for host in listed:
        joined[host.name] = _over(host, joined.get(host.name, host))
    if default is not None:
        joined = {name: _over(host, default) for name, host in joined.items()}
    return tuple(joined.values())


def _over(upper: Host, lower: Host) -> Host:
    return replace(
        upper,
        disk=lower.disk if upper.disk is None else upper.disk,
        capacity={**lower.capacity, **upper.capacity},
        zone=lower.zone if upper.zone is None else upper.zone,
        net_in=lower.net_in if upper.net_in is None else upper.net_in,
        net_out=lower.net_out if upper.net_out is None else upper.net_out,
    )


def servers_of(
    hosts: Iterable[Host],
    resident: Mapping[str, Sequence[str]] | None = None,
    taken: Mapping[str, int] | None = None,
) -> tuple[Server, ...]:
    """Make the servers of a cluster.

    Parameters
    ----------
    hosts
        What is known of each, once for each name.
    resident
        By host, the diffs that it holds anyway.
    taken
        By host, the bytes of its disk that are neither VMs' nor free for diffs.

    Raises
    ------
    InvalidInput
        If the disk of one is not known: a plan for a disk that was made up could not be kept.
    """
    servers = []
    bad = []
    for host in hosts:
        if host.disk is None:
            bad.append(
                Problem(
                    path=f"host {host.name!r}",
                    found="nothing that tells how large its disk is",
                    expected="the bytes that VMs and stored diffs may take",
                    hint="list it under this name, with its disk, in a hosts file (--hosts), "
                    "or give --disk for all hosts",
                )
            )
            continue
        servers.append(
            Server(
                name=host.name,
                disk=max(0, host.disk - (taken or {}).get(host.name, 0)),
                capacity=host.capacity,
                zone=host.zone,
                resident=tuple((resident or {}).get(host.name, ())),
                accept_extents=host.accept_extents,
                accept_rebuilds=host.accept_rebuilds,
                net_in=host.net_in,
                net_out=host.net_out,
            )
        )
    if bad:
        raise InvalidInput(bad)
    return tuple(servers)


def lacking(hosts: Iterable[Host]) -> list[Note]:
    """Note what is not known of hosts and changes what a plan is worth."""
    hosts = tuple(hosts)
    give = "list it in the hosts file (--hosts)"
    known = dict.fromkeys(resource for host in hosts for resource in host.capacity)
    zoned = any(host.zone for host in hosts)
    notes = []
    for host in hosts:
        about = f"server {host.name!r}"
        if not known:
            assumed = "nothing is known of its cpu and memory: rebuilds are limited by disk alone"
            notes.append(Note(about=about, assumed=assumed, give=give))
        for resource in known:
            if resource not in host.capacity:
                assumed = f"how much {resource} it has is not known: it takes no VM that demands it"
                notes.append(Note(about=about, assumed=assumed, give=give))
        if zoned and host.zone is None:
            assumed = "no zone is known, while others have one"
            notes.append(Note(about=about, assumed=assumed, give=give))
    return notes
