"""Which server is likely to rebuild which VM: what the linear program over columns mixes."""

from __future__ import annotations

import logging

from spareplace.bounds.choices import TooMany
from spareplace.bounds.coarse import coarse
from spareplace.bounds.columns import columns_of
from spareplace.bounds.prices import master
from spareplace.bounds.settling import ready, settled
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement

MOST_PAIRS = 150
"""For more rebuilds it takes longer than it helps."""

log = logging.getLogger(__name__)

Shares = dict[tuple[int, int, int], float]
"""By failure, VM and server: which share of the rebuild is there."""


def likely(instance: Instance, plan: Placement, clock: Clock, options: Options) -> Shares:
    """Guess columns from what a plan stores, and mix them at least cost; none where that fails."""
    if sum(map(len, instance.lost)) > MOST_PAIRS:
        return {}
    view = coarse(instance.cuttable(), max_pieces=options.max_pieces, stored_cost=0.0)
    if not view.diffs:
        return {}
    try:
        guessing = ready(view, clock)
    except (TooMany, NoPlan) as none:
        log.info("no columns: %s", none)
        return {}
    of = master(view)
    guessing.known = [each.held for _, each in columns_of(view, plan)]
    if settled(of, guessing, clock) is None:
        return {}
    found: Shares = {}
    waiting = [iter(columns) for columns in of.columns]
    for server, share in zip(of.added, of.linear.shares().tolist(), strict=True):
        column = next(waiting[server])
        if share > 0:
            for pair in column.rebuilt.nonzero()[0].tolist():
                key = (*view.pairs[pair], server)
                found[key] = found.get(key, 0.0) + share
    return found
