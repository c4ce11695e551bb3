"""Other goals for the search: it makes a weighted sum least, and the weights lead it to the goal.

After each run the failures that stand in the way of the goal weigh more, and the next run goes on
from the best plan so far. What a plan is worth is always told by the goal itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from spareplace.cluster import Cluster
from spareplace.goals import Goal, recovery_seconds
from spareplace.placement import Placement
from spareplace.recovery import recoveries

STEEP = 1.0
"""How much more the worst failure weighs after a run than one without transfers: e to the power
of that."""

FINE = 2**20
"""In how many steps weights are counted: sums of their products are exact."""


def first_weights(goal: Goal, weight: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Give the weights of the first run: for the worst failure, all that count the same."""
    if goal == "worst":
        return tuple(Fraction(int(each > 0)) for each in weight)
    return tuple(weight)


def next_weights(
    goal: Goal,
    cluster: Cluster,
    placement: Placement,
    weights: Sequence[Fraction],
    asked: Sequence[Fraction],
) -> tuple[Fraction, ...]:
    """Give the weights of the next run.

    Parameters
    ----------
    goal
        ``"worst"``: each weight grows the more, the nearer the transfer of its failure is to the
        largest one. ``"time"``: it moves towards the weight asked for times the seconds that a
        byte takes in its failure, where the busiest link is the measure.
    cluster
        What the placement is for.
    placement
        What the last run found.
    weights
        Those of the last run.
    asked
        Those of the failures; where they are above 0, so are the next ones.
    """
    recovered = recoveries(cluster, placement)
    sent = [one.transfer_bytes for one in recovered]
    if goal == "worst":
        most = max((size for size, each in zip(sent, asked, strict=True) if each), default=0)
        return _scaled(
            [
                float(each) * math.exp(STEEP * min(size, most) / max(most, 1))
                for each, size in zip(weights, sent, strict=True)
            ],
            asked,
        )
    seconds = [float(recovery_seconds(cluster, one)) for one in recovered]
    pace = sum(seconds) / max(sum(sent), 1) or 1.0
    return _scaled(
        [
            math.sqrt(float(each) * float(own) * (took / size if size else pace))
            for each, own, took, size in zip(weights, asked, seconds, sent, strict=True)
        ],
        asked,
    )


def _scaled(weights: Sequence[float], asked: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Write weights as whole numbers of steps."""
    most = max(weights, default=0.0) or 1.0
    return tuple(
        Fraction(max(round(each / most * FINE), 1) if counts else 0)
        for each, counts in zip(weights, asked, strict=True)
    )
