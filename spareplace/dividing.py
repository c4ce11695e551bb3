"""A cluster whose split diffs are divided where they are cut today, each part a diff of its own.

Each server then holds a part whole or not at all, so what a change moves is a sum over parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from spareplace.cluster import Cluster
from spareplace.holding import Span, merged
from spareplace.parts import Diff
from spareplace.placement import Extent, Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A cluster with divided diffs, and what its parts are.

    Parameters
    ----------
    cluster
        The same VMs; rebuilding one needs the same bytes as before.
    whole
        By name of a diff of this cluster: the diff that it is of, and its first byte there.
    parts
        By name of a diff that is divided: its parts in order, each with its range.
    """

    cluster: Cluster
    whole: Mapping[str, tuple[str, int]]
    parts: Mapping[str, tuple[tuple[str, Span], ...]]

    def apart(self, placement: Placement) -> Placement:
        """Express a placement whose cuts are those of the division."""
        extents: list[Extent] = []
        for extent in placement.stored:
            spans = self.parts.get(extent.diff, ())
            if not spans:
                extents.append(extent)
            extents += [
                replace(extent, diff=name, start=0, stop=stop - start)
                for name, (start, stop) in spans
                if extent.start <= start and stop <= extent.stop
            ]
        return replace(placement, stored=merged(extents))

    def together(self, placement: Placement) -> Placement:
        """Express a placement by the diffs that were divided."""
        extents = []
        for extent in placement.stored:
            diff, first = self.whole.get(extent.diff, (extent.diff, 0))
            extents.append(
                replace(extent, diff=diff, start=first + extent.start, stop=first + extent.stop)
            )
        return replace(placement, stored=merged(extents))


def divided(cluster: Cluster, stored: Iterable[Extent]) -> Division:
    """Divide the diffs of a cluster where their extents begin and end.

    Parameters
    ----------
    cluster
        The cluster as it is.
    stored
        Extents that lie within its diffs.
    """
    edges: dict[str, set[int]] = {}
    for extent in stored:
        edges.setdefault(extent.diff, set()).update((extent.start, extent.stop))
    taken = {diff.name for diff in cluster.diffs}
    parts: dict[str, tuple[tuple[str, Span], ...]] = {}
    for diff in cluster.diffs:
        spans = list(pairwise(sorted(edges.get(diff.name, set()) | {0, diff.size})))
        if len(spans) > 1:
            parts[diff.name] = tuple((_untaken(diff.name, span, taken), span) for span in spans)
    return Division(
        cluster=_cut(cluster, parts),
        whole={name: (diff, start) for diff, spans in parts.items() for name, (start, _) in spans},
        parts=parts,
    )


def _untaken(diff: str, span: Span, taken: set[str]) -> str:
    name = f"{diff}[{span[0]},{span[1]})"
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def _cut(cluster: Cluster, parts: Mapping[str, Sequence[tuple[str, Span]]]) -> Cluster:
    last = {diff: spans[-1][0] for diff, spans in parts.items()}
    diffs: list[Diff] = []
    for diff in cluster.diffs:
        parent = None if diff.parent is None else last.get(diff.parent, diff.parent)
        for name, (start, stop) in parts.get(diff.name, ((diff.name, (0, diff.size)),)):
            diffs.append(Diff(name=name, size=stop - start, parent=parent))
            parent = name
    servers = tuple(
        replace(
            server,
            resident=tuple(
                name for diff in server.resident for name, _ in parts.get(diff, ((diff, (0, 0)),))
            ),
        )
        for server in cluster.servers
    )
    vms = tuple(
        vm if vm.diff not in last else replace(vm, diff=last[vm.diff]) for vm in cluster.vms
    )
    return replace(cluster, servers=servers, diffs=tuple(diffs), vms=vms)
