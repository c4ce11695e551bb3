from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import referee
from benchmarks.referee import FAMILIES, drawn, hcheck, verdict
from benchmarks.referee_page import Verdict, row
from spareplace import VM, Cluster, Server
from spareplace.placement import Plan

needs_htools = pytest.mark.skipif(
    shutil.which("hcheck") is None, reason="ganeti-htools is not installed"
)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_drawn_cluster_is_the_same_again_and_fits_where_it_runs(
    family: referee.Family,
) -> None:
    cluster = drawn(family, 3)
    assert cluster == drawn(family, 3) != drawn(family, 4)
    for server in cluster.servers:
        here = [vm for vm in cluster.vms if vm.server == server.name]
        assert here
        assert sum(vm.disk for vm in here) <= server.disk
        assert sum(vm.demand["memory"] for vm in here) <= server.capacity["memory"]


def test_a_loss_that_has_no_plan_is_counted() -> None:
    judged: list[tuple[Cluster, Plan | None]] = []

    def strict(cluster: Cluster, found: Plan | None) -> int:
        judged.append((cluster, found))
        return 4

    family = FAMILIES[0]
    found = {verdict(family, seed, strict).lost for seed in range(12)}
    assert 0 in found
    assert len(found) > 1
    assert {plan for _, plan in judged} == {None}
    assert verdict(FAMILIES[-1], 0, strict).rejected == 4
    assert judged[-1][1] is not None


def test_verdicts_are_counted() -> None:
    verdicts = [
        Verdict(hosts=4, rejected=0, lost=0),
        Verdict(hosts=4, rejected=2, lost=0),  # too strict, twice
        Verdict(hosts=4, rejected=3, lost=2),  # too strict, once
        Verdict(hosts=4, rejected=0, lost=1),  # safe, and there is no plan
        Verdict(hosts=4, rejected=None, lost=0),
        Verdict(hosts=4, rejected=1, lost=0, undecided=True),
    ]
    assert row("x", verdicts) == (
        "x", "6", "2", "2", "1", "1 of 2 (50.0 %)", "3 of 13 (23.1 %)", "1"
    )  # fmt: skip


@needs_htools
def test_both_ask_the_same_to_the_last_mib() -> None:
    mib = 2**20

    def cluster(room: int) -> Cluster:
        servers = tuple(
            Server(name=name, disk=have, capacity={"memory": have})
            for name, have in (("a", 500 * mib), ("b", room), ("c", 0))
        )
        vms = (VM(name="x", server="a", disk=500 * mib, demand={"memory": 500 * mib}),)
        return Cluster(servers=servers, vms=vms)

    assert hcheck(cluster(500 * mib), None) == 0
    assert hcheck(cluster(500 * mib - 1), None) == 1


@needs_htools
def test_where_hcheck_finds_a_way_so_do_we(tmp_path: Path) -> None:
    for family in FAMILIES:
        found = verdict(family, 0, hcheck)
        assert found.rejected is not None
        assert found.lost <= found.rejected
    page = tmp_path / "page.md"
    referee.main(["--clusters", "1", "--family", FAMILIES[0].name, "--page", str(page)])
    assert "| memory, any size | 1 |" in page.read_text()
    assert "hcheck (ganeti) version" in page.read_text()


def test_without_hcheck_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit):
        referee.main([])
    assert "apt-get install ganeti-htools" in capsys.readouterr().err
