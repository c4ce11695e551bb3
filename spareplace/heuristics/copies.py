"""How many copies of a diff survive: the fewest servers that leave one up in every failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.instance import Instance

EXACT_UP_TO = 3
"""So many copies are counted exactly; beyond that one server at a time is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Need:
    """In which failures a diff has no surviving copy yet, and who could keep one.

    Parameters
    ----------
    diff
        The diff.
    bit
        Of each failure that asks for it, the number of its bit in a mask.
    open
        The failures without a surviving copy, as a mask.
    masks
        The failures that a server survives, as masks, each once: most servers are alike.
    kind
        For each server, which of these masks is its own, shape (servers,).
    may
        Whether a server may store a copy, shape (servers,).
    """

    diff: int
    bit: Mapping[int, int]
    open: int
    masks: tuple[int, ...]
    kind: NDArray[np.intp]
    may: Flags

    @staticmethod
    def of(instance: Instance, diff: int, pairs: Sequence[tuple[int, int]]) -> Need:
        """Start from the resident copies, for the (failure, VM) pairs that need the diff."""
        failures = sorted({failure for failure, _ in pairs})
        masks, kind = _survived(instance.down[failures])
        resident = instance.resident[diff]
        open_failures = (1 << len(failures)) - 1
        for at in set(kind[resident].tolist()):
            open_failures &= ~masks[at]
        return Need(
            diff=diff,
            bit={failure: bit for bit, failure in enumerate(failures)},
            open=open_failures,
            masks=masks,
            kind=kind,
            may=instance.keeps & ~resident,
        )

    def asks(self, failure: int) -> bool:
        """Tell whether a copy is still needed for a failure."""
        return bool(self.open >> self.bit[failure] & 1)

    def survives(self, server: int) -> int:
        """Give the failures that a server survives, as a mask."""
        return self.masks[int(self.kind[server])]

    def copies(self) -> int | None:
        """Give how many copies are still needed, or ``None`` if no number is enough."""
        return fewest_copies(self.open, [self.masks[at] for at in self._kinds()])

    def candidates(self, copies: int) -> Flags:
        """Tell after which servers that many further copies are enough, shape (servers,)."""
        kinds = self._kinds()
        masks = [self.masks[at] for at in kinds]
        enough = np.zeros(len(self.masks), dtype=bool)
        known: dict[int, bool] = {}
        for at, mask in zip(kinds, masks, strict=True):
            rest = self.open & ~mask
            if rest not in known:
                known[rest] = _enough(rest, masks, copies)
            enough[at] = known[rest]
        return enough[self.kind] & self.may

    def helpful(self) -> Flags:
        """Tell on which servers a copy would survive a failure that still needs one."""
        helps = np.array([bool(self.open & mask) for mask in self.masks])
        return helps[self.kind] & self.may

    def barring(self, server: int) -> Need:
        """Give the same need with one server fewer to choose from."""
        may = self.may.copy()
        may[server] = False
        return replace(self, may=may)

    def without(self, server: int) -> Need:
        """Give what is still needed once a server keeps a copy."""
        return replace(self.barring(server), open=self.open & ~self.survives(server))

    def _kinds(self) -> list[int]:
        """Give the numbers of the masks of the servers that may store a copy."""
        there = np.bincount(self.kind[self.may], minlength=len(self.masks))
        found: list[int] = np.flatnonzero(there).tolist()
        return found


def fewest_copies(need: int, masks: Iterable[int]) -> int | None:
    """Give the least number of masks that together cover `need`, or ``None`` if none do.

    Exact up to `EXACT_UP_TO`; above, what taking the most useful one each time needs.

    Examples
    --------
    >>> fewest_copies(0b111, [0b011, 0b101, 0b110])
    2
    """
    if need == 0:
        return 0
    # Of many alike servers one mask is enough to try.
    useful = {mask & need for mask in masks} - {0}
    if need in useful:
        return 1
    kept = sorted(useful, key=lambda mask: (-mask.bit_count(), mask))
    for count in range(2, EXACT_UP_TO + 1):
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


def _survived(down: Flags) -> tuple[tuple[int, ...], NDArray[np.intp]]:
    """Give the masks of the failures that servers survive, and which is whose.

    Most servers are in none of the failures: only the others are looked at one by one.
    """
    everything = (1 << len(down)) - 1
    numbers = {everything: 0}
    kind = np.zeros(down.shape[1], dtype=np.intp)
    hit = np.flatnonzero(down.any(axis=0))
    packed = np.packbits(down[:, hit], axis=0, bitorder="little")
    for at, column in zip(hit.tolist(), packed.T, strict=True):
        mask = everything & ~int.from_bytes(column.tobytes(), "little")
        kind[at] = numbers.setdefault(mask, len(numbers))
    return tuple(numbers), kind


def _enough(need: int, masks: Sequence[int], copies: int) -> bool:
    """Tell whether that many of the masks cover `need`, as `fewest_copies` counts."""
    if need == 0 or copies == 0:
        return need == 0
    if any(not need & ~mask for mask in masks):
        return True
    if copies == 1:
        return False
    count = fewest_copies(need, masks)
    return count is not None and count <= copies


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
