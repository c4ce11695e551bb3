"""The best plan so far, and a caller who watches it. The work is a fake: a function that waits."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pytest

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Rebuild, Unprotected
from spareplace.watching import Best, Progress, run_watched

PATIENCE = 60.0
"""Seconds after which a test that hangs fails; none waits as long when all is well."""

CLUSTER = Cluster(
    servers=tuple(Server(name=name, disk=100) for name in "abc"),
    diffs=(Diff(name="base", size=40),),
    vms=(
        VM(name="web", server="a", diff="base"),
        VM(name="db", server="a", diff="base", priority=5),
    ),
    failures=(Failure(name="f", servers=("a",), weight=0.1),),
)


def placement(
    held: int = 0, unused: int = 0, spare: tuple[str, ...] = (), note: str = "no room"
) -> Placement:
    """Give one that keeps so many bytes where both VMs are rebuilt, and so many elsewhere."""
    extents = (("b", held), ("c", unused))
    return Placement(
        stored=tuple(
            Extent(diff="base", server=server, start=0, stop=stop) for server, stop in extents
        ),
        rebuilds={
            "f": tuple(Rebuild(vm=vm, server="b") for vm in ("web", "db") if vm not in spare)
        },
        unprotected=tuple(Unprotected(vm=vm, failure="f", reason=note) for vm in spare),
    )


BETTER_FIRST = [
    placement(held=40, unused=0),  # 0 bytes expected
    placement(held=40, unused=1),  # the same, and a byte more stored
    placement(held=30, unused=40),  # 10 x 0.1 = 1 byte expected
    placement(held=0, unused=40),  # 4 bytes expected
    placement(held=40, unused=40, spare=("web",)),  # a VM left out, at priority 0
    placement(held=40, unused=0, spare=("db",)),  # at priority 5
    placement(held=40, unused=0, spare=("web", "db")),
]


def offered(*placements: Placement, stored_cost: float = 0.0) -> Best:
    best = Best(cluster=CLUSTER, stored_cost=stored_cost)
    for position, each in enumerate(placements):
        best.offer(each, f"method {position}", f"solver {position}")
    return best


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (BETTER_FIRST[one], BETTER_FIRST[other])
        for one in range(len(BETTER_FIRST))
        for other in range(one + 1, len(BETTER_FIRST))
    ],
)
def test_the_better_of_two_offers_is_kept_whichever_comes_first(
    better: Placement, worse: Placement
) -> None:
    first, last = offered(better, worse), offered(worse, better)
    assert first.placement == last.placement == better
    assert (first.method, first.solver) == ("method 0", "solver 0")
    assert (last.method, last.solver) == ("method 1", "solver 1")
    assert first.value == last.value


def test_the_best_of_many_is_kept_in_whatever_order_they_come() -> None:
    for order in permutations(BETTER_FIRST[2:]):
        assert offered(*order).placement == BETTER_FIRST[2]


def test_of_two_alike_the_later_one_stays() -> None:
    earlier, later = (placement(spare=("web",), note=note) for note in ("earlier", "later"))
    assert offered(earlier, later).placement == later


def test_the_value_is_the_expected_transfer_and_the_price_of_what_is_stored() -> None:
    # 10 bytes are missing with weight 0.1; 30 + 40 bytes are stored at a cost of 0.01 each
    assert offered(BETTER_FIRST[2]).value == 1
    assert offered(BETTER_FIRST[2], stored_cost=0.01).value == Fraction("1.7")


def test_with_a_price_what_stores_less_can_be_better() -> None:
    whole, nothing = placement(held=40), placement(held=0)
    assert offered(whole, nothing).placement == whole
    assert offered(whole, nothing, stored_cost=1.0).placement == nothing


def test_another_goal_ranks_by_its_own_value_and_then_by_the_expected_transfer() -> None:
    """In g, which is seldom, 40 bytes come to c; in f, which is not, 40, 30 or 20 to b."""
    failures = (
        Failure(name="f", servers=("a",), weight=0.9),
        Failure(name="g", servers=("a", "b"), weight=0.1),
    )
    cluster = replace(CLUSTER, failures=failures)
    far = {"g": (Rebuild(vm="web", server="c"),)}
    some = [placement(held=held) for held in (0, 10, 20)]
    some = [replace(each, rebuilds={**each.rebuilds, **far}) for each in some]
    less = replace(placement(unused=10), rebuilds={**placement().rebuilds, **far})
    best = Best(cluster=cluster, goal="worst")
    for each in (some[1], some[2], some[0], less):  # all but `less` have a worst of 40
        best.offer(each, "a method")
    assert best.placement == some[2]
    assert best.value == 40
    assert best.progress(Clock()).objective == "worst"
    assert not best.within(0.0)
    best.least = (Fraction(40), Fraction(21))
    assert not best.within(0.0)  # 0.9 x 20 + 0.1 x 40 = 22
    best.least = (Fraction(40), Fraction(22))
    assert best.within(0.0)
    assert best.bound == 0


def test_what_a_solver_tells_is_shown_before_its_plan_is_here() -> None:
    best = Best(cluster=CLUSTER)
    best.told(None, None)
    assert best.progress(Clock()).incumbent is None
    best.told(Fraction(5), Fraction(1))
    best.told(Fraction(6), Fraction(1, 2))  # neither is news
    assert (best.value, best.progress(Clock()).bound) == (Fraction(5), 1)
    best.told(Fraction(4), None)
    best.told(None, Fraction(2))
    assert (best.value, best.progress(Clock()).bound) == (Fraction(4), 2)
    assert best.placement is None
    assert best.bound == 0  # what is told while it runs proves nothing


def test_progress_tells_seconds_incumbent_bound_and_gap() -> None:
    best = Best(cluster=CLUSTER)
    start = best.progress(Clock())
    assert (start.incumbent, start.bound, start.gap) == (None, 0.0, None)
    best.told(Fraction(8), Fraction(6))
    now = best.progress(Clock(started=Clock().started - 100))
    assert (now.incumbent, now.bound, now.gap) == (8.0, 6.0, 0.25)
    assert now.seconds >= 100


def test_progress_names_the_method_unless_a_running_solver_has_better() -> None:
    assert Best(cluster=CLUSTER).progress(Clock()).method == ""
    best = offered(placement(held=30))  # 10 bytes at a weight of 0.1
    assert best.progress(Clock()).method == "method 0"
    best.told(Fraction(1, 2), None)
    assert (best.progress(Clock()).incumbent, best.progress(Clock()).method) == (0.5, "")


@pytest.mark.parametrize(
    ("incumbent", "bound", "gap"),
    [(8.0, 8.0, 0.0), (8.0, 8.1, 0.0), (0.0, 0.0, 0.0), (4.0, 0.0, 1.0)],
)
def test_the_gap_is_a_share_of_the_incumbent(incumbent: float, bound: float, gap: float) -> None:
    assert Progress(seconds=0.0, incumbent=incumbent, bound=bound).gap == gap


def watch(
    work: Callable[[], None],
    clock: Clock,
    progress: Callable[[Progress], object] | None = None,
    best: Best | None = None,
) -> None:
    run_watched(work, best or Best(cluster=CLUSTER), clock, progress)


def test_the_work_is_done_when_the_call_returns() -> None:
    done = threading.Event()
    watch(done.set, Clock())
    assert done.is_set()


def test_the_work_runs_in_another_thread_and_progress_is_told_in_this_one() -> None:
    told, threads = threading.Event(), set()

    def work() -> None:
        threads.add(threading.current_thread())
        assert told.wait(PATIENCE)

    def progress(_: Progress) -> None:
        assert threading.current_thread() is caller
        told.set()

    caller = threading.current_thread()
    watch(work, Clock(), progress)
    assert caller not in threads
    assert len(threads) == 1


def test_progress_is_told_what_the_work_has_found() -> None:
    best, heard = Best(cluster=CLUSTER), threading.Event()

    def work() -> None:
        best.told(Fraction(8), Fraction(6))
        assert heard.wait(PATIENCE)

    def progress(now: Progress) -> None:
        if (now.incumbent, now.bound) == (8.0, 6.0):
            heard.set()

    watch(work, Clock(), progress, best)
    assert heard.is_set()


def test_a_true_answer_asks_the_work_to_stop() -> None:
    clock = Clock()
    watch(lambda: stopped(clock), clock, lambda _: "enough")
    assert clock.stop.is_set()


@pytest.mark.parametrize("answer", [None, False, 0, ""])
def test_any_other_answer_lets_the_work_go_on(answer: object) -> None:
    clock, told = Clock(), threading.Event()

    def progress(_: Progress) -> object:
        told.set()
        return answer

    watch(lambda: waited(told), clock, progress)
    assert not clock.stop.is_set()


def waited(event: threading.Event) -> None:
    assert event.wait(PATIENCE)


def stopped(clock: Clock) -> None:
    waited(clock.stop)


class Listener:
    """Work that ends when it is asked to, and knows that it did."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.ended = threading.Event()

    def __call__(self) -> None:
        stopped(self.clock)
        self.ended.set()


@pytest.mark.parametrize("error", [ValueError("a mistake of the callback"), KeyboardInterrupt()])
def test_what_the_callback_raises_goes_on_when_the_work_has_ended(error: BaseException) -> None:
    work = Listener()

    def progress(_: Progress) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        watch(work, work.clock, progress)
    assert raised.value is error
    assert work.ended.is_set()


def test_ctrl_c_goes_on_when_the_work_has_ended() -> None:
    assert threading.current_thread() is threading.main_thread()  # who gets the Ctrl-C
    work, told = Listener(), threading.Event()

    def interrupted() -> None:
        waited(told)
        _thread.interrupt_main()
        work()

    with pytest.raises(KeyboardInterrupt):
        watch(interrupted, work.clock, lambda _: told.set())
    assert work.ended.is_set()


def test_ctrl_c_ends_the_work_also_when_it_comes_at_once() -> None:
    # It may come before the call that starts the thread has returned.
    work = Listener()

    def interrupted() -> None:
        _thread.interrupt_main()
        work()

    with pytest.raises(KeyboardInterrupt):
        watch(interrupted, work.clock)
    assert work.clock.stop.is_set()
    waited(work.ended)


@pytest.mark.parametrize("error", [NoPlan("no time"), KeyError("a defect"), SystemExit(3)])
def test_an_error_of_the_work_is_raised_here(error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        watch(work, Clock())
    assert raised.value is error


def test_an_error_of_the_work_is_raised_also_when_it_was_asked_to_stop() -> None:
    clock = Clock()

    def work() -> None:
        stopped(clock)
        raise NoPlan("stopped before there was one")

    with pytest.raises(NoPlan, match="stopped before there was one"):
        watch(work, clock, lambda _: True)


def test_two_calls_at_once_do_not_disturb_each_other() -> None:
    # the first one ends only after the second one was stopped
    second = Clock()

    def first_work() -> None:
        watch(lambda: stopped(second), second, lambda _: True)

    first = Clock()
    watch(first_work, first)
    assert second.stop.is_set()
    assert not first.stop.is_set()
