"""The proofs beside a search: when the search makes way for the model of all failures."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import pytest

from spareplace import portfolio
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.heuristics.greedy import greedy
from spareplace.instance import Instance, number
from spareplace.options import Options
from spareplace.parts import VM, Diff, Server
from spareplace.portfolio import LARGEST_ALONE, MANY, proofs_beside
from spareplace.proving import Known, Proof, Tell
from spareplace.watching import Best
from tests.examples import paper

FORCED = Cluster(
    servers=(
        Server(name="a", disk=100),
        Server(name="b", disk=40),
        Server(name="c", disk=100),
    ),
    diffs=(Diff(name="A", size=40), Diff(name="C", size=40)),
    vms=(
        VM(name="x", server="a", diff="A", disk=40, allowed_servers=("b",)),
        VM(name="y", server="c", diff="C", disk=40, allowed_servers=("b",)),
    ),
)
"""b has room for the rebuild of x or of y and for nothing stored beside it: both are sent whole,
40 in two of three failures. That needs no two failures together to be seen."""


def makes_way(
    cluster: Cluster,
    *,
    columns: int = 10,
    rebuilds: int = 2,
    limit: float | None = 20.0,
    before: bool = False,
) -> bool:
    """Run the proofs by servers, by groups and in bytes; tell whether the search was ended."""
    instance, best = number(cluster), Best(cluster=cluster)
    best.offer(greedy(instance, Clock()), "greedy")
    promised = threading.Event()
    if before:
        promised.set()
    clock = Clock(limit=limit)
    for proof in list(proofs_beside(best, promised, columns, rebuilds))[:3]:
        best.proves(
            proof(instance, clock, Options(workers=1), lambda _: None, lambda: best.placement)
        )
    assert promised.is_set() or not clock.stop.is_set()
    return clock.stop.is_set()


def test_the_search_makes_way_where_groups_come_near_the_plan() -> None:
    assert makes_way(FORCED)


@pytest.mark.parametrize(
    "unless", [{"columns": LARGEST_ALONE + 1}, {"limit": None}, {"before": True}]
)
def test_it_goes_on_where_the_model_is_large_without_a_clock_and_the_second_time(
    unless: dict[str, float | None],
) -> None:
    assert not makes_way(FORCED, **unless)  # type: ignore[arg-type]


def test_it_goes_on_where_groups_prove_nothing() -> None:
    assert not makes_way(paper())


def test_the_model_of_all_failures_offers_what_it_finds() -> None:
    instance, best = number(FORCED), Best(cluster=FORCED)
    promised = threading.Event()
    promised.set()
    *_, model, _branched, _rooms, _near, _groups = proofs_beside(best, promised, 10, 2)
    bound = model(instance, Clock(limit=20), Options(workers=1), lambda _: None, lambda: None)
    assert best.value is not None
    assert abs(best.value - bound) <= Fraction(1, 1000)
    assert round(bound) == 27


def proofs_tried(
    monkeypatch: pytest.MonkeyPatch,
    *,
    limit: float | None = 0.5,
    planned: bool = True,
    least: Fraction = Fraction(0),
) -> list[str]:
    """Run the proofs beside a search of many rebuilds, fakes all of them; tell which were."""
    instance, best = number(FORCED), Best(cluster=FORCED)
    if planned:
        best.offer(greedy(instance, Clock()), "greedy")
    tried: list[str] = []

    def fake(name: str) -> Proof:
        def prove(
            _instance: Instance, clock: Clock, _options: Options, _tell: Tell, _known: Known
        ) -> Fraction:
            tried.append(name)
            while limit is not None and not clock.over():
                time.sleep(0.01)
            return least

        return prove

    for name in ("groups", "servers", "rooms"):
        monkeypatch.setattr(portfolio, name, fake(name))
    for name in ("solve_and_lay", "solve_near"):
        monkeypatch.setattr(portfolio, name, lambda *_: None)
    clock = Clock(limit=limit)
    for proof in proofs_beside(best, threading.Event(), 10, MANY + 1):
        proof(instance, clock, Options(), lambda _: None, lambda: best.placement)
    return tried


def test_where_rebuilds_are_many_and_groups_prove_nothing_the_search_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert proofs_tried(monkeypatch) == ["groups"]


def test_it_is_not_where_groups_prove_a_little_there_is_no_plan_or_no_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = ["groups", "servers", "rooms", "groups"]
    assert proofs_tried(monkeypatch, least=Fraction(1)) == ["groups", *every]
    assert proofs_tried(monkeypatch, planned=False) == ["groups", *every]
    assert proofs_tried(monkeypatch, limit=None) == every


def test_where_rebuilds_are_few_every_proof_is_tried() -> None:
    best = Best(cluster=FORCED)
    assert len(list(proofs_beside(best, threading.Event(), 10, MANY))) == 7
