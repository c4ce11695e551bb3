"""What becomes of the VMs that one failure loses, for a placement as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from spareplace.amounts import Amounts
from spareplace.errors import Shortage
from spareplace.heuristics.targets import Targets
from spareplace.instance import Instance
from spareplace.lifecycle.health.covering import Cover, Servers
from spareplace.lifecycle.health.known import UNKNOWN, Known
from spareplace.lifecycle.health.pairs import Broken, Cause, LostBytes, Retargetable
from spareplace.lifecycle.health.retargeting import Rescue, rescue
from spareplace.lifecycle.health.room_left import left_beside, one_failure
from spareplace.lifecycle.health.server_states import stored_on


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What every failure is judged by.

    Parameters
    ----------
    instance
        The cluster in numbers.
    known
        What the placement says about it.
    cover
        Who holds which bytes.
    left
        What running VMs and stored bytes leave, (servers, resources).
    lacks
        The bytes of each diff that each server lacks, once somebody asked; it is large.
    """

    instance: Instance
    known: Known
    cover: Cover
    left: Amounts
    lacks: list[Amounts] = field(default_factory=list)

    @staticmethod
    def of(instance: Instance, known: Known) -> Ground:
        """Lay out a cluster and the part of a placement that is about it."""
        return Ground(
            instance=instance,
            known=known,
            cover=Cover.of(instance.cluster, known.stored),
            left=left_beside(instance, stored_on(instance, known.stored)),
        )

    def lacking(self) -> Amounts:
        """Give the bytes of each diff that each server lacks, (diffs, servers)."""
        if not self.lacks:
            size = self.instance.size
            kind = np.int64 if sum(size) < 2**62 else object
            lacks = np.repeat(np.array(size, dtype=kind)[:, None], len(self.left), axis=1)
            for diff, sets in enumerate(self.cover.holders):
                for servers, held in sets.items():
                    lacks[diff, list(_members(servers))] -= held
            self.lacks.append(lacks)
        return self.lacks[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """What becomes of the VMs that one failure loses.

    Parameters
    ----------
    targets
        Where VMs are rebuilt, as planned or not.
    protected
        How many of them as planned.
    holders
        How many of them have their least covered byte on so many servers; ``None`` counts those
        that need no bytes.
    retargetable, broken, given_up
        The other pairs.
    """

    targets: Targets
    protected: int
    holders: Counter[int | None]
    retargetable: tuple[Retargetable, ...]
    broken: tuple[Broken, ...]
    given_up: tuple[Broken, ...]


def verdict(ground: Ground, failure: int) -> Verdict:
    """Judge the VMs that a failure loses."""
    instance, planned = ground.instance, ground.known.planned[failure]
    lost = instance.lost[failure]
    gone = sum(1 << int(at) for at in np.flatnonzero(instance.down[failure]))
    needed = dict.fromkeys(diff for vm in lost for diff in instance.chain[vm])
    missing = {diff: ground.cover.lost(diff, gone) for diff in needed}
    least = {diff: ground.cover.least(diff, gone) for diff in needed}
    alive = [vm for vm in lost if not any(missing[diff] for diff in instance.chain[vm])]
    given_up = ground.known.given_up[failure] - planned.keys()
    found = rescue(
        one_failure(instance, failure, ground.left),
        planned,
        [vm for vm in alive if vm not in given_up],
        [vm for vm in alive if vm in given_up],
        ground.lacking,
    )
    targets = found.kept | found.moved
    broken = {vm: _broken(ground, failure, vm, missing, found) for vm in lost if vm not in targets}
    return Verdict(
        targets=targets,
        protected=len(found.kept),
        holders=Counter(
            min((least[diff] for diff in instance.chain[vm]), default=None) for vm in targets
        ),
        retargetable=tuple(_retargetable(ground, failure, found)),
        broken=tuple(one for vm, one in broken.items() if vm not in given_up),
        given_up=tuple(one for vm, one in broken.items() if vm in given_up),
    )


def _retargetable(ground: Ground, failure: int, found: Rescue) -> Iterator[Retargetable]:
    cluster, planned = ground.instance.cluster, ground.known.planned[failure]
    for vm, server in sorted(found.moved.items()):
        before = planned.get(vm, UNKNOWN)
        yield Retargetable(
            vm=cluster.vms[vm].name,
            failure=cluster.failures[failure].name,
            planned=None if before == UNKNOWN else cluster.servers[before].name,
            why=found.why[vm],
            server=cluster.servers[server].name,
        )


def _broken(
    ground: Ground, failure: int, vm: int, missing: Mapping[int, int], found: Rescue
) -> Broken:
    cluster = ground.instance.cluster
    lost = tuple(
        LostBytes(diff=cluster.diffs[diff].name, size=missing[diff])
        for diff in ground.instance.chain[vm]
        if missing[diff]
    )
    short = None if lost else found.short[vm]
    roomless = short is not None and short.server is not None
    return Broken(
        vm=cluster.vms[vm].name,
        failure=cluster.failures[failure].name,
        cause="data" if short is None else _cause(short),
        lost=lost,
        server=short.server if short and roomless else None,
        resource=short.resource if short and roomless else None,
        missing=_figure(short) if short and roomless else None,
        crowded_out=vm in found.crowded_out,
    )


def _cause(short: Shortage) -> Cause:
    """Give the rule that leaves no server, if it is not about an amount on one."""
    return "room" if short.server is not None else cast("Cause", short.resource)


def _figure(short: Shortage) -> float:
    """Give what is missing as a number to read: a whole one as such."""
    return int(short.missing) if short.missing % 1 == 0 else float(short.missing)


def _members(servers: Servers) -> Iterator[int]:
    while servers:
        lowest = servers & -servers
        yield lowest.bit_length() - 1
        servers ^= lowest
