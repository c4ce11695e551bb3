"""Several states that are annealed together: those that stand well take the place of others.

Population annealing, after Hukushima and Iba, "Population annealing and its application to a spin
glass", AIP Conference Proceedings 690 (2003), and Machta, "Population annealing with weighted
averages", Physical Review E 82 (2010). On small clusters annealing ends in one of many valleys,
chosen while it is still warm; several states that share the time see more of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

ENOUGH = 250
"""How many changes for each pair and server a state needs from hot to cold: with fewer it freezes
where no selection helps."""

MOST, MOST_CELLS = 32, 2_000_000
"""The most states of a population, and the most diffs times servers of all its states."""

ALONE = 0.05
"""How far one state cools down, at least, before it is multiplied where it begins to freeze: while
it is hot it forgets where it was, and when it is cold copies of it stay where it is."""

ROUND = 1 / 40
"""How far they cool down from one selection to the next."""

NEVER_ONE = 1 - 1e-9
"""A number just below 1 would be rounded up to it where another is added."""


def worth_having(changes: float, pairs: int, servers: int, diffs: int) -> int:
    """Tell how many states are to share so many changes.

    Parameters
    ----------
    changes
        How many there is time for, from hot to cold.
    pairs, servers, diffs
        Rebuilds, servers and diffs of the cluster.
    """
    most = min(MOST, MOST_CELLS // max(diffs * servers, 1))
    return max(min(int(changes / (ENOUGH * pairs * servers)), most), 1)


def selected(values: Sequence[float], hot: float, cold: float, at: float) -> list[int]:
    """Select which states go on as the temperature falls, some of them more than once.

    Each is selected as often, in the mean, as its share of all weights says: a weight is how much
    less likely a state of that value is at the lower temperature.

    Parameters
    ----------
    values
        Of the states, to be least.
    hot, cold
        The temperatures; the second is the lower one.
    at
        A random number from 0 to below 1.

    Returns
    -------
    As many numbers of states as there are, in order.
    """
    if not cold > 0 or not hot > cold:
        return list(range(len(values)))
    least, sharper = min(values), 1 / cold - 1 / hot
    sums = list(accumulate(math.exp(-sharper * (value - least)) for value in values))
    chosen, state = [], 0
    for number in range(len(values)):
        mark = (number + min(at, NEVER_ONE)) / len(values) * sums[-1]
        while sums[state] <= mark and state + 1 < len(values):
            state += 1
        chosen.append(state)
    return chosen
