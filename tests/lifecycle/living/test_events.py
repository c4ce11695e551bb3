"""Lines that tell what happened: what they may say, and how they are refused."""

from __future__ import annotations

import json

import pytest

from spareplace.errors import InvalidInput
from spareplace.lifecycle.living.events import ClusterEvent, read_event
from spareplace.lifecycle.registering.registration import Registration
from spareplace.parts import VM, Diff


def test_servers_that_failed_are_named() -> None:
    event = read_event('{"event": "failed", "servers": ["a", "b"]}')
    assert (event.kind, event.servers) == ("failed", ("a", "b"))


def test_a_registration_is_told_as_in_its_file() -> None:
    event = read_event(
        '{"event": "register", "diffs": [{"name": "d", "size": "5GB"}], '
        '"vms": [{"name": "v", "server": "a", "diff": "d"}], "leaving_vms": ["w"]}'
    )
    assert event.registration == Registration(
        diffs=(Diff(name="d", size=5 * 10**9),),
        vms=(VM(name="v", server="a", diff="d"),),
        leaving_vms=("w",),
    )


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("", "$"),
        ("no JSON", "$"),
        ("[]", "$"),
        ("[" * 100_000, "$"),
        ("{}", "$.event"),
        ('{"event": "fialed", "servers": ["a"]}', "$.event"),
        ('{"event": null}', "$.event"),
        ('{"event": "failed"}', "$.servers"),
        ('{"event": "failed", "servers": []}', "$.servers"),
        ('{"event": "failed", "servers": "a"}', "$.servers"),
        ('{"event": "failed", "servers": [["a"]]}', "$.servers[0]"),
        ('{"event": "drain", "servers": ["a", "b"]}', "$.servers"),
        ('{"event": "tick", "servers": ["a"]}', "$.servers"),
        ('{"event": "tick", "leaving_vms": ["v"]}', "$.leaving_vms"),
        ('{"event": "replan", "soon": true}', "$.soon"),
        ('{"event": "tick", "event": "tick"}', "$.event"),
        ('{"event": "tick", "line": "tick"}', "$.line"),
        ('{"event": "register", "vms": [{"name": "v"}]}', "$.vms[0].server"),
        (
            '{"event": "register", "leaving_vms": ["v"], "vms": [{"name": "v", "server": "a"}]}',
            "$.leaving_vms[0]",
        ),
    ],
)
def test_a_line_that_is_no_event_is_refused_with_the_path(line: str, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_event(line)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_all_that_is_wrong_is_told_at_once_with_what_is_nearly_right() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_event('{"event": "fialed", "server": ["a"]}')
    assert [problem.hint for problem in caught.value.problems] == [
        "did you mean 'failed'?",
        "did you mean 'servers'?",
    ]


def test_an_event_of_python_is_checked_as_well() -> None:
    with pytest.raises(InvalidInput, match="servers: found 2 names, expected one name"):
        ClusterEvent(line="", kind="drain", servers=("a", "b"))


def test_of_a_long_line_only_the_beginning_is_shown() -> None:
    event = read_event(json.dumps({"event": "failed", "servers": ["s" * 500]}))
    assert len(str(event)) == 203
