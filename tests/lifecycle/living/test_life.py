"""What is heard, and when a life has nothing left to do."""

from __future__ import annotations

from spareplace.lifecycle.living.life import Life, hear
from tests.examples import three_servers
from tests.lifecycle.living.lives import event


def test_the_first_thing_is_to_plan() -> None:
    life = Life(cluster=three_servers())
    assert [it.kind for it in life.waiting] == ["replan"]
    assert not life.is_idle


def test_events_wait_in_the_order_in_which_they_were_told_and_bad_lines_are_counted() -> None:
    life = Life(cluster=three_servers(), waiting=(), taken=7)
    life, remarks = hear(life, [event("tick"), "tock", event("drain", "a")])
    assert (life.taken, [it.kind for it in life.waiting]) == (10, ["tick", "drain"])
    assert remarks == (
        "refused: tock: $: found a syntax error at line 1, column 1: Expecting value, expected "
        "JSON",
    )


def test_hearing_nothing_changes_nothing() -> None:
    life = Life(cluster=three_servers())
    assert hear(life, []) == (life, ())


def test_a_failure_that_waits_is_an_alarm() -> None:
    life = Life(cluster=three_servers(), waiting=())
    assert not hear(life, [event("repaired", "a")])[0].is_alarmed
    assert hear(life, [event("failed", "a")])[0].is_alarmed
