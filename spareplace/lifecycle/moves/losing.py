"""What a placement survives, compared with the one before: whether VMs lose their protection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from spareplace.cluster import Cluster, chain_of
from spareplace.errors import InvalidInput, Problem
from spareplace.lifecycle.moves.asking import Asking
from spareplace.lifecycle.moves.ranges import Range
from spareplace.placement import Unprotected

Lost = Mapping[str, frozenset[int]]
"""By diff, the failures that ask for it and in which not all of its bytes are up."""


def lost_after(asking: Asking, sizes: Mapping[str, int], ranges: Iterable[Range]) -> Lost:
    """Give what is lost of each diff when every move is done."""
    return _lost(asking, sizes, ((here, here.goal) for here in ranges))


def lost_before(asking: Asking, sizes: Mapping[str, int], ranges: Iterable[Range]) -> Lost:
    """Give what is lost of each diff before the first move."""
    return _lost(asking, sizes, ((here, here.holders) for here in ranges))


def refuse_losses(
    cluster: Cluster, asking: Asking, before: Lost, after: Lost, given_up: Iterable[Unprotected]
) -> None:
    """Refuse a placement in which VMs are lost that the one before keeps.

    Parameters
    ----------
    cluster, asking
        What both are for.
    before, after
        What is lost of each diff.
    given_up
        The pairs that the placement itself lists as unprotected: of them nothing is asked.

    Raises
    ------
    InvalidInput
        If there are such VMs; it names each with the failure and the diff.
    """
    if not any(after.values()):
        return
    allowed = {(pair.vm, pair.failure) for pair in given_up}
    diffs = {diff.name: diff for diff in cluster.diffs}
    at = {server.name: position for position, server in enumerate(cluster.servers)}
    problems = []
    for vm in cluster.vms:
        chain = chain_of(vm.diff, diffs) if vm.protect else ()
        mine = asking.failures[at[vm.server]]
        for diff in chain:
            newly = (after.get(diff, frozenset()) & mine).difference(
                *(before.get(other, ()) for other in chain)
            )
            problems += [
                _loss(vm.name, diff, cluster.failures[failure].name)
                for failure in sorted(newly)
                if (vm.name, cluster.failures[failure].name) not in allowed
            ]
    if problems:
        raise InvalidInput(problems)


def _loss(vm: str, diff: str, failure: str) -> Problem:
    return Problem(
        path="after.stored",
        found=f"too little of diff {diff!r} for VM {vm!r} in failure {failure!r}",
        expected="all of it on servers that are up, as before",
        hint="store it, or list the VM as unprotected there",
    )


def _lost(
    asking: Asking, sizes: Mapping[str, int], held: Iterable[tuple[Range, Collection[int]]]
) -> Lost:
    covered: dict[str, int] = defaultdict(int)
    lost: dict[str, set[int]] = defaultdict(set)
    for here, holders in held:
        covered[here.diff] += here.size
        lost[here.diff].update(asking.lost(here.diff, holders))
    for diff in asking.homes:
        if covered[diff] < sizes[diff]:  # some bytes are in no range: nobody stores them
            lost[diff].update(asking.lost(diff, ()))
    return {diff: frozenset(failures) for diff, failures in lost.items() if failures}
