"""At which temperature a plan under annealing begins to freeze: found as it falls from far above.

While it is hotter nothing is decided. How much hotter differs from cluster to cluster, so annealing
that gives up all that stands begins far above, watches which share of its changes stays, and falls
fast until that share does. From there it takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MELTING, HOTTER = 30.0, 3.0
"""With so many more changes than Python tries it pays to begin hotter: by so much where all that
stands is to be given up, as a plan by another method holds on to its copies at less, and else by so
much."""

MELTED, LOOK, SOON = 0.02, 0.005, 0.15
"""How far it falls, of all its way, before it is taken to be molten; how far from one look at what
stays to the next; and how far until it is taken to freeze in any case."""

FASTER = 0.75
"""The temperature falls by so much from look to look."""

LESS = 0.97
"""It freezes where less than this share of the changes that stayed while it was hot stays."""

FALL, LAST = 3, 0.83
"""From there the temperature falls by this power of what is left of its way, all but the last of
which it goes: where it is colder nothing changes any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """What is known of the temperature at which a state freezes.

    Parameters
    ----------
    looks, looked
        How often one looked, and how far the temperature had fallen then.
    stayed
        Which share of the changes stayed while it was hot, or 0 where that is not known yet.
    point
        The temperature, or 0 where it is not known yet.
    """

    looks: int = 0
    looked: float = 0.0
    stayed: float = 0.0
    point: float = 0.0


UNKNOWN = Freezing()
"""It was never hot."""


def heat_of(freezing: Freezing, hot: float, cold: float, *, melt: bool) -> float:
    """Give the temperature.

    Parameters
    ----------
    freezing
        What is known.
    hot
        A temperature at which a state that has to last may begin.
    cold
        How far it has fallen, of 1.
    melt
        Whether nothing of the state has to last.
    """
    if not melt:
        return HOTTER * hot * (1 - cold) ** FALL
    if freezing.point:
        return freezing.point * (1 - LAST * cold) ** FALL
    # Few changes of one state tell little about a small cluster: what begins too cold stays there.
    return max(MELTING * hot * FASTER ** max(freezing.looks - 1, 0), hot)


def is_due(freezing: Freezing, cold: float) -> bool:
    """Tell whether it is time for a look at which share of the changes stays."""
    return not freezing.point and cold >= max(freezing.looked + LOOK, MELTED)


def look(freezing: Freezing, hot: float, cold: float, share: float) -> Freezing:
    """Say which share of the changes stayed since the last look; give what is known then."""
    seen = replace(freezing, looks=freezing.looks + 1, looked=cold)
    if not freezing.looks:  # it was melting
        return seen
    if not freezing.stayed and cold < SOON:
        return replace(seen, stayed=share)
    if share >= LESS * freezing.stayed and cold < SOON:
        return seen
    return replace(seen, point=heat_of(freezing, hot, cold, melt=True))
