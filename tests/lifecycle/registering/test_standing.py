"""Registrations worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spareplace.cluster import Cluster
from spareplace.errors import Defect, InvalidInput, NoPlan, OtherCluster
from spareplace.failures import pair_failures, zone_failures
from spareplace.lifecycle.registering import NewTarget, Registration, Standing, register
from spareplace.lifecycle.registering.books import Books
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild, Unprotected
from spareplace.verify import check

from .coming_and_going import MIB, by_name, plan_of

ABC = tuple(Server(name=name, disk=100) for name in "abc")
BASE = Diff(name="base", size=40)
WEB = VM(name="web", server="a", diff="base", disk=10)


def extent(diff: str, server: str, stop: int, start: int = 0) -> Extent:
    return Extent(diff=diff, server=server, start=start, stop=stop)


def standing_on_b() -> Standing:
    """Web runs on a; base is stored on b, where web is rebuilt."""
    cluster = Cluster(servers=ABC, diffs=(BASE,), vms=(WEB,))
    placement = Placement(
        stored=(extent("base", "b", 40),), rebuilds={"a": (Rebuild(vm="web", server="b"),)}
    )
    return Standing.of(cluster, plan_of(cluster, placement))


def empty(servers: tuple[Server, ...] = ABC) -> Standing:
    cluster = Cluster(servers=servers)
    return Standing.of(cluster, plan_of(cluster, Placement()))


def test_a_new_diff_is_stored_on_the_target_that_has_the_rest_of_the_chain() -> None:
    new = VM(name="db", server="a", diff="db", disk=10)
    done = standing_on_b().register(
        Registration(diffs=(Diff(name="db", size=5, parent="base"),), vms=(new,))
    )
    assert done.added == (extent("db", "b", 5),)
    assert done.rebuilds == (NewTarget(failure="a", vm="db", server="b", before=None),)
    assert done.expected_transfer_bytes_after == 0


def test_a_diff_that_lies_on_the_server_of_the_new_vm_gets_a_second_copy() -> None:
    """Base lies on b alone, which is lost together with the new VM."""
    done = standing_on_b().register(
        Registration(vms=(VM(name="db", server="b", diff="base", disk=10),))
    )
    (copy,), (target,) = done.added, done.rebuilds
    assert copy.diff == "base"
    assert copy.server == target.server != "b"


def test_a_new_generation_keeps_its_target() -> None:
    standing = standing_on_b()
    done = standing.register(
        Registration(
            diffs=(Diff(name="web-2", size=5, parent="base"),), vms=(replace(WEB, diff="web-2"),)
        )
    )
    assert done.rebuilds == ()
    assert done.added == (extent("web-2", "b", 5),)
    assert standing.plan.recovery("a").rebuilds == (Rebuild(vm="web", server="b"),)


def test_a_vm_that_runs_on_the_target_now_drives_the_rebuild_away() -> None:
    """B has 100: 40 for base and 10 for web leave 50; 55 more run there, so web goes to c."""
    standing = standing_on_b()
    done = standing.register(Registration(vms=(VM(name="big", server="b", disk=55),)))
    assert NewTarget(failure="a", vm="web", server="c", before="b") in done.rebuilds
    assert extent("base", "c", 40) in done.added
    assert standing.plan.expected_transfer_bytes == 0


def test_what_is_stored_gives_way_to_what_runs() -> None:
    """65 of the 100 on b run there now: base, of 40, goes to where it has room."""
    done = standing_on_b().register(Registration(vms=(VM(name="big", server="b", disk=65),)))
    assert done.removed == (extent("base", "b", 40),)
    assert [one.server for one in done.added] == ["c"]


def test_a_vm_beside_its_own_group_is_rebuilt_elsewhere() -> None:
    servers = tuple(Server(name=name, disk=100) for name in "abc")
    vms = (VM(name="one", server="a", groups=("g",)),)
    cluster = Cluster(servers=servers, vms=vms)
    placement = Placement(rebuilds={"a": (Rebuild(vm="one", server="b"),)})
    standing = Standing.of(cluster, plan_of(cluster, placement))
    done = standing.register(Registration(vms=(VM(name="two", server="b", groups=("g",)),)))
    assert NewTarget(failure="a", vm="one", server="c", before="b") in done.rebuilds


def test_without_room_nothing_is_registered_and_all_stands_as_before() -> None:
    """B has 90 beside base's last copy if web goes to c; c has all 100, but only b is allowed."""
    standing = standing_on_b()
    cluster, plan = standing.cluster, standing.plan
    news = Registration(vms=(VM(name="big", server="a", disk=95, allowed_servers=("b",)),))
    with pytest.raises(NoPlan, match=r"failure 'a': server 'b' lacks \d+ of disk.*'big'") as told:
        standing.register(news)
    assert "replan" in told.value.advice
    assert standing.cluster is cluster
    assert standing.plan is plan
    standing.register(Registration(vms=(VM(name="small", server="a", disk=50),)))


@pytest.mark.parametrize(
    ("big", "lacks"),
    [
        (VM(name="big", server="a", disk=101), "server 'b' lacks 1 of disk: needed 101, avail"),
        (VM(name="big", server="a", disk=95, allowed_servers=("c",)), "server 'c' lacks 5 of disk"),
        (VM(name="big", server="a", demand={"cpu": 3}), "server 'c' lacks 1 of cpu: needed 3, ava"),
    ],
)
def test_a_vm_that_fits_nowhere_whatever_is_stored_is_told_so(big: VM, lacks: str) -> None:
    """A VM of 10 runs on c, of 100; c has 2 of cpu, b has 1."""
    servers = tuple(
        Server(name=name, disk=100, capacity={"cpu": cpu})
        for name, cpu in (("a", 8), ("b", 1), ("c", 2))
    )
    standing = empty(servers)
    standing.register(Registration(vms=(VM(name="run", server="c", disk=10, protect=False),)))
    with pytest.raises(NoPlan, match="VM 'big' fits on no server beside the VMs") as told:
        standing.register(Registration(vms=(big,)))
    assert f"failure 'a': {lacks}" in str(told.value)
    assert "demand less" in told.value.advice


def test_a_vm_that_fits_nowhere_any_more_because_of_another_is_told_so() -> None:
    """Web, of 10, may be rebuilt on b alone, where one of 95 comes to run."""
    cluster = Cluster(
        servers=ABC, vms=(VM(name="web", server="a", disk=10, allowed_servers=("b",)),)
    )
    placement = Placement(rebuilds={"a": (Rebuild(vm="web", server="b"),)})
    standing = Standing.of(cluster, plan_of(cluster, placement))
    with pytest.raises(NoPlan, match=r"VM 'web' fits on no server.*'b' lacks 5 of disk: needed 10"):
        standing.register(Registration(vms=(VM(name="big", server="b", disk=95),)))
    assert standing.cluster == cluster


def test_what_leaves_is_neither_rebuilt_nor_stored() -> None:
    standing = standing_on_b()
    done = standing.register(Registration(leaving_vms=("web",), leaving_diffs=("base",)))
    assert done.removed == (extent("base", "b", 40),)
    assert standing.cluster == Cluster(servers=ABC)
    assert standing.plan.stored == ()


def test_a_diff_that_no_vm_needs_any_more_is_not_stored_any_more() -> None:
    standing = standing_on_b()
    done = standing.register(Registration(leaving_vms=("web",)))
    assert done.removed == (extent("base", "b", 40),)
    assert standing.cluster.diffs == (BASE,)


def test_a_vm_that_moved_is_rebuilt_when_its_new_server_fails() -> None:
    standing = standing_on_b()
    done = standing.register(Registration(vms=(replace(WEB, server="b"),)))
    assert [one.failure for one in done.rebuilds] == ["b"]
    assert standing.plan.recovery("a").rebuilds == ()


def test_an_unprotected_vm_takes_room_and_is_never_rebuilt() -> None:
    standing = standing_on_b()
    done = standing.register(
        Registration(vms=(VM(name="job", server="c", diff="base", disk=90, protect=False),))
    )
    assert (done.added, done.rebuilds) == ((), ())


def test_a_diff_without_a_vm_and_one_of_no_bytes_are_not_stored() -> None:
    standing = empty()
    done = standing.register(
        Registration(
            diffs=(BASE, Diff(name="nothing", size=0)),
            vms=(VM(name="thin", server="a", diff="nothing"),),
        )
    )
    assert done.added == ()
    assert [one.vm for one in done.rebuilds] == ["thin"]


def test_a_diff_that_fits_nowhere_whole_is_split() -> None:
    """Of 90 MiB, b, c and d have 50 each: two halves of 45."""
    servers = tuple(Server(name=name, disk=50 * MIB) for name in "abcd")
    standing = empty(servers)
    done = standing.register(
        Registration(
            diffs=(Diff(name="large", size=90 * MIB),),
            vms=(VM(name="vm", server="a", diff="large"),),
        )
    )
    assert [one.size for one in done.added] == [45 * MIB, 45 * MIB]
    assert len({one.server for one in done.added}) == 2
    assert standing.plan.recovery("a").transfer_bytes == 45 * MIB


def test_demands_with_more_decimals_than_before_are_counted_exactly() -> None:
    """0.1 + 0.2 fit into 0.3; then a hundredth fits no more."""
    servers = tuple(Server(name=name, disk=1, capacity={"cpu": Decimal("0.3")}) for name in "ab")
    standing = empty(servers)

    def one(name: str, cpu: str) -> Registration:
        return Registration(vms=(VM(name=name, server="a", demand={"cpu": Decimal(cpu)}),))

    standing.register(one("first", "0.1"))
    standing.register(one("second", "0.2"))
    with pytest.raises(NoPlan, match=r"lacks 0\.01 of cpu"):
        standing.register(one("third", "0.01"))


def test_amounts_beyond_64_bits_are_counted_exactly() -> None:
    servers = tuple(Server(name=name, disk=1, capacity={"cpu": 2**53}) for name in "ab")
    standing = empty(servers)
    tiny = Decimal("0.0000000001")
    standing.register(Registration(vms=(VM(name="one", server="a", demand={"cpu": tiny}),)))
    full = VM(name="all", server="a", demand={"cpu": 2**53})
    with pytest.raises(NoPlan, match="VM 'all' fits on no server"):
        standing.register(Registration(vms=(replace(full, disk=2),)))
    with pytest.raises(NoPlan, match=r"lacks 0\.0000000001 of cpu"):
        standing.register(Registration(vms=(full,)))


def test_vms_left_out_stay_left_out_until_they_change() -> None:
    cluster = Cluster(servers=ABC, vms=(WEB, VM(name="db", server="a")), diffs=(BASE,))
    placement = Placement(
        unprotected=tuple(
            Unprotected(vm=name, failure="a", reason="no room") for name in ("web", "db")
        )
    )
    standing = Standing.of(cluster, plan_of(cluster, placement))
    standing.register(Registration(vms=(replace(WEB, disk=5),)))
    assert [pair.vm for pair in standing.plan.unprotected] == ["db"]
    assert [one.vm for one in standing.plan.recovery("a").rebuilds] == ["web"]


@pytest.mark.parametrize("kinds", ["zones", "pairs"])
def test_a_vm_gets_a_target_in_every_failure_that_loses_it(kinds: str) -> None:
    servers = tuple(
        Server(name=f"s{at}", disk=100, zone=f"z{at % 3}", capacity={"cpu": 8}) for at in range(6)
    )
    failures = zone_failures(servers) if kinds == "zones" else pair_failures(servers)
    cluster = Cluster(servers=servers, failures=failures)
    standing = Standing.of(cluster, plan_of(cluster, Placement()))
    done = standing.register(
        Registration(
            diffs=(BASE, Diff(name="web", size=5, parent="base")),
            vms=(VM(name="web", server="s0", diff="web", disk=10, demand={"cpu": 2}),),
        )
    )
    assert len(done.rebuilds) == sum("s0" in failure.servers for failure in failures)
    assert done.expected_transfer_bytes_after == 0
    assert check(standing.cluster, standing.plan) == ()


def test_one_call_does_the_same_as_a_prepared_state() -> None:
    standing = standing_on_b()
    news = Registration(vms=(VM(name="db", server="c", diff="base", disk=10),))
    cluster, found = register(standing.cluster, standing.plan, news)
    standing.register(news)
    assert cluster == standing.cluster
    assert replace(found, seconds=0.0) == replace(standing.plan, seconds=0.0)
    assert (found.method, found.status, found.lower_bound_bytes) == ("register", "feasible", None)


@pytest.mark.parametrize(
    ("news", "path", "hint"),
    [
        (Registration(vms=(VM(name="x", server="z"),)), "$.vms[0].server", ""),
        (Registration(vms=(VM(name="x", server="a", diff="bace"),)), "$.vms[0].diff", "'base'"),
        (Registration(diffs=(Diff(name="x", size=1, parent="y"),)), "$.diffs[0].parent", ""),
        (Registration(diffs=(replace(BASE, size=41),)), "$.diffs[0]", "another name"),
        (Registration(leaving_vms=("wep",)), "$.leaving_vms[0]", "'web'"),
        (Registration(leaving_diffs=("nil",)), "$.leaving_diffs[0]", ""),
        (Registration(leaving_diffs=("base",)), "$.leaving_diffs[0]", ""),
        (
            Registration(vms=(VM(name="x", server="a", demand={"cpu": 1}),)),
            "$.vms[0].demand.cpu",
            "",
        ),
    ],
)
def test_what_does_not_fit_to_the_cluster_is_refused_with_its_path(
    news: Registration, path: str, hint: str
) -> None:
    standing = standing_on_b()
    with pytest.raises(InvalidInput) as told:
        standing.register(news)
    (problem,) = told.value.problems
    assert problem.path == path
    assert hint in problem.hint


def test_a_diff_that_another_one_builds_on_cannot_leave() -> None:
    standing = empty()
    standing.register(Registration(diffs=(BASE, Diff(name="top", size=1, parent="base"))))
    with pytest.raises(InvalidInput, match="which diff 'top' still needs"):
        standing.register(Registration(leaving_diffs=("base",)))
    standing.register(Registration(leaving_diffs=("top", "base")))


@pytest.mark.parametrize(
    "arguments",
    [
        {"vms": (WEB, WEB)},
        {"diffs": (BASE, BASE)},
        {"vms": (WEB,), "leaving_vms": ("web",)},
        {"leaving_diffs": ("base", "base")},
    ],
)
def test_a_name_stands_in_a_registration_only_once(arguments: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(InvalidInput):
        Registration(**arguments)  # type: ignore[arg-type]


def test_a_plan_of_another_cluster_or_one_that_breaks_a_rule_is_refused() -> None:
    standing = standing_on_b()
    plan: Plan = standing.plan
    with pytest.raises(OtherCluster):
        Standing.of(Cluster(servers=ABC), plan)
    with pytest.raises(InvalidInput, match="register needs a plan that keeps every rule"):
        Standing.of(standing.cluster, replace(plan, stored=()))


def test_nothing_changes_nothing() -> None:
    standing = standing_on_b()
    plan = standing.plan
    done = standing.register(Registration())
    assert (done.added, done.removed, done.rebuilds) == ((), (), ())
    assert standing.plan.placement == plan.placement


def test_another_rebuild_steps_aside_for_a_vm_that_can_go_nowhere_else() -> None:
    """Both are lost with a; b has room for one, and only the first may go to c."""
    servers = tuple(Server(name=name, disk=0, capacity={"cpu": 1}) for name in "abc")
    one = VM(name="one", server="a", demand={"cpu": Decimal("0.5")})
    two = VM(name="two", server="a", demand={"cpu": Decimal("0.5")}, allowed_servers=("b",))
    cluster = Cluster(servers=servers, vms=(one, VM(name="run", server="b", demand={"cpu": 0.5})))
    placement = Placement(
        rebuilds={"a": (Rebuild(vm="one", server="b"),), "b": (Rebuild(vm="run", server="c"),)}
    )
    standing = Standing.of(cluster, plan_of(cluster, placement))
    done = standing.register(Registration(vms=(two,)))
    assert done.rebuilds == (
        NewTarget(failure="a", vm="one", server="c", before="b"),
        NewTarget(failure="a", vm="two", server="b", before=None),
    )


def test_a_needless_copy_makes_room_for_a_rebuild() -> None:
    """B stores base, which c stores as well; a VM of 70 may be rebuilt on b alone."""
    cluster = Cluster(servers=ABC, diffs=(BASE,), vms=(WEB,))
    placement = Placement(
        stored=(extent("base", "b", 40), extent("base", "c", 40)),
        rebuilds={"a": (Rebuild(vm="web", server="c"),)},
    )
    standing = Standing.of(cluster, plan_of(cluster, placement))
    large = VM(name="large", server="a", disk=70, allowed_servers=("b",))
    done = standing.register(Registration(vms=(large,)))
    assert done.removed == (extent("base", "b", 40),)
    assert done.added == ()


def test_a_broken_rule_is_a_defect_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    standing = standing_on_b()
    plan, books = standing.plan, by_name(standing._books)

    def careless(books: Books, *_: object) -> None:
        books.put(books.row["base"], books.site.at_server["b"], ())

    monkeypatch.setattr("spareplace.lifecycle.registering.standing.take_in", careless)
    with pytest.raises(Defect, match="survival in failure 'a'"):
        standing.register(Registration())
    monkeypatch.undo()
    assert by_name(standing._books) == books
    assert standing.plan is plan
    assert standing.register(Registration()).added == ()
