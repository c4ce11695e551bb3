"""Anti-affinity, and the servers to which a rebuild may go."""

from dataclasses import replace

from spareplace.cluster import Cluster
from spareplace.parts import VM, Failure

from .plans import A_FAILS, ABC, breaches, filled, to_b

# Anti-affinity.


def grouped(**servers: str) -> Cluster:
    """VMs of one group, all but those on server a without protection."""
    vms = tuple(
        VM(name=name, server=server, groups=("g",), protect=server == "a")
        for name, server in servers.items()
    )
    return Cluster(servers=ABC, vms=vms, failures=A_FAILS)


def test_the_first_vm_of_a_group_on_a_server_is_right() -> None:
    cluster = grouped(one="a", two="a", three="c")
    plan = filled(cluster, (), {"A": {"one": "b"}}, [("two", "A")])
    assert breaches(cluster, plan) == []


def test_two_rebuilds_of_a_group_on_one_server_are_one_too_many() -> None:
    cluster = grouped(one="a", two="a")
    plan = filled(cluster, (), {"A": {"one": "b", "two": "b"}})
    assert breaches(cluster, plan) == [("anti-affinity", "A", "b", "g", 1)]


def test_every_rebuild_beside_a_running_vm_of_its_group_is_too_many() -> None:
    cluster = grouped(one="a", two="a", runs="b")
    plan = filled(cluster, (), {"A": {"one": "b", "two": "b"}})
    assert breaches(cluster, plan) == [("anti-affinity", "A", "b", "g", 2)]


def test_a_group_that_runs_together_as_given_breaks_nothing_until_a_rebuild_joins_it() -> None:
    cluster = grouped(one="a", left="b", right="b")
    assert breaches(cluster, filled(cluster, (), {"A": {"one": "c"}})) == []
    joined = filled(cluster, (), {"A": {"one": "b"}})
    assert breaches(cluster, joined) == [("anti-affinity", "A", "b", "g", 1)]


def test_a_group_is_counted_by_itself() -> None:
    cluster = Cluster(
        servers=ABC,
        vms=(
            VM(name="one", server="a", groups=("g", "h")),
            VM(name="two", server="b", groups=("h",)),
            VM(name="bare", server="b"),
        ),
        failures=A_FAILS,
    )
    plan = filled(cluster, (), {"A": {"one": "b"}})
    assert breaches(cluster, plan) == [("anti-affinity", "A", "b", "h", 1)]


# Targets.


def test_a_rebuild_does_not_go_to_a_server_that_fails() -> None:
    cluster = Cluster(
        servers=ABC,
        vms=(VM(name="vm", server="a"),),
        failures=(Failure(name="AB", servers=("a", "b")),),
    )
    assert breaches(cluster, filled(cluster, (), {"AB": {"vm": "c"}})) == []
    lost = filled(cluster, (), {"AB": {"vm": "b"}})
    assert breaches(cluster, lost) == [("targets", "AB", "b", "vm", 1)]


def test_a_rebuild_goes_where_rebuilds_are_accepted() -> None:
    drained = (ABC[0], replace(ABC[1], accept_rebuilds=False), ABC[2])
    cluster = Cluster(servers=drained, vms=(VM(name="vm", server="a"),), failures=A_FAILS)
    assert breaches(cluster, filled(cluster, (), {"A": {"vm": "c"}})) == []
    assert breaches(cluster, to_b(cluster)) == [("targets", "A", "b", "vm", 1)]


def test_a_rebuild_goes_where_its_vm_allows() -> None:
    picky = VM(name="vm", server="a", allowed_servers=("a", "c"))
    cluster = Cluster(servers=ABC, vms=(picky,), failures=A_FAILS)
    assert breaches(cluster, filled(cluster, (), {"A": {"vm": "c"}})) == []
    assert breaches(cluster, to_b(cluster)) == [("targets", "A", "b", "vm", 1)]


def test_every_reason_against_a_target_is_a_breach() -> None:
    cluster = Cluster(
        servers=(replace(ABC[0], accept_rebuilds=False), *ABC[1:]),
        vms=(VM(name="vm", server="a", allowed_servers=("b",)),),
        failures=A_FAILS,
    )
    plan = filled(cluster, (), {"A": {"vm": "a"}})
    assert breaches(cluster, plan) == [("targets", "A", "a", "vm", 1)] * 3
