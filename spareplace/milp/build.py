"""The whole model of a cluster: its blocks, and what is to be least, in order of importance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spareplace.amounts import DISK
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.goals import Goal
from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels
from spareplace.milp.draft import Draft, Limit, Term
from spareplace.milp.model import Milp
from spareplace.milp.objective import LONGEST, Objective, objective_of
from spareplace.milp.peaking import add_goal
from spareplace.milp.rebuilding import add_rebuilds
from spareplace.milp.relaxing import add_bytes
from spareplace.milp.storing import add_storage
from spareplace.milp.targets import add_targets
from spareplace.milp.transferring import add_transfers
from spareplace.placement import DEFAULT_MAX_PIECES
from spareplace.units import exact_weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """The integer program of a cluster.

    Parameters
    ----------
    milp
        Columns and rows.
    columns
        What the columns say.
    instance
        What it was built from.
    objectives
        To be made least one after the other: unprotected VMs by falling priority if any may be,
        then another goal if one is asked for, then the expected transfer (and priced bytes), then
        the bytes moved, then those stored.
    carries
        Columns that follow from others in long rows; see `Draft`.
    excess
        In an elastic model, by column: the limit exceeded, and what the integer 1 stands for.
    """

    milp: Milp
    columns: Columns
    instance: Instance
    objectives: tuple[Objective, ...]
    carries: tuple[tuple[int, tuple[Term, ...], int], ...]
    excess: Mapping[int, tuple[Limit, int]]

    @property
    def goal(self) -> Milp:
        """The program with its first objective."""
        return self.milp.with_objective(self.objectives[0].coefficients)


def build(
    instance: Instance,
    clock: Clock,
    *,
    max_pieces: int = DEFAULT_MAX_PIECES,
    stored_limit: int | None = None,
    stored_cost: float | Fraction = 0.0,
    move_limit: int | None = None,
    move_cost: float = 0.0,
    allow_unprotected: bool = False,
    elastic: bool = False,
    in_bytes: bool = False,
    goal: Goal = "transfer",
    labels: Labels | None = None,
    counted: bool = False,
    targets: bool = False,
) -> Model:
    """Build the exact model, or a smaller one that no plan can be below.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Looked at while the model grows.
    max_pieces
        Into how many pieces a diff may be cut; 1 for whole copies only.
    stored_limit
        The most bytes to store, or ``None``.
    stored_cost
        The expected transferred bytes that one more stored byte must save.
    move_limit
        The most bytes to store where they are not today, or ``None``.
    move_cost
        The expected transferred bytes that one of those must save.
    allow_unprotected
        Whether VMs may be left out.
    elastic
        Whether capacities may be exceeded; then the sum of shares by which they are is the
        only objective.
    in_bytes
        Whether storage is counted in bytes alone; see `spareplace.milp.relaxing`.
    goal
        What is to be least.
    labels
        What the numbers are called; ``None`` for the names in the cluster.
    counted
        Whether VMs that nothing tells apart are counted; see `spareplace.milp.kinds`. The numbers
        of the VMs must be those of the cluster.
    targets
        Whether to say how many targets failures need; see `spareplace.milp.targets`.

    Raises
    ------
    NoPlan
        If all bytes together are too many to be counted in 64 bits, or the time is up.
    """
    refuse_uncountable(instance, max_pieces)
    draft = Draft(clock=clock, elastic=elastic)
    columns, labels = Columns(), labels or Labels.of(instance.cluster)
    add_rebuilds(draft, columns, instance, labels, may_skip=allow_unprotected, counted=counted)
    add = add_bytes if in_bytes else add_storage
    add(draft, columns, instance, labels, max_pieces=max_pieces)
    transfer = add_transfers(draft, columns, instance, labels)
    if targets and not elastic and not allow_unprotected:
        add_targets(draft, columns, instance, labels)
    before = add_goal(draft, columns, instance, labels, goal)
    transfer += add_price(draft, columns, stored_limit, stored_cost)
    moved = add_moves(draft, columns, instance, move_limit)
    transfer += [(column, exact_weight(move_cost) * bytes_) for column, bytes_ in moved]
    goals = [("unprotected", terms) for terms in _skips(columns, instance)]
    stored = [(column, Fraction(1)) for column in columns.stored.values()]
    goals += [*before, ("transfer", transfer)]
    if instance.current is not None:
        goals += [("moved", [(column, Fraction(bytes_)) for column, bytes_ in moved])]
    goals += [("stored", stored)]
    if elastic:
        goals = [("excess", _excess(draft, instance))]
    return finished(draft, columns, instance, goals)


def refuse_uncountable(instance: Instance, max_pieces: int) -> None:
    """Raise `NoPlan` if all bytes together are too many to be counted in 64 bits."""
    total = sum(instance.size) + sum(int(vm[DISK]) for vm in instance.demand)
    if total * max_pieces > LONGEST:
        raise NoPlan(f"the model cannot count {total} bytes exactly", "try method 'greedy'")


def add_price(
    draft: Draft, columns: Columns, stored_limit: int | None, stored_cost: float | Fraction
) -> list[tuple[int, Fraction]]:
    """Limit what is stored in all; give what it costs, by column."""
    stored: list[Term] = [(column, 1) for column in columns.stored.values()]
    if stored_limit is not None:
        limit = Limit(failure=None, server=None, resource="stored_limit", available=stored_limit)
        draft.capacity("stored limit", stored, limit)
    price = stored_cost if isinstance(stored_cost, Fraction) else exact_weight(stored_cost)
    return [(column, price * bytes_) for column, bytes_ in stored if price]


def add_moves(
    draft: Draft, columns: Columns, instance: Instance, move_limit: int | None
) -> list[Term]:
    """Limit what is stored where it is not today; give those bytes, by column."""
    if instance.current is None:
        return []
    current = instance.current
    moved: list[Term] = [
        (columns.keep[key], instance.size[key[0]]) if key not in columns.part
        else (columns.part[key], 1)
        for key in columns.keep | columns.part
        if not current[key[0], key[2]]
    ]  # fmt: skip
    if move_limit is not None:
        limit = Limit(failure=None, server=None, resource="move_limit", available=move_limit)
        draft.capacity("move limit", moved, limit)
    return moved


def finished(
    draft: Draft,
    columns: Columns,
    instance: Instance,
    goals: Sequence[tuple[str, list[tuple[int, Fraction]]]],
) -> Model:
    """Freeze a draft, with what is to be made least."""
    return Model(
        milp=draft.frozen(),
        columns=columns,
        instance=instance,
        objectives=tuple(objective_of(draft, name, terms) for name, terms in goals),
        carries=tuple(draft.carries),
        excess=draft.excess,
    )


def _skips(columns: Columns, instance: Instance) -> list[list[tuple[int, Fraction]]]:
    """Collect the columns of skipped VMs by priority, the highest first."""
    levels: dict[int, list[tuple[int, Fraction]]] = {}
    for (_, vm), column in columns.skip.items():
        levels.setdefault(instance.priority[vm], []).append((column, Fraction(1)))
    return [levels[priority] for priority in sorted(levels, reverse=True)]


def _excess(draft: Draft, instance: Instance) -> list[tuple[int, Fraction]]:
    """Price what exceeds a limit by its share of the largest capacity, so that units compare."""
    largest = dict(zip(instance.resources, instance.capacity.max(axis=0), strict=True))
    largest["stored_limit"] = largest["move_limit"] = largest["disk"]
    return [
        (column, Fraction(unit, max(int(largest.get(limit.resource, 1)), 1)))
        for column, (limit, unit) in draft.excess.items()
    ]
