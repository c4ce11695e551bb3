from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
