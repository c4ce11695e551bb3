"""How many copies of a diff survive: the fewest servers that leave one up in every failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spareplace.instance import Instance

EXACT_UP_TO = 3
"""So many copies are counted exactly; beyond that one server at a time is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """In which failures a diff has no surviving copy yet, and who could keep one.

    Parameters
    ----------
    diff
        The diff.
    failures
        The failures that ask for it; bit i of a mask stands for the i-th of them.
    open
        The failures without a surviving copy, as a mask.
    survives
        For each server that may store it, the failures that the server survives, as a mask.
    """

    diff: int
    failures: tuple[int, ...]
    open: int
    survives: Mapping[int, int]

    @staticmethod
    def of(instance: Instance, diff: int, pairs: Sequence[tuple[int, int]]) -> Need:
        """Start from the resident copies, for the (failure, VM) pairs that need the diff."""
        failures = tuple(sorted({failure for failure, _ in pairs}))
        up = ~instance.down[list(failures)]
        packed = np.packbits(up, axis=0, bitorder="little")
        masks = [int.from_bytes(packed[:, at].tobytes(), "little") for at in range(up.shape[1])]
        open_failures = (1 << len(failures)) - 1
        for server in np.flatnonzero(instance.resident[diff]):
            open_failures &= ~masks[server]
        keepers = np.flatnonzero(instance.keeps & ~instance.resident[diff])
        return Need(
            diff=diff,
            failures=failures,
            open=open_failures,
            survives={int(server): masks[server] for server in keepers},
        )

    def asks(self, failure: int) -> bool:
        """Tell whether a copy is still needed for a failure."""
        return bool(self.open >> self.failures.index(failure) & 1)

    def copies(self) -> int | None:
        """Give how many copies are still needed, or ``None`` if no number is enough."""
        return fewest_copies(self.open, self.survives.values())

    def candidates(self, copies: int) -> list[int]:
        """Give the servers after which that many further copies are enough."""
        enough: dict[int, bool] = {}
        for mask in self.survives.values():
            rest = self.open & ~mask
            if rest not in enough:
                count = fewest_copies(rest, self.survives.values())
                enough[rest] = count is not None and count <= copies
        return [server for server, mask in self.survives.items() if enough[self.open & ~mask]]

    def barring(self, server: int) -> Need:
        """Give the same need with one server fewer to choose from."""
        others = {other: mask for other, mask in self.survives.items() if other != server}
        return replace(self, survives=others)

    def without(self, server: int) -> Need:
        """Give what is still needed once a server keeps a copy."""
        return replace(self.barring(server), open=self.open & ~self.survives[server])


def fewest_copies(need: int, masks: Iterable[int]) -> int | None:
    """Give the least number of masks that together cover `need`, or ``None`` if none do.

    Exact up to `EXACT_UP_TO`; above, what taking the most useful one each time needs.

    Examples
    --------
    >>> fewest_copies(0b111, [0b011, 0b101, 0b110])
    2
    """
    # Of many alike servers one mask is enough to try.
    useful = {mask & need for mask in masks} - {0}
    if need == 0 or need in useful:
        return int(need != 0)
    kept = sorted(useful, key=lambda mask: (-mask.bit_count(), mask))
    for count in range(EXACT_UP_TO + 1):
        if _covers(need, kept, count):
            return count
    taken = 0
    while need:
        best = max(kept, key=lambda mask: (mask & need).bit_count(), default=0)
        if not best & need:
            return None
        need &= ~best
        taken += 1
    return taken


def _covers(need: int, masks: Sequence[int], count: int) -> bool:
    if not need:
        return True
    if count == 0:
        return False
    bit = need & -need  # some mask has to cover the lowest open failure
    largest = max(((mask & need).bit_count() for mask in masks), default=0)
    for mask in masks:
        useful = (mask & need).bit_count()
        if useful + (count - 1) * largest < need.bit_count():
            continue
        if mask & bit and _covers(need & ~mask, masks, count - 1):
            return True
    return False
