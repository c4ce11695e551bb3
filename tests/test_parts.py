"""The parts of a cluster check themselves, once, when they are made."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from typing import TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import InvalidInput
from spareplace.parts import VM, Diff, Failure, Server

Part: TypeAlias = Server | Diff | VM | Failure

SERVER = Server(name="s1", disk=100)
DIFF = Diff(name="base", size=40)
MACHINE = VM(name="web", server="s1")
FAILURE = Failure(name="rack", servers=("s1",))

A_NAME = "a name: text that is not empty"
WHOLE_BYTES = "whole bytes from 0 to 2^53"
A_FLAG = "true or false"
AN_AMOUNT = "a number from 0 to 2^53"

BAD_NAMES: list[object] = ["", 7, None, b"s1", ("s1",), True]
BAD_BYTES: list[object] = [-1, 2**53 + 1, 1.0, "40GB", None, True, Decimal(1), float("nan")]
BAD_AMOUNTS: list[object] = [-1, -0.5, 2**53 + 1, float("inf"), float("nan"), "2", None, True, []]
BAD_FLAGS: list[object] = [0, 1, "yes", None]

Refused: TypeAlias = tuple[Part, str, Sequence[object], str, str]
"""A part, a field, bad values for it, the path that is named, and what was expected there."""

FIELDS: list[Refused] = [
    (SERVER, "name", BAD_NAMES, "name", A_NAME),
    (DIFF, "name", BAD_NAMES, "name", A_NAME),
    (MACHINE, "name", BAD_NAMES, "name", A_NAME),
    (FAILURE, "name", BAD_NAMES, "name", A_NAME),
    (MACHINE, "server", BAD_NAMES, "server", A_NAME),
    (SERVER, "zone", BAD_NAMES[:2], "zone", A_NAME),
    (DIFF, "parent", BAD_NAMES[:2], "parent", A_NAME),
    (MACHINE, "diff", BAD_NAMES[:2], "diff", A_NAME),
    (SERVER, "disk", BAD_BYTES, "disk", WHOLE_BYTES),
    (DIFF, "size", BAD_BYTES, "size", WHOLE_BYTES),
    (MACHINE, "disk", BAD_BYTES, "disk", WHOLE_BYTES),
    (SERVER, "net_in", BAD_BYTES[:4], "net_in", WHOLE_BYTES),
    (SERVER, "net_out", BAD_BYTES[:4], "net_out", WHOLE_BYTES),
    (SERVER, "accept_extents", BAD_FLAGS, "accept_extents", A_FLAG),
    (SERVER, "accept_rebuilds", BAD_FLAGS, "accept_rebuilds", A_FLAG),
    (MACHINE, "protect", BAD_FLAGS, "protect", A_FLAG),
    (MACHINE, "priority", [1.0, "1", None, True, 2**53 + 1, -(2**53) - 1], "priority", "integer"),
    (FAILURE, "weight", [-1, -0.1, float("inf"), float("nan"), "1", True, []], "weight", "from 0"),
    (MACHINE, "allowed_servers", [[]], "allowed_servers", "at least one name"),
    (FAILURE, "servers", [[]], "servers", "at least one name"),
]

LISTS: list[tuple[Part, str]] = [
    (SERVER, "resident"),
    (MACHINE, "groups"),
    (MACHINE, "allowed_servers"),
    (FAILURE, "servers"),
]

MAPPINGS: list[tuple[Part, str]] = [(SERVER, "capacity"), (MACHINE, "demand")]


def refused() -> Iterator[Refused]:
    yield from FIELDS
    for part, field in LISTS:
        yield part, field, ["base", 7], field, "a list of names"
        yield part, field, [["a", bad] for bad in BAD_NAMES], f"{field}[1]", A_NAME
        yield part, field, [["a", "b", "a"]], f"{field}[2]", "each name once"
    for part, field in MAPPINGS:
        yield part, field, ["cpu", None, [("cpu", 1)]], field, "a mapping from resources"
        yield part, field, [{"": 1}, {7: 1}], f"{field} key", A_NAME
        yield part, field, [{"cpu": bad} for bad in BAD_AMOUNTS], f"{field}.cpu", AN_AMOUNT


def made(part: Part, **changes: object) -> Part:
    """Replace fields by values of any type, as a caller without a type checker may."""
    fields = {key: getattr(part, key) for key in part.__slots__}
    return type(part)(**{**fields, **changes})


@pytest.mark.parametrize(
    ("part", "field", "value", "path", "expected"),
    [
        pytest.param(part, field, value, path, expected, id=f"{part.name}-{field}-{position}")
        for part, field, values, path, expected in refused()
        for position, value in enumerate(values)
    ],
)
def test_a_bad_field_is_refused_with_where_it_is_and_what_was_expected(
    part: Part, field: str, value: object, path: str, expected: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        made(part, **{field: value})
    (problem,) = raised.value.problems
    assert problem.path == path
    assert expected in problem.expected


def test_the_source_of_a_refusal_is_the_part_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"^server 's1': disk: found -1, expected whole bytes"):
        Server(name="s1", disk=-1)
    with pytest.raises(InvalidInput, match=r"^failure '': name: found '', expected a name"):
        Failure(name="", servers=("a",))


def test_every_bad_field_of_a_part_is_listed() -> None:
    with pytest.raises(InvalidInput) as raised:
        Server(name="", disk=-1, capacity={"cpu": -1, "memory": 1}, zone="", net_in=-1, net_out=-1)
    paths = [problem.path for problem in raised.value.problems]
    assert paths == ["name", "disk", "capacity.cpu", "zone", "net_in", "net_out"]


def test_a_long_value_is_shown_in_part() -> None:
    with pytest.raises(InvalidInput) as raised:
        made(SERVER, disk="x" * 10**6)
    assert len(str(raised.value)) < 300


def test_a_number_too_long_to_be_written_is_refused_like_any_other() -> None:
    for part, field in ((SERVER, "disk"), (DIFF, "size"), (MACHINE, "priority")):
        with pytest.raises(InvalidInput):
            made(part, **{field: 10**5000})
    with pytest.raises(InvalidInput):
        Server(name="s1", disk=1, capacity={"cpu": 10**5000})
    with pytest.raises(InvalidInput):
        Failure(name="f", servers=("a",), weight=10**5000)


@pytest.mark.parametrize("name", ["\ud800", "s\udfff1"])
def test_a_name_that_no_file_can_hold_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="a name of valid Unicode text"):
        Server(name=name, disk=1)


@pytest.mark.parametrize("name", ["rack 1", " ", "é", "東京", "\U0001f5a5", "$.servers[0]", "a\nb"])
def test_a_name_may_be_any_other_text(name: str) -> None:
    assert Server(name=name, disk=1, zone=name, resident=(name,)).name == name


def test_a_server_by_default_has_no_resources_and_accepts_everything() -> None:
    assert (SERVER.capacity, SERVER.zone, SERVER.resident) == ({}, None, ())
    assert SERVER.accept_extents
    assert SERVER.accept_rebuilds
    assert (SERVER.net_in, SERVER.net_out) == (None, None)


def test_a_vm_by_default_needs_nothing_and_is_protected() -> None:
    assert (MACHINE.diff, MACHINE.disk, MACHINE.demand) == (None, 0, {})
    assert (MACHINE.groups, MACHINE.allowed_servers) == ((), None)
    assert (MACHINE.priority, MACHINE.protect) == (0, True)


def test_nothing_is_a_size_and_so_is_the_most_that_json_keeps() -> None:
    assert Diff(name="empty", size=0).size == 0
    assert Server(name="s", disk=2**53, net_in=0).disk == 2**53


def test_amounts_are_kept_as_the_decimals_that_they_are_written_as() -> None:
    server = Server(name="s", disk=1, capacity={"cpu": 0.3, "memory": 2, "io": Decimal("1.50")})
    assert server.capacity == {"cpu": Decimal("0.3"), "memory": 2, "io": Decimal("1.5")}
    assert all(type(amount) is Decimal for amount in server.capacity.values())


def test_an_amount_of_nothing_is_kept() -> None:
    assert VM(name="v", server="s", demand={"cpu": 0}).demand == {"cpu": 0}


def test_parts_with_equal_values_are_equal_and_have_one_hash() -> None:
    one = Server(name="s", disk=1, capacity={"cpu": 2, "memory": 0.5}, resident=("a",))
    other = Server(
        name="s",
        disk=1,
        capacity={"memory": Decimal("0.50"), "cpu": 2.0},
        resident=cast("tuple[str, ...]", ["a"]),
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one != replace(other, capacity={"cpu": 2})


def test_lists_become_tuples() -> None:
    names = cast("tuple[str, ...]", ["a", "b"])
    assert Server(name="s", disk=1, resident=names).resident == ("a", "b")
    vm = VM(name="v", server="s", groups=names, allowed_servers=names)
    assert (vm.groups, vm.allowed_servers) == (("a", "b"), ("a", "b"))
    assert Failure(name="f", servers=names).servers == ("a", "b")


def test_what_was_given_may_be_changed_afterwards() -> None:
    capacity: dict[str, int] = {"cpu": 1}
    server = Server(name="s", disk=1, capacity=capacity)
    capacity["cpu"] = 2
    assert server.capacity == {"cpu": 1}


@pytest.mark.parametrize("part", [SERVER, DIFF, MACHINE, FAILURE])
def test_a_part_cannot_be_changed(part: Part) -> None:
    with pytest.raises(FrozenInstanceError):
        part.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "part",
    [
        Server(name="s1", disk=100, capacity={"cpu": 0.5}, zone="r", resident=("base",), net_in=1),
        DIFF,
        VM(name="web", server="s1", demand={"cpu": 1}, groups=("g",), allowed_servers=("s2",)),
        Failure(name="rack", servers=("s1",), weight=0.5),
    ],
)
def test_a_part_can_be_sent_to_another_process(part: Part) -> None:
    assert pickle.loads(pickle.dumps(part)) == part


@pytest.mark.parametrize("weight", [0, 1, 0.1, 12.5, 2**53, Decimal("0.25")])
def test_a_weight_is_any_number_from_0(weight: float) -> None:
    kept = Failure(name="f", servers=("a",), weight=weight).weight
    assert type(kept) is float
    assert kept == float(weight)


@given(st.floats(0, 1))
def test_a_weight_may_be_any_probability_however_small(weight: float) -> None:
    assert Failure(name="f", servers=("a",), weight=weight).weight == weight


def test_the_product_of_two_small_probabilities_is_a_weight() -> None:
    both = 1.3e-8 * 1.3e-8  # two independent failures; as text 1.6899999999999998e-16
    assert Failure(name="a + b", servers=("a", "b"), weight=both).weight == both


def test_a_failure_without_a_weight_gets_it_from_its_cluster() -> None:
    assert FAILURE.weight is None
