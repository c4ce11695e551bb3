"""How large the models of a cluster would be, told before they are built."""

from __future__ import annotations

from spareplace.instance import Instance
from spareplace.milp.kinds import kinds_of

LARGEST_MODEL = 300_000
"""The most columns of an exact model that ``auto`` builds: larger ones take longer to build and
read than they ever gained within a minute."""


def columns_in_bytes(instance: Instance) -> int:
    """Estimate the columns of the model in bytes."""
    rebuilds, diffs = _choices(instance)
    return int(rebuilds + diffs)


def pieces_that_fit(instance: Instance, max_pieces: int) -> int:
    """Give the most pieces with which the exact model is not too large; 0 if none."""
    rebuilds, diffs = _choices(instance)
    for pieces, columns in ((max_pieces, 2 * max_pieces), (1, 1)):
        if rebuilds + diffs * columns <= LARGEST_MODEL:
            return pieces
    return 0


def _choices(instance: Instance) -> tuple[float, int]:
    """Give the columns for rebuilds and what they need, and those for whole copies."""
    servers = instance.down.shape[1]
    longest = sum(map(len, instance.chain)) / max(len(instance.chain), 1)
    kinds = kinds_of(instance)
    counted = sum(len({kinds[vm] for vm in vms}) for vms in instance.lost)
    rebuilds = counted * servers * (1 + longest)
    return rebuilds, len(instance.dependents()) * servers
