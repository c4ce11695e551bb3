"""Where a group of pairs would best be rebuilt together: every server weighed at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spareplace.search.ground import Floats
from spareplace.search.state import State


def costs(state: State, pairs: Sequence[int]) -> Floats:
    """Estimate what rebuilding all of some pairs on each server would cost; infinite where it
    cannot be.

    A diff that is missing there is transferred, or takes the place of what the server keeps and
    is worth least, whichever is cheaper; so does the disk that the rebuilds need on top.
    """
    ground, instance = state.ground, state.ground.instance
    rows = list(dict.fromkeys(row for pair in pairs for row in ground.rows[pair]))
    by_failure: dict[int, list[int]] = {}
    for pair in pairs:
        by_failure.setdefault(ground.pairs[pair][0], []).append(ground.pairs[pair][1])
    may = np.ones(ground.servers, dtype=bool)
    extra = np.zeros_like(state.slack)
    for failure, vms in by_failure.items():
        may &= ~instance.down[failure]
        demand = ground.demand[vms[0]] if len(vms) == 1 else ground.demand[vms].sum(axis=0)
        may &= (state.left[failure] >= demand[:, None]).all(axis=0)
        disk = sum(ground.disk[vm] for vm in vms)
        if disk:
            extra = np.maximum(extra, state.load[failure] + disk - state.peak)
        for vm in vms:
            may &= instance.allowed[vm]
            for group in instance.groups[vm]:
                may[list(state.members[failure, group])] = False
        _keep_apart(state, vms, may)
    result, wanted = _transfers(state, rows)
    taken = extra + wanted
    result += state.price * np.maximum(taken - np.maximum(state.slack, 0), 0)
    may &= (extra <= state.slack + state.spare).astype(bool)
    result[~may] = np.inf
    return result


def _keep_apart(
    state: State, vms: Sequence[int], may: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> None:
    """Two VMs of one group never go to one server."""
    groups = [group for vm in vms for group in state.ground.instance.groups[vm]]
    if len(set(groups)) < len(groups):
        may[:] = False


def _transfers(state: State, rows: Sequence[int]) -> tuple[Floats, Floats]:
    """Give, for each server, what transferring costs, and the bytes that are better kept."""
    ground = state.ground
    if not rows:
        return np.zeros(ground.servers), np.zeros(ground.servers)
    diffs = ground.diff_of[rows]
    more = (state.users[rows] == 0) * ground.weight_of[rows][:, None]
    if len(set(diffs.tolist())) < len(diffs):
        distinct = np.unique(diffs)
        order = np.argsort(diffs, kind="stable")
        starts = np.searchsorted(diffs[order], distinct)
        more = np.add.reduceat(more[order], starts, axis=0)
        diffs = distinct
    missing = state.missing[diffs]
    worth = state.worth[diffs]
    move = _prices(state, diffs.tolist())
    kept = worth + more > state.price + move
    # What is kept from now on also saves what other failures transfer today.
    saved = np.minimum(worth, state.price) - move
    adds = more > 0
    result: Floats = (np.where(kept, -saved, more) * missing * adds).sum(axis=0)
    wanted: Floats = (missing * (kept & adds)).sum(axis=0)
    return result, wanted


def _prices(state: State, diffs: Sequence[int]) -> Floats | float:
    """Give what storing a byte of each diff on each server costs because it is not there today."""
    ground = state.ground
    if not ground.move_cost or ground.instance.current is None:
        return 0.0
    absent: Floats = (~ground.instance.current[diffs]).astype(float)
    return ground.move_cost * absent
