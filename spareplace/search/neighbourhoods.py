"""Exact neighbourhoods: a few servers are freed and solved for, the rest stays as it is.

First with storage counted in bytes: fewer choices, and where that gains nothing no cut of the
diffs does. Where it gains, its bytes are laid out; where that cannot be done, its rebuilds are
taken over, and an exact model cuts and stores.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import TypeAlias

import numpy as np

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.exact.laying import Pieces
from spareplace.milp.build import Model
from spareplace.milp.model import Ints, Milp
from spareplace.search.keeping import estimate
from spareplace.search.part import Part, model_of, part_of
from spareplace.search.part_values import apply, cut_in, hint, laid
from spareplace.search.state import State
from spareplace.solvers.base import Request

SOLVER = "cp-sat"

EFFORT = {2: 0.2, 3: 0.5, 4: 1.5}
"""The work for each number of servers, in CP-SAT's deterministic seconds: no clock cuts it."""

WAITING = 3
"""Skipped pairs that a neighbourhood may take in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """A model to be solved, without anything that could not be sent to another process."""

    milp: Milp
    start: Ints | None
    seed: int
    effort: float
    seconds: float | None
    presolve: bool


Answer: TypeAlias = tuple[Ints | None, bool]
"""Values, if there are any, and whether they are proven best."""

Ask: TypeAlias = Callable[[Sequence[Question]], Sequence[Answer]]
"""Solves models side by side."""


def answer(question: Question, stop: threading.Event | None = None) -> Answer:
    """Solve one model."""
    if question.seconds == 0.0:
        return None, False
    found = solvers.load(SOLVER)(
        Request(
            milp=question.milp,
            hint=question.start,
            seconds=question.seconds,
            workers=1,
            seed=question.seed,
            effort=question.effort,
            presolve=question.presolve,
            stop=stop or threading.Event(),
        )
    )
    return found.values, found.outcome.value in ("optimal", "infeasible")


def improve(
    state: State,
    batch: Sequence[Sequence[int]],
    random: Random,
    clock: Clock,
    ask: Ask,
    *,
    more: float = 1.0,
) -> list[bool]:
    """Solve for several sets of servers, which have none in common, and take over what is better.

    Each may take its effort `more` times.

    Returns
    -------
    list of bool
        For each set, whether it is proven that nothing (more) can be gained there alone.
    """
    waiting = sorted(state.skipped)
    priced = state.ground.stored_cost > 0 or state.ground.move_cost > 0
    parts = [
        part_of(state, servers, random.sample(waiting, min(len(waiting), WAITING)))
        for servers in batch
    ]
    models = [model_of(state, part, in_bytes=not part.skipping) for part in parts]
    starts = list(map(partial(hint, state), parts, models))
    effort = [more * EFFORT[len(servers)] for servers in batch]
    answers = ask(
        [
            Question(
                milp=model.goal,
                start=start,
                seed=random.randrange(2**31),
                effort=effort[number],
                seconds=clock.left(),
                presolve=not priced,
            )
            for number, (model, start) in enumerate(zip(models, starts, strict=True))
        ]
    )
    better = {
        number: values
        for number, (values, _) in enumerate(answers)
        if values is not None
        and _value(models[number], values) < _value(models[number], starts[number])
    }
    final = _laid_out(state, parts, models, better)
    # What cannot be laid out as it is: the exact model cuts and stores for its targets.
    rest = [number for number in better if number not in final]
    exact = {number: model_of(state, parts[number], in_bytes=False) for number in rest}
    settled = ask(
        [
            Question(
                milp=_with_rebuilds(exact[number], models[number], better[number]),
                start=None,
                seed=random.randrange(2**31),
                effort=effort[number],
                seconds=clock.left(),
                presolve=not priced,
            )
            for number in rest
        ]
    )
    for number, (found, _) in zip(rest, settled, strict=True):
        if found is not None:
            final[number] = _cut(parts[number], exact[number], found)
    for number in sorted(final):
        _take_over(state, parts[number], final[number])
    return [known and number not in better for number, (_, known) in enumerate(answers)]


def _laid_out(
    state: State,
    parts: Sequence[Part],
    models: Sequence[Model],
    better: Mapping[int, Ints],
) -> dict[int, _Found]:
    """Give what can be taken over as it is: solutions with pieces, or bytes that can be cut."""
    final: dict[int, _Found] = {}
    for number, values in better.items():
        part, model = parts[number], models[number]
        if part.skipping:
            final[number] = _cut(part, model, values)
            continue
        pieces = laid(part, model, values, state.ground.max_pieces)
        if pieces is not None:
            final[number] = _Found(model=model, values=values, pieces=pieces)
    return final


def _cut(part: Part, model: Model, values: Ints) -> _Found:
    return _Found(model=model, values=values, pieces=cut_in(part, model, values))


def _value(model: Model, values: Ints) -> int:
    return int(model.objectives[0].coefficients @ values)


def _with_rebuilds(exact: Model, bytes_only: Model, values: Ints) -> Milp:
    """Fix the rebuilds of the exact model: storage alone is quickly solved."""
    milp = exact.goal
    lower, upper = np.array(milp.lower), np.array(milp.upper)
    for key, column in bytes_only.columns.rebuild.items():
        lower[exact.columns.rebuild[key]] = upper[exact.columns.rebuild[key]] = values[column]
    return replace(milp, lower=lower, upper=upper)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What was found for some servers: rebuilds by the values of a model, and what is kept."""

    model: Model
    values: Ints
    pieces: list[Pieces]


def _take_over(state: State, part: Part, found: _Found) -> None:
    """Put a better part into the state, unless another one of the batch is in its way."""
    before, mark = state.value, state.mark()
    if part.still_fits(state):
        apply(state, part, found.model, found.values, found.pieces)
        kept = all(
            state.survival.outlives(diff, holders)
            for diff in {diff for diff, _ in part.atoms}
            for holders in state.holders[diff]
        )
        if kept and state.value < before and state.ground.allows(state.stored, state.moved):
            state.commit()
            return
    state.undo(mark)
    for server in part.servers:
        estimate(state, server)
