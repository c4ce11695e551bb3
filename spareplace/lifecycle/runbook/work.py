"""What is to be done on each server on which VMs are rebuilt, and the room that it takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.disks.chains import VMDisks, disks_in
from spareplace.errors import InvalidInput, OtherCluster, Problem
from spareplace.holding import Span, missing_from
from spareplace.lifecycle.recovering.schedule import RecoverySchedule, TimedTransfer
from spareplace.parts import Diff
from spareplace.placement import Recovery, Transfer

OVERLAY = 2**20
"""What the new image of a VM takes at first, at most, in bytes: it has no data of its own yet."""

AnyTransfer: TypeAlias = Transfer | TimedTransfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The image of one diff, put together on a server.

    Parameters
    ----------
    diff, size
        As in the cluster.
    parent
        The diff that its file builds on, or ``None``.
    kept
        The ranges that the server has itself.
    sent
        The others, each from the server that sends it.
    """

    diff: str
    size: int
    parent: str | None
    kept: tuple[Span, ...]
    sent: tuple[AnyTransfer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaking:
    """One VM on its target.

    Parameters
    ----------
    vm
        As in the cluster.
    server
        The target.
    tops
        The last diff of each of its disks.
    assemblies
        The diffs of its chain that no VM before it brought there, the master first.
    """

    vm: str
    server: str
    tops: tuple[str, ...]
    assemblies: tuple[Assembly, ...]


def remakings(
    cluster: Cluster, work: RecoverySchedule | Recovery, given: Iterable[VMDisks] = ()
) -> list[Remaking]:
    """Give the VMs of a recovery, in its order, with what has to be put together for each.

    Raises
    ------
    OtherCluster
        If a schedule is of another cluster.
    InvalidInput
        If the recovery cannot be of this cluster: names that it does not have, or transfers that
        nobody needs, that overlap, or that reach beyond their diff; or if the disks cannot, see
        `disks_in`.
    """
    if isinstance(work, RecoverySchedule) and work.cluster_sha256 != fingerprint(cluster):
        raise OtherCluster(fingerprint(cluster), work.cluster_sha256)
    diffs = {diff.name: diff for diff in cluster.diffs}
    _refuse_unknown(cluster, diffs, work)
    disks = disks_in(cluster, given)
    coming: dict[tuple[str, str], list[AnyTransfer]] = defaultdict(list)
    transfers: Iterable[AnyTransfer] = work.transfers
    for transfer in sorted(transfers, key=lambda it: it.start):
        coming[transfer.target, transfer.diff].append(transfer)
    made: list[Remaking] = []
    there: set[tuple[str, str]] = set()
    for rebuild in work.rebuilds:
        assemblies: list[Assembly] = []
        for name in [diff for chain in disks.chains[rebuild.vm] for diff in chain]:
            if (rebuild.server, name) not in there:
                there.add((rebuild.server, name))
                sent = coming.pop((rebuild.server, name), ())
                assemblies.append(_assembly(diffs[name], disks.parents[name], sent))
        made.append(
            Remaking(
                vm=rebuild.vm,
                server=rebuild.server,
                tops=tuple(chain[-1] for chain in disks.chains[rebuild.vm]),
                assemblies=tuple(assemblies),
            )
        )
    _refuse_useless(coming)
    return made


def side_room(
    cluster: Cluster, work: RecoverySchedule | Recovery, disks: Iterable[VMDisks] = ()
) -> Mapping[str, int]:
    """Give the bytes that a recovery takes on each target beyond what the plan counts.

    The plan counts the `disk` of every VM that is rebuilt there. The script puts each diff of their
    chains together once, and gives every VM an image on top for each disk, of 1 MiB at most;
    nothing else is written. Where that is less, the side room is 0.

    Parameters
    ----------
    cluster
        What the recovery is for.
    work
        The recovery.
    disks
        As for `runbook_script`.

    Raises
    ------
    OtherCluster, InvalidInput
        As `runbook_script` does.

    Examples
    --------
    >>> from spareplace import Diff, Placement, Server, VM, recover
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=90), Server(name="b", disk=90, resident=("base",))),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(VM(name="web", server="a", diff="base", disk=40),),
    ... )
    >>> side_room(cluster, recover(cluster, Placement(), ["a"]))
    {'b': 1048576}
    """
    counted = {vm.name: vm.disk for vm in cluster.vms}
    over: dict[str, int] = defaultdict(int)
    for it in remakings(cluster, work, disks):
        over[it.server] += written_bytes([it]) - counted[it.vm]
    return {server: max(count, 0) for server, count in over.items()}


def written_bytes(made: Iterable[Remaking]) -> int:
    """Give the bytes that are written for some VMs, at most."""
    return sum(OVERLAY * len(it.tops) + sum(part.size for part in it.assemblies) for it in made)


def _assembly(diff: Diff, parent: str | None, sent: Sequence[AnyTransfer]) -> Assembly:
    if not diff.size:
        raise _refused(f"diff {diff.name!r} of 0 bytes", "the bytes of an image file")
    spans = [(it.start, it.stop) for it in sent]
    reached = 0
    for start, stop in spans:
        if not reached <= start < stop <= diff.size:
            raise _refused(
                f"bytes {start} to {stop} of diff {diff.name!r}",
                f"some of its {diff.size} bytes, each sent once",
            )
        reached = stop
    return Assembly(
        diff=diff.name,
        size=diff.size,
        parent=parent,
        kept=tuple(missing_from(diff.size, spans)),
        sent=tuple(sent),
    )


def _refuse_unknown(
    cluster: Cluster, diffs: Mapping[str, Diff], work: RecoverySchedule | Recovery
) -> None:
    servers = {server.name for server in cluster.servers}
    vms = {vm.name for vm in cluster.vms}
    for kind, known, names in (
        ("VM", vms, (it.vm for it in work.rebuilds)),
        ("server", servers, _servers_of(work)),
        ("diff", diffs.keys(), (it.diff for it in work.transfers)),
    ):
        for name in names:
            if name not in known:
                raise _refused(f"{kind} {name!r}", f"a {kind} of the cluster")


def _servers_of(work: RecoverySchedule | Recovery) -> Iterator[str]:
    yield from (it.server for it in work.rebuilds)
    for transfer in work.transfers:
        yield transfer.source
        yield transfer.target


def _refuse_useless(left: Iterable[tuple[str, str]]) -> None:
    for server, diff in left:
        raise _refused(
            f"a transfer of diff {diff!r} to {server!r}",
            "transfers that a VM needs that is rebuilt there",
        )


def _refused(found: str, expected: str) -> InvalidInput:
    return InvalidInput([Problem(path="recovery", found=found, expected=expected)])
