"""What a server can gain at most at given prices: a small exact model, and its proof."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from spareplace import solvers
from spareplace.bounds.coarse import Coarse, Floats
from spareplace.bounds.columns import Column, column
from spareplace.clock import Clock
from spareplace.errors import Defect
from spareplace.exact.trust import EXACT_SOLVER
from spareplace.milp.columns import label
from spareplace.milp.draft import Draft, Limit, Term
from spareplace.milp.model import Ints, Milp
from spareplace.solvers.base import Request


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pricing:
    """The model of one server; only what is earned depends on the prices.

    Parameters
    ----------
    server
        Its number.
    milp
        What it may do, and what that costs.
    rebuild
        By pair: it is rebuilt here.
    keep
        By atom: the column that says how much of it is stored, and what 1 of it stands for.
    need
        By failure and atom: it is needed.
    fetch
        By failure and atom: the column that says how much of it is transferred, and what 1 of
        it stands for.
    """

    server: int
    milp: Milp
    rebuild: dict[int, int]
    keep: dict[int, tuple[int, int]]
    need: dict[tuple[int, int], int]
    fetch: dict[tuple[int, int], tuple[int, int]]


def pricing(view: Coarse, server: int, clock: Clock) -> Pricing:
    """Build the model of a server.

    Raises
    ------
    NoPlan
        If the time is up before it is built.
    """
    draft = Draft(clock=clock)
    fits = view.instance.fits()[:, server]
    rebuild = {
        pair: draft.choose(label("rebuild", pair))
        for pair, (failure, vm) in enumerate(view.pairs)
        if fits[vm] and not view.instance.down[failure, server]
    }
    keep = _add_storage(draft, view, server)
    stored: list[Term] = list(keep.values())
    free = int(view.free[server])
    draft.at_most("disk", stored, free)
    by_failure: dict[int, list[int]] = defaultdict(list)
    for pair in rebuild:
        by_failure[view.pairs[pair][0]].append(pair)
    need: dict[tuple[int, int], int] = {}
    for failure, pairs in by_failure.items():
        taken = [(rebuild[pair], int(view.disk[pair])) for pair in pairs if view.disk[pair]]
        draft.at_most(label("disk", failure), [*stored, *taken], free)
        _add_limits(draft, view, server, failure, {pair: rebuild[pair] for pair in pairs})
        _add_needs(draft, view, server, failure, pairs, rebuild, need)
    fetch = {key: _add_fetch(draft, view, key, at, keep) for key, at in need.items()}
    costs = [(at, unit * int(view.cost[failure])) for (failure, _), (at, unit) in fetch.items()]
    costs += [(at, unit * view.price) for at, unit in stored]
    milp = draft.frozen().with_objective(draft.vector(costs))
    return Pricing(server=server, milp=milp, rebuild=rebuild, keep=keep, need=need, fetch=fetch)


def _add_storage(draft: Draft, view: Coarse, server: int) -> dict[int, Term]:
    keep: dict[int, Term] = {}
    for atom in np.flatnonzero(~view.resident[:, server]).tolist():
        size, free = int(view.size[atom]), int(view.free[server])
        if not view.instance.keeps[server] or (view.whole[atom] and size > free):
            continue
        if view.whole[atom]:
            keep[atom] = (draft.choose(label("keep", atom)), size)
        else:
            keep[atom] = (draft.amount(label("keep", atom), 0, min(size, free)), 1)
    return keep


def _add_limits(
    draft: Draft, view: Coarse, server: int, failure: int, rebuild: dict[int, int]
) -> None:
    """Rules 2 and 4 in one failure."""
    instance = view.instance
    for resource in range(1, len(instance.resources)):
        limit = Limit(
            failure=failure,
            server=server,
            resource=instance.resources[resource],
            available=int(instance.free[server, resource]),
        )
        amounts = [int(instance.demand[view.pairs[pair][1], resource]) for pair in rebuild]
        terms = [term for term in zip(rebuild.values(), amounts, strict=True) if term[1]]
        draft.capacity(label("room", failure, resource), terms, limit)
    members: dict[int, list[Term]] = defaultdict(list)
    for pair, at in rebuild.items():
        for group in instance.groups[view.pairs[pair][1]]:
            members[group].append((at, 1))
    for group, terms in members.items():
        if len(terms) > 1:
            draft.at_most(label("apart", failure, group), terms, 1)


def _add_needs(
    draft: Draft,
    view: Coarse,
    server: int,
    failure: int,
    pairs: list[int],
    rebuild: dict[int, int],
    need: dict[tuple[int, int], int],
) -> None:
    wanted = view.needs[pairs].any(axis=0) & ~view.resident[:, server]
    for atom in np.flatnonzero(wanted).tolist():
        users = [pair for pair in pairs if view.needs[pair, atom]]
        if len(users) == 1:
            need[failure, atom] = rebuild[users[0]]
            continue
        needed = need[failure, atom] = draft.choose(label("need", failure, atom))
        for pair in users:
            terms = [(needed, 1), (rebuild[pair], -1)]
            draft.at_least(label("needs", failure, atom, pair), terms, 0)


def _add_fetch(
    draft: Draft, view: Coarse, key: tuple[int, int], needed: int, keep: dict[int, Term]
) -> Term:
    size = int(view.size[key[1]])
    if key[1] not in keep:
        return needed, size
    kept, unit = keep[key[1]]
    if unit == size:
        fetched = draft.choose(label("fetch", *key))
        draft.at_least(label("fetches", *key), [(fetched, 1), (kept, 1), (needed, -1)], 0)
        return fetched, size
    fetched = draft.amount(label("fetch", *key), 0, size)
    draft.at_least(label("fetches", *key), [(fetched, 1), (kept, 1), (needed, -size)], 0)
    return fetched, 1


def most_gain(
    view: Coarse,
    of: Pricing,
    pair_price: Floats,
    worth: Floats,
    start: Column,
    clock: Clock,
    *,
    gap: float,
    seed: int,
) -> tuple[int, Column]:
    """Bound what the server can gain, by proof, and give the best column found.

    Parameters
    ----------
    view
        The cluster in coarse units.
    of
        The server's model.
    pair_price
        What each rebuild earns, shape (pairs,), in whole numbers.
    worth
        What a unit of each atom earns where it is stored here, shape (atoms,), likewise.
    start
        A column to start from; what it stores may be rounded.
    clock
        When the solver is to end.
    gap
        How much the proof may leave open, as a share of the gain.
    seed
        For the solver.

    Raises
    ------
    TooLarge
        If the prices are too high to be counted.
    """
    objective = of.milp.objective.copy()
    for pair, at in of.rebuild.items():
        objective[at] -= int(pair_price[pair])
    for atom, (at, unit) in of.keep.items():
        objective[at] -= int(worth[atom]) * unit
    answer = solvers.load(EXACT_SOLVER)(
        Request(
            milp=of.milp.with_objective(objective),
            hint=_hint(view, of, start),
            seconds=clock.left(),
            seed=seed,
            gap=gap,
            stop=clock.stop,
        )
    )
    if answer.bound is None:  # to do nothing is always possible
        raise Defect(f"{answer.solver} calls {answer.outcome.value} what is not")
    gain = max(math.floor(-answer.bound + max(1e-6, abs(answer.bound) * 1e-9)), 0)
    return gain, start if answer.values is None else _column(view, of, answer.values)


def _hint(view: Coarse, of: Pricing, start: Column) -> Ints:
    values = of.milp.lower.copy()
    for pair, at in of.rebuild.items():
        values[at] = start.rebuilt[pair] > 0
    for atom, (at, unit) in of.keep.items():
        values[at] = start.held[atom] // unit
    for key, at in of.need.items():
        pairs = view.needs[:, key[1]] & (view.failure == key[0])
        values[at] = bool((start.rebuilt[pairs] > 0).any())
    for key, (at, unit) in of.fetch.items():
        if key[1] in of.keep and values[of.need[key]]:
            kept, one = of.keep[key[1]]
            values[at] = max(int(view.size[key[1]]) - int(values[kept]) * one, 0) // unit
    return values


def _column(view: Coarse, of: Pricing, values: Ints) -> Column:
    rebuilt, held = np.zeros(len(view.pairs)), np.zeros(len(view.size))
    for pair, at in of.rebuild.items():
        rebuilt[pair] = values[at]
    for atom, (at, unit) in of.keep.items():
        held[atom] = values[at] * unit
    return column(view, of.server, rebuilt, held)
