"""Playing a script under one policy: event by event, every state checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from spareplace.cluster import Cluster
from spareplace.errors import Defect, Infeasible, InvalidInput, NoPlan, NoRoom, SpareplaceError
from spareplace.lifecycle.changeover import replan
from spareplace.lifecycle.simulating.caretaking import Caretaker
from spareplace.lifecycle.simulating.effects import Effect, refused
from spareplace.lifecycle.simulating.events import (
    Arrives,
    Drains,
    Event,
    Fails,
    Leaves,
    MonthEnds,
    Renews,
    Returns,
    kind_of,
    name_of,
)
from spareplace.lifecycle.simulating.guests import arrive, leave, renew
from spareplace.lifecycle.simulating.outages import come_back, fail, take_away
from spareplace.lifecycle.simulating.simulation import SimulatedEvent
from spareplace.lifecycle.simulating.world import (
    SECONDS_PER_HOUR,
    World,
    first_world,
    seconds_of,
)
from spareplace.planning import plan
from spareplace.verify import check


def play(
    cluster: Cluster,
    script: Sequence[Event],
    taker: Caretaker,
    end: float,
    told: Callable[[World, SimulatedEvent], object] = lambda _world, _event: None,
) -> list[SimulatedEvent]:
    """Let everything in a script happen to a cluster that one policy takes care of.

    Parameters
    ----------
    cluster
        As it is at the start.
    script
        In the order of time.
    taker
        The policy.
    end
        The hour at which the last event's time is over.
    told
        Called after each event with the world that stands then.

    Returns
    -------
    list
        The start, and every event that is for this policy.

    Raises
    ------
    Defect
        If a rule was broken after an event, or one was answered with an error.
    """
    events = [it for it in script if taker.policy.replans or not isinstance(it, MonthEnds)]
    ends = [*(event.hours for event in events), end]
    world = first_world(cluster, plan(cluster, **taker.options))
    _refuse_broken(world, "the start")
    found = [_start(world, taker, ends[0])]
    told(world, found[0])
    for event, until in zip(events, ends[1:], strict=True):
        try:
            world, effect = _step(world, event, taker)
        except (InvalidInput, Infeasible, NoPlan, NoRoom) as error:
            raise _unforeseen(event, taker, error) from error
        _refuse_broken(world, f"{kind_of(event)} {name_of(event)!r}")
        found.append(_told(world, event, effect, taker, until))
        told(world, found[-1])
    return found


def _step(world: World, event: Event, taker: Caretaker) -> tuple[World, Effect]:
    match event:
        case Fails():
            return fail(world, event, taker)
        case Returns():
            return come_back(world, event, taker)
        case Drains():
            return take_away(world, event, taker)
        case Arrives():
            return arrive(world, event)
        case Renews():
            return renew(world, event)
        case Leaves():
            return leave(world, event)
        case MonthEnds():
            return _replan(world, taker)


def _replan(world: World, taker: Caretaker) -> tuple[World, Effect]:
    """Plan anew from what is stored, with no more moved than the limit allows."""
    try:
        change = replan(world.cluster, world.plan, move_limit=taker.move_limit, **taker.options)
    except NoRoom as none:
        return world, refused(str(none))
    after = replace(world, plan=change.plan, standing=None)
    mended = world.unprotected - after.unprotected
    hours = seconds_of(world.cluster, change.moves) / SECONDS_PER_HOUR
    return after, Effect(
        moved_bytes=change.moves.copied_bytes, vm_hours_unprotected=len(mended) * hours
    )


def _refuse_broken(world: World, after: str) -> None:
    broken = check(world.cluster, world.plan)
    if broken:
        what = f"a rule is broken in a simulation after {after}"
        raise Defect(what, [str(one) for one in broken])


def _unforeseen(event: Event, taker: Caretaker, error: SpareplaceError) -> Defect:
    what = f"a simulation with policy {taker.policy.name!r} cannot go on"
    return Defect(what, [f"at hour {event.hours}, {kind_of(event)} {name_of(event)!r}", str(error)])


def _start(world: World, taker: Caretaker, until: float) -> SimulatedEvent:
    return SimulatedEvent(
        policy=taker.policy.name,
        hours=0.0,
        kind="start",
        name=taker.policy.method,
        outcome="done",
        reason="",
        recovery_bytes=0,
        moved_bytes=0,
        vms_down=0,
        vms_lost=0,
        vms_without_place=0,
        vm_hours_down=0.0,
        vm_hours_unprotected=len(world.unprotected) * until,
        uncovered=False,
        unprotected_vms=len(world.unprotected),
        expected_transfer_bytes=world.plan.expected_transfer_bytes,
        stored_bytes=world.plan.stored_bytes,
    )


def _told(
    world: World, event: Event, effect: Effect, taker: Caretaker, until: float
) -> SimulatedEvent:
    """Add to what an event did what lasts until the next one."""
    hours = until - event.hours
    return SimulatedEvent(
        policy=taker.policy.name,
        hours=event.hours,
        kind=kind_of(event),
        name=name_of(event),
        outcome=effect.outcome,
        reason=effect.reason,
        recovery_bytes=effect.recovery_bytes,
        moved_bytes=effect.moved_bytes,
        vms_down=effect.vms_down,
        vms_lost=effect.vms_lost,
        vms_without_place=effect.vms_without_place,
        vm_hours_down=effect.vm_hours_down + len(world.waiting) * hours,
        vm_hours_unprotected=effect.vm_hours_unprotected + len(world.unprotected) * hours,
        uncovered=effect.uncovered,
        unprotected_vms=len(world.unprotected),
        expected_transfer_bytes=world.plan.expected_transfer_bytes,
        stored_bytes=world.plan.stored_bytes,
    )
