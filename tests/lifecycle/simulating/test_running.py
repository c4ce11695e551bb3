from __future__ import annotations

import csv
import io
import json
from dataclasses import astuple

import pytest

from spareplace.errors import InvalidInput
from spareplace.files import schema_of
from spareplace.generate import generate_cluster
from spareplace.lifecycle.simulating import Simulation, simulate
from spareplace.lifecycle.simulating.running import SimulationProgress
from spareplace.lifecycle.simulating.simulation_file import (
    SIMULATION,
    events_csv,
    policies_csv,
    read_simulation,
    simulation_text,
)

CLUSTER = generate_cluster(servers=4, vms_per_server=2, load=0.4, disk_slack=1.5)


def run(*policies: str, seed: int = 0) -> Simulation:
    return simulate(
        CLUSTER, months=2, policies=policies, seed=seed, failures_per_month=3, iterations=1
    )


@pytest.fixture(scope="module")
def found() -> Simulation:
    return run("greedy", "search+replan", "search")


def test_the_same_seed_gives_the_same_whatever_policies_are_beside_it(
    found: Simulation,
) -> None:
    assert run("search+replan", "greedy").policies == (found.policies[1], found.policies[0])
    assert run("greedy", seed=1).script != found.script


def test_every_policy_meets_the_same_events(found: Simulation) -> None:
    def met(policy: str) -> list[tuple[float, str, str]]:
        return [
            (it.hours, it.kind, it.name)
            for it in found.events
            if it.policy == policy and it.kind not in ("start", "month")
        ]

    assert met("greedy") == met("search") == met("search+replan")
    drawn = found.script
    assert len(met("greedy")) == sum(
        (drawn.failures, drawn.returns, drawn.arrivals, drawn.generations, drawn.departures,
         drawn.drains)
    )  # fmt: skip


def test_rows_are_the_sums_of_their_events(found: Simulation) -> None:
    for row in found.policies:
        events = [it for it in found.events if it.policy == row.policy]
        assert row.recovery_bytes == sum(it.recovery_bytes for it in events)
        assert row.protection_bytes == sum(it.moved_bytes for it in events)
        parts = (row.failure_bytes, row.return_bytes, row.registration_bytes, row.drain_bytes)
        assert row.protection_bytes == sum(parts) + row.replan_bytes
        assert row.vms_down == sum(it.vms_down for it in events)
        assert row.vm_hours_unprotected == pytest.approx(
            sum(it.vm_hours_unprotected for it in events)
        )


def test_the_mean_expected_transfer_lies_between_the_least_and_the_most(found: Simulation) -> None:
    for row in found.policies:
        values = [it.expected_transfer_bytes for it in found.events if it.policy == row.policy]
        assert min(values) <= row.mean_expected_transfer_bytes <= max(values)


def test_progress_is_told_after_each_event_up_to_the_last() -> None:
    told: list[SimulationProgress] = []
    done = simulate(CLUSTER, months=1, policies=["level"], iterations=0, progress=told.append)
    assert [it.done for it in told] == list(range(1, len(done.events) + 1))
    assert {it.events for it in told} == {len(done.events)}


def test_what_progress_raises_ends_the_simulation() -> None:
    def stop(_progress: SimulationProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(CLUSTER, months=1, policies=["greedy"], progress=stop)


def test_a_policy_that_is_nearly_right_is_told_of() -> None:
    with pytest.raises(InvalidInput, match=r"policies\[1\]: found 'serach', .*'search'"):
        simulate(CLUSTER, policies=["greedy", "serach"])
    with pytest.raises(InvalidInput, match="each once"):
        simulate(CLUSTER, policies=["greedy", "greedy"])
    with pytest.raises(InvalidInput, match="at least one policy"):
        simulate(CLUSTER, policies=[])


def test_an_unknown_row_is_no_row(found: Simulation) -> None:
    with pytest.raises(KeyError, match="no policy 'level'"):
        found.policy("level")


def test_a_simulation_reads_back_equal(found: Simulation) -> None:
    text = simulation_text(found)
    assert read_simulation(text) == found
    assert list(json.loads(text))[:2] == ["format", "cluster_sha256"]
    assert schema_of("simulation", SIMULATION)["$id"] == "urn:spareplace:simulation:1"


def test_csv_has_a_row_for_each_policy_and_each_event(found: Simulation) -> None:
    rows = list(csv.DictReader(io.StringIO(policies_csv(found))))
    assert [row["policy"] for row in rows] == ["greedy", "search+replan", "search"]
    assert [tuple(row.values()) for row in rows] == [
        tuple(map(str, astuple(row))) for row in found.policies
    ]
    assert len(list(csv.DictReader(io.StringIO(events_csv(found))))) == len(found.events)
