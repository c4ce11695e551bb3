"""The plans of the heuristics, and what a search can start from where they have none."""

from __future__ import annotations

import logging
from dataclasses import replace

from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.heuristics.greedy import greedy
from spareplace.heuristics.level import level
from spareplace.heuristics.trimming import trimmed
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.watching import Best

log = logging.getLogger(__name__)

LARGEST_LEVEL = 400_000
"""Pairs times servers up to which `level` is tried where greedy finds nothing: it takes seconds."""


def starts(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    reasons: list[str],
    continuing: Placement | None = None,
) -> list[Placement]:
    """Offer what the heuristics find; give what a search can start from, VMs left out or not.

    Where a placement is continued and moves are limited, there is nothing else to start from.
    """
    found = [Placement() if continuing is None else continuing]
    if options.move_limit is not None:
        return found
    pairs = sum(map(len, instance.lost))
    small = pairs * instance.down.shape[1] <= LARGEST_LEVEL
    for method in ("greedy", "level"):
        wanted = best.placement is None or (method == "greedy" and continuing is not None)
        if wanted and not clock.over() and (method == "greedy" or small):
            try:
                found.append(heuristic(method, instance, clock, options))
                best.offer(found[-1], method)
            except NoPlan as none:
                reasons.append(none.reason)
                log.info("%s", none.reason)
                if continuing is None and options.method != "milp" and not clock.over():
                    found += _unfinished(method, instance, clock, options)
    return found


def _unfinished(method: str, instance: Instance, clock: Clock, options: Options) -> list[Placement]:
    """Give what a method can do if it may leave VMs out: a search takes it from there."""
    try:
        return [heuristic(method, instance, clock, replace(options, allow_unprotected=True))]
    except NoPlan:
        return []


def heuristic(method: str, instance: Instance, clock: Clock, options: Options) -> Placement:
    """Give the plan of `greedy` or `level`.

    Raises
    ------
    NoPlan
        If it finds none, or one that stores more than it may.
    """
    if method == "greedy":
        found = greedy(
            instance,
            clock,
            max_pieces=options.max_pieces,
            allow_unprotected=options.allow_unprotected,
        )
    else:
        found = level(instance, clock, allow_unprotected=options.allow_unprotected)
    if found.unprotected:  # what was stored for a VM before it was given up serves nobody
        found = trimmed(instance, found)
    if options.stored_limit is not None and found.stored_bytes > options.stored_limit:
        raise NoPlan(
            f"{method} stores {found.stored_bytes} bytes, expected at most "
            f"{options.stored_limit} (stored_limit)",
            "try method 'search' or 'auto'",
        )
    return found
