from __future__ import annotations

from dataclasses import replace

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.explaining.altering import changed
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.confirming import Remedy
from spareplace.explaining.deciding import Judge
from spareplace.explaining.enlarging import enough, more_disk
from spareplace.parts import VM, Server
from spareplace.planning import plan
from spareplace.units import LARGEST


def servers(count: int, disk: int) -> Cluster:
    """Each runs one VM of 40 and needs 80 for the rebuild of another."""
    return Cluster(
        servers=tuple(Server(name=f"s{it}", disk=disk) for it in range(count)),
        vms=tuple(VM(name=f"v{it}", server=f"s{it}", disk=40) for it in range(count)),
    )


def is_enough(cluster: Cluster, remedy: Remedy) -> bool:
    return not plan(changed(cluster, remedy.changes), method="milp", gap=1.0).unprotected


def test_what_is_called_enough_is_followed_by_a_plan() -> None:
    short = servers(3, 70)
    found = enough(short, Judge(clock=Clock(limit=20)))
    assert {it.changes[0].kind for it in found} == {"capacity", "add_server"}
    assert all(is_enough(short, it) for it in found)


def test_the_least_share_of_disk_that_is_tried_and_is_enough_is_given() -> None:
    """80 of 70 is a seventh more: 20 hundredths are enough, 10 are not."""
    (found,) = more_disk(servers(3, 70), Judge(clock=Clock(limit=20)))
    assert [it.amount for it in found.changes] == [14, 14, 14]


def test_a_server_without_disk_or_with_all_that_it_can_have_gets_none() -> None:
    short = servers(3, 70)
    others = (Server(name="none", disk=0), Server(name="all", disk=LARGEST, accept_rebuilds=False))
    short = replace(short, servers=short.servers + others)
    (found,) = more_disk(short, Judge(clock=Clock(limit=20)))
    assert [it.server for it in found.changes] == ["s0", "s1", "s2"]


def test_where_no_share_is_enough_none_is_given() -> None:
    assert more_disk(servers(2, 41), Judge(clock=Clock(limit=20))) == ()


def test_without_time_nothing_is_called_enough() -> None:
    assert enough(servers(3, 70), Judge(clock=Clock(limit=0.0))) == ()


def test_many_servers_that_get_more_are_counted_in_one_sentence() -> None:
    (found,) = more_disk(servers(5, 70), Judge(clock=Clock(limit=20)))
    assert str(found) == "give each of 5 servers 14 B more disk"


def test_a_sentence_tells_resources_apart() -> None:
    more = [("a", "disk", 5), ("b", "disk", 7), ("c", "disk", 6), ("a", "cpu", 2), ("d", "cpu", 2)]
    changes = tuple(
        ClusterChange(kind="capacity", server=server, resource=resource, amount=amount)
        for server, resource, amount in (*more, ("b", "ram", 1))
    )
    assert str(Remedy(changes=changes, expected_transfer_bytes=0.0)) == (
        "give each of 3 servers between 5 B and 7 B more disk; each of 2 servers 2 more cpu; "
        "one server 1 more ram"
    )
