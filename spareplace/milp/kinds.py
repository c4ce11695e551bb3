"""VMs that nothing tells apart: they are counted in place of being chosen one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from spareplace.instance import Instance


def kinds_of(instance: Instance) -> tuple[int, ...]:
    """Give each VM the number of the first VM that nothing but its name and place tells from it.

    In a failure that loses both, what one of them may do the other may do in its place: they need
    the same diffs and resources, have the same groups, allow the same servers, and are worth the
    same.

    Examples
    --------
    >>> from spareplace import VM, Cluster, Server
    >>> from spareplace.instance import number
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=9), Server(name="b", disk=9)),
    ...     vms=tuple(VM(name=name, server="a", disk=size) for name, size in zip("uvw", (1, 2, 1))),
    ... )
    >>> kinds_of(number(cluster))
    (0, 1, 0)
    """
    first: dict[Hashable, int] = {}
    return tuple(
        first.setdefault(
            (
                instance.chain[vm],
                tuple(instance.demand[vm].tolist()),
                instance.allowed[vm].tobytes(),
                instance.groups[vm],
                instance.priority[vm],
            ),
            vm,
        )
        for vm in range(len(instance.chain))
    )


def by_kind(vms: Iterable[int], kinds: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Divide the VMs that a failure loses by their kinds."""
    members: dict[int, list[int]] = defaultdict(list)
    for vm in vms:
        members[kinds[vm]].append(vm)
    return map(tuple, members.values())


def most_of(instance: Instance, vm: int, server: int, count: int) -> int:
    """Give how many of so many VMs like this one fit on a server if nothing else is there."""
    if instance.groups[vm]:
        return 1
    pairs = zip(instance.demand[vm], instance.free[server], strict=True)
    return min([count, *(int(free // each) for each, free in pairs if each)])
