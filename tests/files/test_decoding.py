"""Whatever is done to a good file, it is read or refused; nothing else ever happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.errors import InvalidInput, Problem
from spareplace.files import cluster_text, plan_text, read_cluster, read_plan

from .bad_input import GOOD_CLUSTER, GOOD_PLAN

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**54),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["s1", "web", "40GB", "1.5B", "\ud800", "9" * 40 + "EB", "optimal"]),
    st.sampled_from(["[]", "{}", "[[]]", '{"name":"s1"}']).map(json.loads),
)


class Twice(dict[str, object]):
    """An object that is written with its first key repeated."""

    def items(self) -> list[tuple[str, object]]:  # type: ignore[override]
        pairs = list(super().items())
        return [*pairs, pairs[0]] if pairs else pairs


def containers(node: object) -> Iterator[list[object] | dict[str, object]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from containers(value)
    elif isinstance(node, list):
        yield node
        for value in node:
            yield from containers(value)


@st.composite
def damaged(draw: st.DrawFn, good: str) -> str:
    """Delete, replace, add, rename or repeat some of a document, up to three times."""
    document = json.loads(good)
    for _ in range(draw(st.integers(1, 3))):
        places = [node for node in containers(document) if node]
        place = draw(st.sampled_from(places)) if places else document
        if isinstance(place, list) and place:
            damage_list(draw, place)
        elif isinstance(place, dict) and place:
            damage_object(draw, place)
    if draw(st.booleans()):
        document = Twice(document)
    return json.dumps(document)


def damage_list(draw: st.DrawFn, place: list[object]) -> None:
    position = draw(st.integers(0, len(place) - 1))
    match draw(st.sampled_from(["delete", "replace", "repeat"])):
        case "delete":
            del place[position]
        case "replace":
            place[position] = draw(ODD)
        case _:
            place.append(place[position])


def damage_object(draw: st.DrawFn, place: dict[str, object]) -> None:
    key = draw(st.sampled_from(sorted(place)))
    match draw(st.sampled_from(["delete", "replace", "rename", "add", "repeat"])):
        case "delete":
            del place[key]
        case "replace":
            place[key] = draw(ODD)
        case "rename":
            place[draw(st.text(max_size=3))] = place.pop(key)
        case "add":
            place[draw(st.sampled_from(["zone", "diff", "from", "weight", "x"]))] = draw(ODD)
        case _:
            if isinstance(value := place[key], dict):
                place[key] = Twice(value)


@st.composite
def garbled(draw: st.DrawFn, good: str) -> bytes:
    """Replace a few bytes of a file by others."""
    text = good.encode()
    start = draw(st.integers(0, len(text)))
    stop = min(len(text), start + draw(st.integers(0, 8)))
    filler = draw(st.binary(max_size=4) | st.sampled_from([b'"', b"[", b"}", b"1e", b"-", b"NaN"]))
    return text[:start] + filler + text[stop:]


def holds(read: Callable[[bytes | str], str], text: bytes | str) -> None:
    """Read the file, or see that what is said of it can be shown anywhere."""
    problems: Sequence[Problem] = ()
    try:
        written = read(text)
    except InvalidInput as error:
        problems = error.problems
    else:
        assert read(written) == written
        return
    lines = [str(problem) for problem in problems]
    assert lines
    assert len(set(lines)) == len(lines)
    assert all(line.startswith("$") and line.isprintable() for line in lines)


def cluster_again(text: bytes | str) -> str:
    return cluster_text(read_cluster(text))


def plan_again(text: bytes | str) -> str:
    return plan_text(read_plan(text))


@settings(max_examples=600, deadline=None)
@given(damaged(GOOD_CLUSTER))
def test_a_damaged_cluster_is_read_or_refused(text: str) -> None:
    holds(cluster_again, text)


@settings(max_examples=400, deadline=None)
@given(damaged(GOOD_PLAN))
def test_a_damaged_plan_is_read_or_refused(text: str) -> None:
    holds(plan_again, text)


@settings(max_examples=300, deadline=None)
@given(garbled(GOOD_CLUSTER))
def test_a_garbled_cluster_is_read_or_refused(text: bytes) -> None:
    holds(cluster_again, text)


@settings(max_examples=300, deadline=None)
@given(garbled(GOOD_PLAN))
def test_a_garbled_plan_is_read_or_refused(text: bytes) -> None:
    holds(plan_again, text)
