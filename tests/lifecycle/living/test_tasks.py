"""What is done first, and that doing it twice is doing it once."""

from __future__ import annotations

from dataclasses import replace

from spareplace.lifecycle.living.life import Life, hear
from spareplace.lifecycle.living.observing import Observed, Run, apply_task
from spareplace.lifecycle.living.tasks import next_task, task_done
from spareplace.lifecycle.moves.steps import Step
from spareplace.placement import Extent
from tests.examples import three_servers
from tests.lifecycle.living.lives import event

COPY = Step(action="copy", diff="base", server="b", start=0, stop=40, source="a")
HOME = Run(vm="web", server="a")
UP = Observed(running={"web": "a"})
LIFE = Life(cluster=three_servers(), waiting=(), moves=(COPY,))


def test_what_nobody_knows_is_deleted_first_then_vms_are_brought_home_then_moves_are_made() -> None:
    old = Extent(diff="old", server="c", start=0, stop=9)
    gone = Step(action="delete", diff="old", server="c", start=0, stop=9)
    assert next_task(LIFE, Observed(stored=(old,))) == gone
    assert next_task(LIFE, Observed()) == HOME
    assert next_task(LIFE, UP) == COPY
    assert next_task(replace(LIFE, moves=()), UP) is None


def test_what_lies_on_servers_of_others_is_left_alone() -> None:
    other = Extent(diff="old", server="elsewhere", start=0, stop=9)
    assert next_task(LIFE, replace(UP, stored=(other,))) == COPY


def test_nothing_is_done_before_an_alarm_is_answered() -> None:
    assert next_task(hear(LIFE, [event("failed", "c")])[0], UP) is None


def test_a_step_is_taken_off_those_that_are_left_once() -> None:
    done = task_done(LIFE, COPY)
    assert done.moves == ()
    assert task_done(done, COPY) is done
    assert task_done(LIFE, HOME) is LIFE


def test_a_task_done_twice_is_a_task_done_once() -> None:
    for task in (HOME, COPY):
        once = apply_task(UP, task)
        assert apply_task(once, task) == once


def test_vms_leave_a_server_that_is_drained_when_the_moves_are_made() -> None:
    (web,) = LIFE.cluster.vms
    goal = replace(LIFE.cluster, vms=(replace(web, server="b"),))
    draining = replace(LIFE, goal=goal)
    assert next_task(draining, UP) == COPY
    assert next_task(task_done(draining, COPY), UP) == Run(vm="web", server="b")
