"""The images of made-up VMs: trees of diffs, and which VMs share them."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import TypeAlias

from spareplace.generate.drawing import shuffled, whole
from spareplace.parts import Diff

Slot: TypeAlias = tuple[int, int]
"""The place of a VM: the number of its server, and its number there."""

MB = 10**6


def sharers(random: Random, slots: list[Slot], sharing: float) -> list[list[Slot]]:
    """Divide the VMs into those that share masters: over all servers, or on one."""
    drawn = shuffled(random, slots)
    common = drawn[: round(sharing * len(slots))]
    own: dict[int, list[Slot]] = defaultdict(list)
    for slot in sorted(drawn[len(common) :]):
        own[slot[0]].append(slot)
    return [common, *own.values()]


def forest(
    random: Random, groups: list[list[Slot]], depth: int, fanout: int
) -> tuple[tuple[Diff, ...], dict[Slot, tuple[Diff, ...]]]:
    """Grow trees for each group; give the diffs level by level, and the chain of each VM."""
    levels: list[dict[tuple[int, int], Diff]] = [{} for _ in range(depth)]
    children: dict[str, int] = defaultdict(int)
    chains: dict[Slot, tuple[Diff, ...]] = {}
    for number, slots in enumerate(groups):
        for position, slot in enumerate(slots):
            chain: list[Diff] = []
            for level, made in enumerate(levels):
                shared_by = fanout ** (depth - 1 - level) if depth > 1 else fanout
                parent = chain[-1].name if chain else ""
                key = (number, position // shared_by)
                if key not in made:
                    children[parent] += 1
                    made[key] = _diff(random, parent, children[parent])
                chain.append(made[key])
            chains[slot] = tuple(chain)
    return tuple(diff for made in levels for diff in made.values()), chains


def _diff(random: Random, parent: str, number: int) -> Diff:
    if parent:
        size = whole(random, 500, 8_000)
        return Diff(name=f"{parent}.{number}", size=size * MB, parent=parent)
    return Diff(name=f"m{number}", size=whole(random, 10_000, 60_000) * MB)
