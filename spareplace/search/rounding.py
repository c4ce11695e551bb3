"""Sums of floats that were added to and taken from for long, worked out from nothing."""

from __future__ import annotations

from spareplace.search.state import State


def sum_anew(state: State) -> None:
    """Work the transfer out anew where rounding may be all that is left of it.

    A weight times bytes can be more than a float holds exactly. What is added and taken away again
    then leaves something of either sign, where nothing at all is transferred any more.
    """
    if abs(state.transfer) < state.ground.rounding:
        state.transfer = float((state.worth * state.missing).sum())
