"""Resources and disk: what runs on b, is stored there and is rebuilt there, against what b has."""

from dataclasses import replace
from decimal import Decimal, localcontext

from spareplace.cluster import Cluster
from spareplace.fields import Amount
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Plan

from .plans import A_FAILS, ABC, breaches, extent, filled, to_b

# Resources: what runs on b and what is rebuilt there, against what b has.


def demanding(running: Amount, rebuilt: Amount, capacity: Amount | None) -> Cluster:
    has = {} if capacity is None else {"cpu": capacity}
    return Cluster(
        servers=(Server(name="a", disk=0, capacity={"cpu": 64}),
                 Server(name="b", disk=0, capacity=has)),
        vms=(VM(name="runs", server="b", demand={"cpu": running}, protect=False),
             VM(name="vm", server="a", demand={"cpu": rebuilt})),
        failures=A_FAILS,
    )  # fmt: skip


def test_a_tenth_and_two_tenths_fit_into_three_tenths() -> None:
    cluster = demanding(0.1, 0.2, 0.3)
    assert breaches(cluster, to_b(cluster)) == []


def test_a_tenth_and_two_tenths_do_not_fit_into_a_little_less() -> None:
    cluster = demanding(0.1, 0.2, 0.29999)
    assert breaches(cluster, to_b(cluster)) == [("resources", "A", "b", "cpu", Decimal("0.00001"))]


def test_amounts_are_exact_whatever_the_decimal_context_of_the_caller() -> None:
    # The sums have 31 digits; the default context keeps 28 of them.
    tiny = Decimal("1e-30")
    cluster = demanding(1, tiny, 1)
    with localcontext() as context:
        context.prec = 3
        assert breaches(cluster, to_b(cluster)) == [("resources", "A", "b", "cpu", tiny)]
    full = demanding(Decimal(f"0.{'9' * 30}"), tiny, 1)
    assert breaches(full, to_b(full)) == []


def test_of_a_resource_that_it_does_not_list_a_server_has_none() -> None:
    cluster = demanding(0, 2, None)
    assert breaches(cluster, to_b(cluster)) == [("resources", "A", "b", "cpu", 2)]


def test_of_a_resource_that_it_does_not_list_a_vm_demands_nothing() -> None:
    cluster = demanding(1, 2, 3)
    others = (VM(name="still", server="b", protect=False), VM(name="bare", server="a"))
    cluster = replace(cluster, vms=(*cluster.vms, *others))
    plan = filled(cluster, (), {"A": {"vm": "b", "bare": "b"}})
    assert breaches(cluster, plan) == []


def test_an_overcommitted_server_takes_a_vm_that_demands_nothing_and_no_other() -> None:
    nothing, little = demanding(5, 0, 3), demanding(5, Decimal("0.5"), 3)
    assert breaches(nothing, to_b(nothing)) == []
    assert breaches(little, to_b(little)) == [("resources", "A", "b", "cpu", Decimal("2.5"))]


def test_a_server_that_lacks_one_resource_gives_another() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=0), Server(name="b", disk=0, capacity={"cpu": 1, "ram": 4})),
        vms=(
            VM(name="runs", server="b", demand={"cpu": 2}, protect=False),
            VM(name="vm", server="a", demand={"ram": 4, "cpu": 0}),
        ),
        failures=A_FAILS,
    )
    assert breaches(cluster, to_b(cluster)) == []


def test_what_ran_on_lost_servers_makes_room_nowhere_and_takes_none() -> None:
    # a and b fail together: c runs 1 and has 3, so one of the two VMs of 2 is too many.
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=0, capacity={"cpu": 3}) for name in "abc"),
        vms=tuple(VM(name=f"on {name}", server=name, demand={"cpu": 2 - (name == "c")})
                  for name in "abc"),
        failures=(Failure(name="AB", servers=("a", "b")),),
    )  # fmt: skip
    both = filled(cluster, (), {"AB": {"on a": "c", "on b": "c"}})
    assert breaches(cluster, both) == [("resources", "AB", "c", "cpu", 2)]
    one = filled(cluster, (), {"AB": {"on a": "c"}}, [("on b", "AB")])
    assert breaches(cluster, one) == []


# Disk: b has 100 bytes; 30 run there, 40 are rebuilt there, the rest may be stored.


def with_disk(running: int = 30, rebuilt: int = 40) -> Cluster:
    return Cluster(
        servers=ABC,
        diffs=(Diff(name="d", size=100),),
        vms=(
            VM(name="runs", server="b", disk=running, protect=False),
            VM(name="vm", server="a", disk=rebuilt),
        ),
        failures=A_FAILS,
    )


def storing(cluster: Cluster, stored: int, target: str) -> Plan:
    extents = [extent("d", "b", 0, stored)] if stored else []
    return filled(cluster, extents, {"A": {"vm": target}})


def test_a_disk_may_be_exactly_full_in_a_failure_and_not_a_byte_fuller() -> None:
    cluster = with_disk()
    assert breaches(cluster, storing(cluster, 30, "b")) == []
    assert breaches(cluster, storing(cluster, 31, "b")) == [("disk", "A", "b", "disk", 1)]


def test_a_disk_may_be_exactly_full_without_any_failure_and_not_a_byte_fuller() -> None:
    cluster = with_disk()
    assert breaches(cluster, storing(cluster, 70, "c")) == []
    assert breaches(cluster, storing(cluster, 71, "c")) == [("disk", None, "b", "disk", 1)]


def test_a_disk_that_is_too_full_already_is_fuller_in_a_failure() -> None:
    cluster = with_disk()
    assert breaches(cluster, storing(cluster, 75, "b")) == [
        ("disk", None, "b", "disk", 5),
        ("disk", "A", "b", "disk", 45),
    ]


def test_a_disk_that_is_overcommitted_as_given_takes_nothing_more() -> None:
    cluster = with_disk(running=101)
    assert breaches(cluster, storing(cluster, 0, "c")) == []
    assert breaches(cluster, storing(cluster, 0, "b")) == [("disk", "A", "b", "disk", 41)]
    assert breaches(cluster, storing(cluster, 1, "c")) == [("disk", None, "b", "disk", 2)]


def test_a_disk_that_is_overcommitted_takes_a_rebuild_without_a_disk() -> None:
    cluster = with_disk(running=101, rebuilt=0)
    assert breaches(cluster, storing(cluster, 0, "b")) == []


def test_a_lost_server_keeps_its_disk_in_view_without_the_failure() -> None:
    cluster = Cluster(
        servers=ABC,
        diffs=(Diff(name="d", size=100),),
        vms=(VM(name="vm", server="a", disk=40),),
        failures=A_FAILS,
    )
    plan = filled(cluster, [extent("d", "a", 0, 61)], {"A": {"vm": "b"}})
    assert breaches(cluster, plan) == [("disk", None, "a", "disk", 1)]


def test_transferred_bytes_and_resident_diffs_occupy_nothing() -> None:
    servers = (replace(ABC[0], disk=0), replace(ABC[1], disk=0), replace(ABC[2], disk=0))
    cluster = Cluster(
        servers=(servers[0], servers[1], replace(servers[2], resident=("d",))),
        diffs=(Diff(name="d", size=100),),
        vms=(VM(name="vm", server="a", diff="d"),),
        failures=A_FAILS,
    )
    plan = filled(cluster, (), {"A": {"vm": "b"}})
    assert plan.recoveries[0].transfer_bytes == 100
    assert breaches(cluster, plan) == []


def test_an_extent_beside_a_resident_copy_is_legal_and_takes_its_room() -> None:
    cluster = replace(with_disk(), servers=(ABC[0], replace(ABC[1], resident=("d",)), ABC[2]))
    assert breaches(cluster, storing(cluster, 30, "b")) == []
    assert breaches(cluster, storing(cluster, 31, "b")) == [("disk", "A", "b", "disk", 1)]
