from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.errors import OtherCluster
from spareplace.explaining.trading import Frontier, Point
from spareplace.parts import Diff, Server
from spareplace.placement import Placement, Plan
from spareplace.planning import plan
from spareplace.reporting import report
from spareplace.reporting.markup import shown
from spareplace.testing import clusters_with_placements
from tests.reporting.clusters import HOSTILE, greedy, hostile, many, planned
from tests.reporting.pages import Page, figures, read_page


@cache
def _paper() -> tuple[Plan, Page]:
    cluster, found = greedy()
    return found, read_page(report(cluster, found))


@cache
def _hostile() -> Page:
    return read_page(report(*hostile()))


@cache
def _large() -> Page:
    return read_page(report(*many(60, 10)))


def _frontier(cluster: Cluster) -> Frontier:
    """One point by ``greedy`` and one that is made up."""
    made = plan(cluster, method="greedy")
    points = tuple(
        Point(
            stored_limit=stored,
            stored_bytes=stored,
            expected_transfer_bytes=expected,
            lower_bound_bytes=None,
            status="feasible",
            plan=made,
        )
        for stored, expected in ((10**11, 4e10), (205 * 10**9, 1.5e10))
    )
    return Frontier(cluster_sha256=made.cluster_sha256, points=points)


def test_the_figures_of_the_paper_are_those_of_the_plan() -> None:
    """By hand: 15 GB expected, 205 GB stored, ten pairs, and Sk costs most with 40 GB."""
    found, page = _paper()
    text = " ".join(page.text.split())
    for told in ("15 GB", "205 GB", "10 of 10", "not proven least", "Sk: 3 VMs rebuilt, 40 GB"):
        assert told in text
    exact = figures(page)
    assert found.expected_transfer_bytes in exact
    assert float(found.stored_bytes) in exact
    assert all(float(it.transfer_bytes) in exact for it in found.recoveries)


def test_every_rebuild_and_transfer_of_a_small_plan_is_there() -> None:
    found, page = _paper()
    for recovery in found.recoveries:
        for rebuild in recovery.rebuilds:
            assert rebuild.vm in page.text
        for sent in recovery.transfers:
            assert f"{sent.start:,}" in page.text
            assert f"{sent.stop:,}" in page.text
            assert float(sent.size) in figures(page)
    assert not page.later


@settings(max_examples=25, deadline=None)
@given(given=clusters_with_placements())
def test_whatever_the_plan_the_page_is_whole_and_has_its_figures(
    given: tuple[Cluster, Placement],
) -> None:
    cluster, placement = given
    found = planned(cluster, placement)
    html = report(cluster, found)
    page = read_page(html)
    assert html == report(cluster, found)
    exact = figures(page)
    told = [it.transfer_bytes for it in found.recoveries]
    for figure in (found.expected_transfer_bytes, float(found.stored_bytes), *map(float, told)):
        assert figure in exact
    rebuilt = sum(len(it.rebuilds) for it in found.recoveries)
    assert f"{rebuilt:,} of {rebuilt + len(found.unprotected):,}" in page.text


@pytest.mark.parametrize("made", [greedy, hostile, lambda: many(60, 10)])
def test_nothing_is_fetched_and_no_script_runs_but_ours(
    made: Callable[[], tuple[Cluster, Plan]],
) -> None:
    read = read_page(report(*made()))
    assert [it.get("type") for it in read.having("script")] == ["application/json", None]
    for element, attributes in read.elements:
        assert element not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "action", "data"} & attributes.keys()
        assert not [key for key in attributes if key.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|//", read.styles[0])
    assert not re.search(r"https?:|import\(|fetch\(|XMLHttp|WebSocket", read.scripts[1])
    (policy,) = [it["content"] for it in read.having("meta") if "http-equiv" in it]
    assert (policy or "").startswith("default-src 'none'; ")


def test_a_page_names_no_address_and_no_time() -> None:
    html = report(*many(60, 10))
    assert "http://" not in html
    assert "https://" not in html
    assert html == report(*many(60, 10))


def test_hostile_names_stay_text() -> None:
    cluster, found = hostile()
    html = report(cluster, found, title=HOSTILE[0])
    page = read_page(html)
    known = {element for element, _ in _paper()[1].elements}
    assert {element for element, _ in page.elements} <= known | {"figure"}
    for name in HOSTILE:
        assert shown(name) in page.text
    assert html.count("</script>") == 2
    assert html.count("<script") == 2
    assert "\x00" not in html
    assert "\u202e" not in html


def test_what_is_embedded_cannot_end_its_element() -> None:
    """Each of 600 VMs has a hostile name; what failures do is put in place when opened."""
    cluster, found = many(60, 10)
    bad = "</script><script>alert(1)</script>"
    vms = tuple(replace(vm, name=f"{bad}{vm.name}") for vm in cluster.vms)
    hostile_cluster = replace(cluster, vms=vms)
    rebuilds = {
        it.failure: tuple(replace(one, vm=f"{bad}{one.vm}") for one in it.rebuilds)
        for it in found.recoveries
    }
    made = planned(hostile_cluster, Placement(stored=found.stored, rebuilds=rebuilds))
    page = read_page(report(hostile_cluster, made))
    assert not re.search(r"[<>&]", page.scripts[0])
    inner = read_page("".join(page.later.values()))
    assert not inner.scripts
    assert bad in inner.text


def test_at_size_the_page_begins_small_and_has_the_rest_when_asked() -> None:
    """60 servers with 10 VMs each: 600 rebuilds, 660 diffs."""
    page = _large()
    assert len(page.elements) < 8000
    places = {it["data-later"] for it in page.having("div") if "data-later" in it}
    assert places == page.later.keys()
    inside = read_page("".join(page.later.values()))
    names = {f"vs{server:03}.{vm}" for server in range(60) for vm in range(10)}
    assert all(name in inside.text for name in names)
    assert json.loads(page.scripts[0])["map"]["cells"]["0 1"] == "1 B"


def test_a_table_says_what_it_is_about() -> None:
    for page in (_paper()[1], _hostile(), _large()):
        assert len(page.having("caption")) == len(page.having("table"))
        assert all(it.get("scope") in ("col", "row") for it in page.having("th"))
        assert all(it.get("aria-label") for it in page.having("svg"))
        assert all(it.get("aria-label") for it in page.having("div") if "role" in it)
        assert page.having("html") == [{"lang": "en"}]
        headings = [it.get("id") for it in page.having("h2")]
        assert [it["aria-labelledby"] for it in page.having("section")] == headings


def test_no_two_elements_have_one_id() -> None:
    for page in (_paper()[1], _hostile(), _large()):
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        links = [(it["href"] or "")[1:] for it in page.having("a")]
        assert set(links) <= set(ids)


def test_a_cluster_of_nothing_but_a_server_has_a_page() -> None:
    cluster = Cluster(servers=(Server(name="a", disk=0),), failures=())
    page = read_page(report(cluster, planned(cluster, Placement())))
    assert "The cluster has no diffs." in page.text
    assert "No failures to be ready for." in page.text


def test_vms_that_are_not_protected_are_listed_with_the_reason() -> None:
    page = _hostile()
    assert "Not protected" in page.text
    assert "8 of 9" in page.text
    assert "VMs not protected" in page.text


def test_a_frontier_is_drawn_with_its_figures() -> None:
    cluster, found = greedy()
    page = read_page(report(cluster, found, frontier=_frontier(cluster)))
    assert len(page.having("circle")) == 3  # two points, and the plan of the report
    assert {1e11, 4e10, 2.05e11, 1.5e10} <= set(figures(page))


def test_times_are_told_where_rates_are_given() -> None:
    assert "All up after" not in _paper()[1].text
    assert "All up after" in _large().text
    assert "0.1 s" in _large().text  # 1 byte at 10 bytes a second


def test_a_plan_of_another_cluster_is_refused() -> None:
    cluster, found = greedy()
    other = replace(cluster, failures=cluster.failures[:1])
    with pytest.raises(OtherCluster):
        report(other, found)
    with pytest.raises(OtherCluster):
        report(other, planned(other, Placement()), frontier=_frontier(cluster))


def test_a_long_chain_is_listed_without_nesting_without_end() -> None:
    diffs = [Diff(name="c0", size=1)]
    diffs += [Diff(name=f"c{at}", size=1, parent=f"c{at - 1}") for at in range(1, 1500)]
    cluster = Cluster(servers=(Server(name="a", disk=1),), diffs=tuple(diffs), failures=())
    page = read_page(report(cluster, planned(cluster, Placement())))
    inside = read_page(page.later["d0"])
    assert "c300" in inside.text
    assert "more diffs" in inside.text
    assert len(inside.having("details")) < 25
