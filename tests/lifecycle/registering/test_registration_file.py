from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import schema_of, shaped_text
from spareplace.files.decoding import read_shaped
from spareplace.lifecycle.registering import NewTarget, Registered
from spareplace.lifecycle.registering.registration_file import (
    REGISTERED,
    REGISTERED_FORMAT,
    REGISTRATION,
    REGISTRATION_FORMAT,
    read_registration,
    registered_text,
)
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent
from spareplace.testing import clusters

from .coming_and_going import registrations


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_registration_is_read_as_it_was_written(data: st.DataObject) -> None:
    cluster = data.draw(clusters())
    news = data.draw(registrations(cluster))
    document = {
        "format": REGISTRATION_FORMAT,
        "diffs": [
            {"name": one.name, "size": one.size, **({"parent": one.parent} if one.parent else {})}
            for one in news.diffs
        ],
        "vms": [
            {
                "name": vm.name,
                "server": vm.server,
                **({"diff": vm.diff} if vm.diff else {}),
                "disk": vm.disk,
                "demand": {key: float(amount) for key, amount in vm.demand.items()},
                "groups": list(vm.groups),
                **({"allowed_servers": list(vm.allowed_servers)} if vm.allowed_servers else {}),
                "priority": vm.priority,
                "protect": vm.protect,
            }
            for vm in news.vms
        ],
        "leaving_vms": list(news.leaving_vms),
        "leaving_diffs": list(news.leaving_diffs),
    }
    jsonschema.validate(document, schema_of("registration", REGISTRATION))
    assert read_registration(json.dumps(document)) == news


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"format": "spareplace/registration/1", "vms": [{"name": "x"}]}', "$.vms[0].server"),
        ('{"format": "spareplace/registration/1", "vm": []}', "$.vm"),
        ('{"format": "spareplace/cluster/1"}', "$.format"),
        (
            '{"format": "spareplace/registration/1", "diffs": [{"name": "x", "size": 1}, '
            '{"name": "x", "size": 1}]}',
            "$.diffs[1].name",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_path(text: str, path: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_registration(text, "news.json")
    assert [problem.path for problem in told.value.problems] == [path]
    assert told.value.source == "news.json"


def test_what_was_done_is_read_as_it_was_written() -> None:
    done = Registered(
        added=(Extent(diff="d", server="s", start=0, stop=5),),
        removed=(),
        rebuilds=(
            NewTarget(failure="f", vm="v", server="s", before=None),
            NewTarget(failure="f", vm="w", server="s", before="t"),
        ),
        expected_transfer_bytes_before=0.5,
        expected_transfer_bytes_after=0.0,
        seconds=0.001,
    )
    text = registered_text(done)
    assert read_shaped(REGISTERED, REGISTERED_FORMAT, text) == done
    assert text == shaped_text(REGISTERED, REGISTERED_FORMAT, done)
    jsonschema.validate(json.loads(text), schema_of("registered", REGISTERED))


CLUSTER = Cluster(
    servers=(Server(name="alpha", disk=100, capacity={"cpu": 1}), Server(name="beta", disk=100)),
    diffs=(Diff(name="base", size=40), Diff(name="top", size=1, parent="base")),
    vms=(VM(name="web", server="alpha", diff="top"),),
)


def problems_of(**parts: object) -> list[tuple[str, str]]:
    document = {"format": REGISTRATION_FORMAT, **parts}
    with pytest.raises(InvalidInput) as told:
        read_registration(json.dumps(document), "news.json", CLUSTER)
    assert told.value.source == "news.json"
    return [(problem.path, problem.hint) for problem in told.value.problems]


def test_wrong_values_and_unknown_names_are_told_in_one_go() -> None:
    told = problems_of(
        diffs=[
            {"name": "new", "size": -1, "parent": "bace"},
            {"name": "newer", "size": 1, "parent": "new"},
            {"name": "top", "size": 2, "parent": "base"},
        ],
        vms=[
            {"name": "db", "server": "alpa", "diff": "newer", "disk": None},
            {"name": "app", "server": "beta", "diff": "tpo", "demand": {"cpus": "x"}},
            {"name": "job", "server": "beta", "diff": "base", "prio": 1},
        ],
        leaving_vms=["wep"],
        leaving_diffs=["base", "nothing"],
    )
    assert [path for path, _ in told] == [
        "$.diffs[0].size", "$.vms[0].disk", "$.vms[1].demand.cpus", "$.vms[2].prio",
        "$.diffs[0].parent", "$.vms[0].server", "$.vms[1].diff",
        "$.diffs[2]", "$.leaving_vms[0]", "$.leaving_diffs[1]", "$.leaving_diffs[0]",
    ]  # fmt: skip
    assert dict(told)["$.vms[0].server"] == "did you mean 'alpha'?"


def test_a_vm_that_comes_in_a_wrong_state_still_replaces_the_one_there_is() -> None:
    """So top is needed by nothing any more, and may leave."""
    told = problems_of(vms=[{"name": "web", "server": "beta", "disk": True}], leaving_diffs=["top"])
    assert [path for path, _ in told] == ["$.vms[0].disk"]


def test_a_name_that_comes_twice_hides_no_unknown_one() -> None:
    twice = {"name": "db", "server": "gamma"}
    told = problems_of(vms=[twice, twice], leaving_vms=["db"])
    assert [path for path, _ in told] == [
        "$.vms[1].name", "$.leaving_vms[0]", "$.vms[0].server", "$.vms[1].server",
    ]  # fmt: skip


@pytest.mark.parametrize("parts", [{"diffs": 1}, {"vms": {}}, {"leaving_vms": 0}, {"vms": [3]}])
def test_what_cannot_be_read_at_all_is_told_once(parts: dict[str, object]) -> None:
    (key,) = parts
    ((path, _),) = problems_of(**parts)
    assert path.startswith(f"$.{key}")


def test_a_registration_without_shape_errors_is_held_against_the_cluster_at_once() -> None:
    assert [path for path, _ in problems_of(leaving_vms=["db", "app"])] == [
        "$.leaving_vms[0]", "$.leaving_vms[1]",
    ]  # fmt: skip
    document = {"format": REGISTRATION_FORMAT, "leaving_vms": ["web"]}
    assert read_registration(json.dumps(document), "", CLUSTER).leaving_vms == ("web",)
