"""Diffs that are always needed together, as one: a smaller instance for models that count bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from spareplace.instance import Instance
from spareplace.milp.storing import pieces_of, to_store


def merged(instance: Instance, max_pieces: int) -> Instance:
    """Give the same instance with one diff in the place of those that the same VMs need.

    The same failures must ask for them; they must be resident, and stored today, on the same
    servers, and all be such that they may be cut. The first of them has the bytes of all; the
    others are in no chain, and no failure asks for them.

    Examples
    --------
    >>> from spareplace import load_cluster
    >>> from spareplace.instance import number
    >>> paper = number(load_cluster("examples/paper.json"))
    >>> len(paper.dependents()), len(merged(paper, 4).dependents())
    (27, 16)
    """
    size, gone = list(instance.size), set()
    for first, *others in alike(instance, max_pieces):
        size[first] += sum(size[diff] for diff in others)
        gone.update(others)
    return replace(
        instance,
        size=tuple(size),
        chain=tuple(tuple(d for d in chain if d not in gone) for chain in instance.chain),
        asked=tuple(() if d in gone else of for d, of in enumerate(instance.asked)),
    )


def alike(instance: Instance, max_pieces: int) -> list[list[int]]:
    """Give the diffs that `merged` takes together; one that stands alone is a list of its own."""
    together: dict[tuple[object, ...], list[int]] = defaultdict(list)
    dependents = instance.dependents()
    for diff in to_store(instance, dependents):
        if pieces_of(instance, diff, max_pieces) > 1:
            pairs, held = tuple(dependents.get(diff, ())), instance.resident[diff].tobytes()
            now = b"" if instance.current is None else instance.current[diff].tobytes()
            together[pairs, instance.asked[diff], held, now].append(diff)
    return list(together.values())
