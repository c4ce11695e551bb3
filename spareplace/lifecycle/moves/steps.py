"""Moves as values: the steps from one placement to another, and what is stored after each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spareplace.holding import merged
from spareplace.placement import Extent, Placement, Plan

Action: TypeAlias = Literal["copy", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a change: bytes of a diff are copied to a server, or deleted from it.

    Parameters
    ----------
    action
        ``"copy"`` or ``"delete"``.
    diff
        The diff.
    server
        Where the bytes appear or vanish.
    start, stop
        The bytes from `start` up to, not including, `stop`.
    source
        Who sends a copy: a server that holds the bytes, or one that runs a VM with the diff in
        its chain and saves them anew. The server itself: nothing is sent. ``None`` for a
        deletion.
    """

    action: Action
    diff: str
    server: str
    start: int
    stop: int
    source: str | None = None

    @property
    def size(self) -> int:
        """How many bytes it copies or deletes."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The steps from one placement to another, in an order in which each of them is safe.

    Parameters
    ----------
    copied_bytes
        The bytes of all copies, those that only make room for others among them.
    deleted_bytes
        The bytes of all deletions.
    steps
        In the order in which they have to be done, one after the other.
    """

    copied_bytes: int
    deleted_bytes: int
    steps: tuple[Step, ...] = ()


def moves_of(steps: Iterable[Step]) -> Moves:
    """Sum up steps."""
    steps = tuple(steps)
    return Moves(
        copied_bytes=sum(step.size for step in steps if step.action == "copy"),
        deleted_bytes=sum(step.size for step in steps if step.action == "delete"),
        steps=steps,
    )


def apply_step(stored: Iterable[Extent], step: Step) -> tuple[Extent, ...]:
    """Give the extents that are stored after a step.

    To do a step twice is to do it once: bytes that are there are not stored again, and bytes
    that are gone are not missed.

    Parameters
    ----------
    stored
        The extents before it.
    step
        What is done.

    Examples
    --------
    >>> whole = (Extent(diff="base", server="a", start=0, stop=40),)
    >>> cut = Step(action="delete", diff="base", server="a", start=10, stop=20)
    >>> [(left.start, left.stop) for left in apply_step(whole, cut)]
    [(0, 10), (20, 40)]
    """
    if step.action == "copy":
        new = Extent(diff=step.diff, server=step.server, start=step.start, stop=step.stop)
        return merged((*stored, new))
    return merged(left for extent in stored for left in _without(extent, step))


def replayed(before: Placement | Plan, moves: Moves) -> Iterator[tuple[Extent, ...]]:
    """Give the extents that are stored after each step in turn.

    Parameters
    ----------
    before
        What is stored at first.
    moves
        What is done.

    Examples
    --------
    >>> empty = Placement()
    >>> step = Step(action="copy", diff="base", server="b", start=0, stop=40, source="a")
    >>> [[extent.server for extent in stored] for stored in replayed(empty, moves_of([step]))]
    [['b']]
    """
    stored: tuple[Extent, ...] = before.stored
    for step in moves.steps:
        stored = apply_step(stored, step)
        yield stored


def _without(extent: Extent, step: Step) -> Iterator[Extent]:
    if (extent.diff, extent.server) != (step.diff, step.server):
        yield extent
        return
    for start, stop in (
        (extent.start, min(extent.stop, step.start)),
        (max(extent.start, step.stop), extent.stop),
    ):
        if start < stop:
            yield Extent(diff=extent.diff, server=extent.server, start=start, stop=stop)
