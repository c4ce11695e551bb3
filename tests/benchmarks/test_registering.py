from __future__ import annotations

from benchmarks.registering import day, news, night_table, table
from spareplace import generate_cluster


def test_a_day_is_the_same_each_time() -> None:
    cluster = generate_cluster(servers=4, vms_per_server=3, seed=1)
    assert list(news(cluster, 6, 3, seed=1)) == list(news(cluster, 6, 3, seed=1))
    assert sum(bool(one.leaving_vms) for one in news(cluster, 6, 3, seed=1)) == 3


def test_a_day_is_measured_and_shown() -> None:
    cluster = generate_cluster(servers=5, vms_per_server=4, disk_slack=1.6, seed=1)
    lived = day(cluster, 1.6, "greedy", 10.0, coming=4, nights=[0])
    assert len(lived.seconds) + lived.refused >= 4
    for shown in (table([lived]), night_table([lived])):
        assert "| 1.6 | greedy |" in " ".join(shown.split())
