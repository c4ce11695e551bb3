"""In which order VMs get their data, so that they are up soon, higher priority first.

On one server, what is fetched is a forest of diffs, each with bytes, and a VM is up when the diffs
from a master down to its own are there. To fetch diffs one after the other so that the sum of the
times is least is the problem 1 | outtree | sum w C, which Horn (SIAM J. Appl. Math. 23, 1972)
solves: the part of a tree with the most VMs for its bytes goes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from spareplace.lifecycle.recovering.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A VM on its target, with the rows of its chain that the target lacks something of."""

    vm: int
    server: int
    rows: tuple[int, ...]


def in_order(standing: Standing, servers: Mapping[int, int]) -> list[Want]:
    """Order the VMs that are rebuilt; between servers by when each would be up."""
    per_target: dict[int, list[int]] = defaultdict(list)
    for vm in sorted(servers):
        per_target[servers[vm]].append(vm)
    timed = [found for at, vms in per_target.items() for found in _one_target(standing, at, vms)]
    return [want for *_, want in sorted(timed, key=lambda one: one[:3])]


def _one_target(
    standing: Standing, server: int, vms: Sequence[int]
) -> list[tuple[int, float, int, Want]]:
    """Give priority (negative), estimated seconds, VM and want of each VM of one server."""
    cluster = standing.cluster
    lacks = {
        vm: tuple(row for row in standing.chain[vm] if standing.missing[row, server]) for vm in vms
    }
    priority = {vm: cluster.vms[standing.lost[vm]].priority for vm in vms}
    pace = _pace(standing, server)
    there: set[int] = set()
    fetched = 0
    found: list[tuple[int, float, int, Want]] = []
    for level in sorted(set(priority.values()), reverse=True):
        alike = [vm for vm in vms if priority[vm] == level]
        sizes = {
            row: 0 if row in there else int(standing.missing[row, server])
            for vm in alike
            for row in lacks[vm]
        }
        rank = {row: place for place, row in enumerate(best_sequence(lacks, alike, sizes))}
        for vm in sorted(alike, key=lambda vm: max((rank[row] for row in lacks[vm]), default=-1)):
            fetched += sum(sizes[row] for row in lacks[vm] if row not in there)
            there.update(lacks[vm])
            seconds = fetched / pace if lacks[vm] else 0.0
            found.append((-level, seconds, vm, Want(vm=vm, server=server, rows=lacks[vm])))
    return found


def _pace(standing: Standing, server: int) -> float:
    """Give the bytes per second at which a server could be sent data by all others."""
    servers = standing.cluster.servers
    senders = [
        servers[at].net_out for at in range(len(servers)) if standing.up[at] and at != server
    ]
    together = float("inf") if None in senders else float(sum(rate or 0 for rate in senders))
    own = servers[server].net_in
    return max(together if own is None else min(together, float(own)), 1e-9)


@dataclass(frozen=True, slots=True)
class _Block:
    """Diffs that are fetched together: their bytes, the VMs that are up then, and their order."""

    size: int
    count: int
    rows: tuple[int, ...]

    @property
    def rank(self) -> Fraction | float:
        """Bytes for each VM: the least goes first."""
        return Fraction(self.size, self.count) if self.count else float("inf")


def best_sequence(
    lacks: Mapping[int, tuple[int, ...]], vms: Iterable[int], sizes: Mapping[int, int]
) -> list[int]:
    """Order diffs such that the sum over VMs of the bytes until each is up is least.

    Parameters
    ----------
    lacks
        By VM, the diffs that it lacks, each after the one that it builds on.
    vms
        Those that count.
    sizes
        Bytes of each diff that is lacking.

    Examples
    --------
    >>> best_sequence({0: (1, 2), 1: (1, 3), 2: (4,)}, [0, 1, 2], {1: 40, 2: 5, 3: 5, 4: 20})
    [4, 1, 2, 3]
    """
    count: dict[int, int] = defaultdict(int)
    children: dict[int, dict[int, None]] = defaultdict(dict)
    tops: dict[int, None] = {}
    for vm in vms:
        rows = lacks[vm]
        if rows:
            tops[rows[0]] = None
            count[rows[-1]] += 1
        for above, below in pairwise(rows):
            children[above][below] = None
    done: dict[int, list[_Block]] = {}
    for row in reversed(_from_the_top(tops, children)):
        under = [block for child in children[row] for block in done.pop(child)]
        done[row] = _joined(_Block(sizes[row], count[row], (row,)), under)
    blocks = sorted((block for top in tops for block in done[top]), key=lambda block: block.rank)
    return [row for block in blocks for row in block.rows]


def _joined(head: _Block, below: Iterable[_Block]) -> list[_Block]:
    """Join a diff with what builds on it as long as that should rather come first."""
    rest = sorted(below, key=lambda block: block.rank)
    while rest and rest[0].rank <= head.rank:
        first = rest.pop(0)
        head = _Block(head.size + first.size, head.count + first.count, head.rows + first.rows)
    return [head, *rest]


def _from_the_top(tops: Iterable[int], children: Mapping[int, Mapping[int, None]]) -> list[int]:
    found: list[int] = []
    waiting = list(tops)
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting += children.get(row, {})
    return found
