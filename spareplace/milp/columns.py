"""Which column of the model says what: the one place that knows, for building and reading."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from spareplace.cluster import Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The names of what the numbers of a column stand for, for whoever reads the model."""

    failure: tuple[str, ...]
    vm: tuple[str, ...]
    diff: tuple[str, ...]
    server: tuple[str, ...]

    @staticmethod
    def of(cluster: Cluster) -> Labels:
        """Collect the names of a cluster."""
        return Labels(
            failure=tuple(failure.name for failure in cluster.failures),
            vm=tuple(vm.name for vm in cluster.vms),
            diff=tuple(diff.name for diff in cluster.diffs),
            server=tuple(server.name for server in cluster.servers),
        )


def label(kind: str, *parts: str | int) -> str:
    """Name a column or a row.

    Examples
    --------
    >>> label("keep", "base", 0, "s1")
    'keep[base,0,s1]'
    """
    return f"{kind}[{','.join(map(str, parts))}]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Columns by what they mean; failures, VMs, diffs, servers and pieces are numbers.

    Parameters
    ----------
    rebuild
        (failure, VM, server): the VM is rebuilt there; how many VMs of its kind are, where it
        stands for several.
    skip
        (failure, VM): it is not rebuilt at all; how many are not, likewise.
    kind
        (failure, VM): the VMs that it stands for, with itself, where there are several.
    wanted
        (failure, diff): some VM that needs the diff is not skipped.
    need
        (failure, diff, server): a VM rebuilt there needs the diff.
    missing
        (failure, diff, server): the column that says what is transferred, and the bytes that its
        1 stands for.
    send
        (failure, diff, server): the bytes of the diff that the server sends.
    peak
        By column, rows ``step x column >= sum of terms``: it is the least that holds in all.
    fetch
        (failure, diff, server): the diff is needed there and not kept; or, where the diff may
        be cut, how many bytes of it are missing.
    used
        (diff, piece): the piece is there. Piece 0 always is.
    piece
        (diff, piece): its bytes.
    keep
        (diff, piece, server): the server keeps the piece. A diff that may not be cut has only
        piece 0, and no columns `used`, `piece` and `part`.
    part
        (diff, piece, server): the bytes of the piece that the server keeps.
    stored
        server: all bytes that it keeps.
    """

    rebuild: dict[tuple[int, int, int], int] = field(default_factory=dict)
    skip: dict[tuple[int, int], int] = field(default_factory=dict)
    kind: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    wanted: dict[tuple[int, int], int] = field(default_factory=dict)
    need: dict[tuple[int, int, int], int] = field(default_factory=dict)
    missing: dict[tuple[int, int, int], tuple[int, int]] = field(default_factory=dict)
    send: dict[tuple[int, int, int], int] = field(default_factory=dict)
    peak: dict[int, list[tuple[int, tuple[tuple[int, int], ...]]]] = field(default_factory=dict)
    fetch: dict[tuple[int, int, int], int] = field(default_factory=dict)
    used: dict[tuple[int, int], int] = field(default_factory=dict)
    piece: dict[tuple[int, int], int] = field(default_factory=dict)
    keep: dict[tuple[int, int, int], int] = field(default_factory=dict)
    part: dict[tuple[int, int, int], int] = field(default_factory=dict)
    stored: dict[int, int] = field(default_factory=dict)

    def users(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Give, for each (failure, server), the VMs that may be rebuilt there, with columns."""
        users: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for (failure, vm, server), column in self.rebuild.items():
            users[failure, server].append((vm, column))
        return users
