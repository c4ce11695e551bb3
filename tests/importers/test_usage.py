from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.importers.imported import Imported
from spareplace.importers.sources import Source
from spareplace.importers.usage import import_usage, percentile_of
from spareplace.parts import VM, Server
from tests.importers.given import QEMU, text

CLUSTER = Cluster(
    servers=(Server(name="s", disk=9, capacity={"cpu": 8, "memory": 2**34}),),
    vms=(
        VM(name="web", server="s", demand={"cpu": 4, "memory": 100}),
        VM(name="db", server="s"),
    ),
)


def rows(*lines: str) -> Source:
    return text("\n".join(["time,vm,resource,value", *lines]), path="u.csv")


def answer(*series: dict[str, object], kind: str = "matrix") -> Source:
    document = {"status": "success", "data": {"resultType": kind, "result": list(series)}}
    return text(json.dumps(document), path="u.json")


def line(labels: dict[str, str], *values: str) -> dict[str, object]:
    points = [[1_700_000_000 + 60 * at, value] for at, value in enumerate(values)]
    return {"metric": labels, "values": points}


def imported(*sources: Source, percentile: str = "95", resource: str | None = None) -> Imported:
    return import_usage(CLUSTER, sources, percentile=Decimal(percentile), resource=resource)


def demands(made: Imported) -> dict[str, object]:
    return {vm.name: vm.demand for vm in made.cluster.vms}


def assumed(made: Imported) -> str:
    return "\n".join(str(note) for note in made.notes)


@pytest.mark.parametrize(
    ("percent", "rank"), [("95", 19), ("50", 10), ("5", 1), ("0.001", 1), ("96", 20), ("100", 20)]
)
def test_a_percentile_is_a_measured_value(percent: str, rank: int) -> None:
    # Of 20 values, 95 % are 19 and 96 % are 19.2, so 20.
    amounts = [Decimal(number) for number in range(1, 21)]
    assert percentile_of(amounts, Decimal(percent)) == rank


@given(
    st.lists(st.integers(0, 9).map(Decimal), min_size=1),
    st.integers(1, 100).map(Decimal),
)
@settings(max_examples=100)
def test_a_percentile_is_the_least_value_that_enough_values_do_not_exceed(
    amounts: list[Decimal], percent: Decimal
) -> None:
    enough = [
        it
        for it in amounts
        if 100 * sum(other <= it for other in amounts) >= percent * len(amounts)
    ]
    assert percentile_of(amounts, percent) == min(enough)


def test_demands_are_replaced_by_what_was_measured_and_others_stay() -> None:
    made = imported(rows("1,web,cpu,0.1", "2,web,cpu,0.30", "3,web,cpu,0.2"), percentile="67")
    assert demands(made) == {"web": {"cpu": Decimal("0.3"), "memory": 100}, "db": {}}


def test_amounts_may_have_units() -> None:
    assert demands(imported(rows("1,db,memory,1.5GiB")))["db"] == {"memory": 1_610_612_736}


def test_a_vm_that_was_not_measured_is_noted() -> None:
    told = assumed(imported(rows("1,web,cpu,1")))
    assert "vm 'db': no use of 'cpu' was measured, and no demand was known: none" in told
    assert "vm 'web': fewer than 20 samples of 'cpu'" in told


def test_a_vm_that_is_not_in_the_cluster_is_noted() -> None:
    told = assumed(imported(rows("1,wbe,cpu,1")))
    assert "vm 'wbe': it is not in the cluster: passed over; did you mean 'web'?" in told


def test_a_range_of_prometheus_is_read() -> None:
    made = imported(answer(line({"domain": "web"}, "1.5", "2e0", "0.5")), resource="cpu")
    assert demands(made)["web"] == {"cpu": 2, "memory": 100}


def test_an_instant_of_prometheus_is_read() -> None:
    series: dict[str, object] = {
        "metric": {"vm": "web", "resource": "cpu"},
        "value": [1_700_000_000.123, "1.5"],
    }
    assert demands(imported(answer(series, kind="vector")))["web"] == {
        "cpu": Decimal("1.5"),
        "memory": 100,
    }


def test_series_of_one_vm_are_added_up_at_each_time() -> None:
    # 1 + 5 and 4 + 1: the largest sum is 6, not 4 + 5
    disks = [
        line({"vm": "web", "device": "a"}, "1", "4"),
        line({"vm": "web", "device": "b"}, "5", "1"),
    ]
    made = imported(answer(*disks), resource="cpu", percentile="100")
    assert demands(made)["web"] == {"cpu": 6, "memory": 100}
    assert "vm 'web': 2 series tell its cpu: added up" in assumed(made)


def test_values_that_are_no_number_are_passed_over_and_that_is_said() -> None:
    made = imported(answer(line({"vm": "web"}, "NaN", "1")), resource="cpu")
    assert demands(made)["web"] == {"cpu": 1, "memory": 100}
    assert "vm 'web': some of its values are NaN: passed over" in assumed(made)


def test_a_series_without_a_vm_is_noted() -> None:
    told = assumed(imported(answer(line({"host": "x"}, "1")), resource="cpu"))
    assert "it has none of the labels vm, domain, name: passed over; name the label" in told


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (rows("1,web,cpu,-1"), "u.csv: line 2, value: found '-1', expected a number from 0"),
        (rows("1,web,cpu,1e999999999"), "line 2, value: found '1e999999999'"),
        (rows("1,web,cpu,1e-999999999"), "line 2, value"),
        (rows("1,web,cpu,inf"), "line 2, value"),
        (rows("1,web,cpu,NaN"), "line 2, value"),
        (rows("1,web,cpu,"), "line 2, value"),
        (rows("1,web,cpu,٣"), "line 2, value"),
        (rows("1,,cpu,1"), "line 2, vm: found nothing, expected a name"),
        (rows("1,web,cpu,1", "1,web,cpu,2"), "line 3: found 'cpu' of vm 'web' at '1' again"),
        (rows("1,web,cpu"), "line 2: found 3 cells, expected 4 cells"),
        (text("time,vm,value\n"), "expected a column 'resource' among them"),
        (rows("1,web,cpus,1"), "found measured use of 'cpus', expected a resource that at least"),
        (rows("1,web,cpus,1"), "did you mean 'cpu'?"),
        (answer(line({"vm": "web"}, "1")), "name the resource (--resource)"),
        (answer(line({"vm": "web", "resource": "cpu"}, "+Inf")), ".values[0]: found '+Inf'"),
        (answer({"metric": {"vm": "web"}}), "$.data.result[0]: found neither value nor values"),
        (
            answer({"metric": {"vm": "web", "resource": "cpu"}, "values": [[1, 2]]}),
            "values[0]: found a list",
        ),
        (answer(7), "$.data.result[0]: found 7"),  # type: ignore[arg-type]
        (text('{"status": "error", "error": "bad query"}'), "an error of Prometheus: 'bad query'"),
        (text('{"data": {"resultType": "scalar"}}'), "no answer of Prometheus with a matrix"),
        (text('{"status": "success"'), "was it cut off?"),
    ],
)
def test_what_is_wrong_with_a_source_is_told_with_its_place(source: Source, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        imported(source)
    assert message in str(error.value)


def test_one_sample_in_two_files_is_refused() -> None:
    other = rows("1,web,cpu,1")
    twice = Source(path="v.csv", content=other.content)
    with pytest.raises(InvalidInput, match=r"v\.csv: .* again, expected each time once; u\.csv"):
        imported(other, twice)


@pytest.mark.parametrize("percentile", ["0", "100.1", "-1"])
def test_a_percentile_lies_above_0_and_up_to_100(percentile: str) -> None:
    with pytest.raises(InvalidInput, match="above 0, at most 100"):
        imported(rows("1,web,cpu,1"), percentile=percentile)


def test_the_example_is_read() -> None:
    content = Path(QEMU, "usage.csv").read_bytes()
    cluster = Cluster(
        servers=CLUSTER.servers,
        vms=tuple(VM(name=name, server="s") for name in ("web1", "db1")),
    )
    made = import_usage(cluster, [Source(path="usage.csv", content=content)])
    assert demands(made) == {
        "web1": {"cpu": Decimal("2.5"), "memory": 2**30},
        "db1": {"cpu": Decimal("3.5")},
    }
