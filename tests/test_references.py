"""Whether the parts of a cluster fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import Problem
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.references import Found, cross_check, nearly


def problems_of(
    servers: Sequence[Server] = (Server(name="s1", disk=1, capacity={"cpu": 1}),),
    diffs: Sequence[Diff] = (),
    vms: Sequence[VM] = (),
    failures: Sequence[Failure] = (),
) -> list[Problem]:
    return cross_check(
        Found.at("servers", servers),
        Found.at("diffs", diffs),
        Found.at("vms", vms),
        Found.at("failures", failures),
    )


def found(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    return [(problem.path, problem.found) for problem in problems]


def test_parts_that_fit_together_have_no_problem() -> None:
    assert not problems_of(
        servers=[Server(name="s1", disk=1, capacity={"cpu": 1}, resident=("base",))],
        diffs=[Diff(name="top", size=1, parent="base"), Diff(name="base", size=1)],
        vms=[VM(name="v", server="s1", diff="top", demand={"cpu": 1}, allowed_servers=("s1",))],
        failures=[Failure(name="f", servers=("s1",))],
    )


def test_a_cluster_needs_a_server() -> None:
    (problem,) = problems_of(servers=[])
    assert str(problem) == "$.servers: found no server, expected at least one"


def test_one_name_may_be_used_for_parts_of_different_kinds() -> None:
    assert not problems_of(
        servers=[Server(name="x", disk=1)],
        diffs=[Diff(name="x", size=1)],
        vms=[VM(name="x", server="x", diff="x", groups=("x",))],
        failures=[Failure(name="x", servers=("x",))],
    )


def test_a_name_used_again_is_refused_with_where_it_stands_first() -> None:
    problems = problems_of(
        servers=[Server(name="s", disk=1)] * 3,
        diffs=[Diff(name="d", size=1), Diff(name="e", size=1), Diff(name="d", size=2)],
        vms=[VM(name="v", server="s")] * 2,
        failures=[Failure(name="f", servers=("s",))] * 2,
    )
    assert found(problems) == [
        ("$.servers[1].name", "'s' again"),
        ("$.servers[2].name", "'s' again"),
        ("$.diffs[2].name", "'d' again"),
        ("$.vms[1].name", "'v' again"),
        ("$.failures[1].name", "'f' again"),
    ]
    assert [problem.expected for problem in problems[::3]] == [
        "a name that no other server has",
        "a name that no other vm has",
    ]
    assert problems[1].hint == "it stands first at $.servers[0]"
    assert problems[2].hint == "it stands first at $.diffs[0]"


def test_every_reference_that_leads_nowhere_is_named_with_what_was_probably_meant() -> None:
    problems = problems_of(
        servers=[Server(name="server", disk=1, capacity={"cpu": 1}, resident=("base", "bsae"))],
        diffs=[Diff(name="base", size=1), Diff(name="top", size=1, parent="bas")],
        vms=[
            VM(
                name="v",
                server="servr",
                diff="topp",
                demand={"cpus": 1},
                allowed_servers=("server", "qqq"),
            )
        ],
        failures=[Failure(name="f", servers=("server", "servers"))],
    )
    assert [(problem.path, problem.found, problem.hint) for problem in problems] == [
        ("$.servers[0].resident[1]", "'bsae'", "did you mean 'base'?"),
        ("$.diffs[1].parent", "'bas'", "did you mean 'base'?"),
        ("$.vms[0].server", "'servr'", "did you mean 'server'?"),
        ("$.vms[0].diff", "'topp'", "did you mean 'top'?"),
        ("$.vms[0].allowed_servers[1]", "'qqq'", ""),
        ("$.vms[0].demand.cpus", "'cpus'", "did you mean 'cpu'?"),
        ("$.failures[0].servers[1]", "'servers'", "did you mean 'server'?"),
    ]
    assert {problem.expected for problem in problems} == {
        "the name of a diff",
        "the name of a server",
        "a resource that at least one server lists in its capacity",
    }


def test_a_diff_that_is_its_own_parent_is_a_cycle() -> None:
    (problem,) = problems_of(diffs=[Diff(name="d", size=1, parent="d")])
    assert problem.path == "$.diffs[0].parent"
    assert "'d'" in problem.found
    assert problem.expected == "a chain of parents that ends at a master"


def test_a_cycle_is_named_once_whatever_hangs_on_it() -> None:
    # tail -> b -> c -> b, and other -> tail
    problems = problems_of(
        diffs=[
            Diff(name="other", size=1, parent="tail"),
            Diff(name="tail", size=1, parent="b"),
            Diff(name="b", size=1, parent="c"),
            Diff(name="c", size=1, parent="b"),
        ]
    )
    assert found(problems) == [("$.diffs[2].parent", "a cycle of 2 diffs: 'b' -> 'c'")]


def test_a_cycle_is_named_at_its_first_diff_also_where_a_tail_enters_at_another() -> None:
    problems = problems_of(
        diffs=[
            Diff(name="tail", size=1, parent="c"),
            Diff(name="b", size=1, parent="c"),
            Diff(name="c", size=1, parent="b"),
        ]
    )
    assert found(problems) == [("$.diffs[1].parent", "a cycle of 2 diffs: 'b' -> 'c'")]


def test_a_long_cycle_is_shown_in_part() -> None:
    ring = [Diff(name=f"d{at}", size=1, parent=f"d{(at + 1) % 10_000}") for at in range(10_000)]
    (problem,) = problems_of(diffs=ring)
    assert problem.found == ("a cycle of 10000 diffs: 'd0' -> 'd1' -> 'd2' -> 'd3' -> 'd4' -> ...")


@given(st.lists(st.none() | st.integers(0, 9), max_size=10))
def test_as_many_cycles_are_named_as_a_graph_library_finds(parents: list[int | None]) -> None:
    known = [parent if parent is None or parent < len(parents) else None for parent in parents]
    problems = problems_of(
        diffs=[
            Diff(name=f"d{at}", size=1, parent=None if parent is None else f"d{parent}")
            for at, parent in enumerate(known)
        ]
    )
    graph = nx.DiGraph((at, parent) for at, parent in enumerate(known) if parent is not None)
    cycles = {f"$.diffs[{at}].parent": len(ring) for ring in nx.simple_cycles(graph) for at in ring}
    lengths = Counter(len(ring) for ring in nx.simple_cycles(graph))
    assert Counter(cycles[problem.path] for problem in problems) == lengths
    assert all(f"of {cycles[problem.path]} " in problem.found for problem in problems)


names = st.sampled_from(["a", "b", "c", "d"])
some = st.lists(names, unique=True, max_size=3).map(tuple)
amounts = st.dictionaries(names, st.just(1), max_size=2)


@given(
    servers=st.lists(st.tuples(names, some, amounts), max_size=4),
    vms=st.lists(st.tuples(names, names, amounts, some), max_size=4),
    failures=st.lists(st.tuples(names, some.filter(bool)), max_size=3),
    diffs=st.lists(names, max_size=4),
)
def test_every_problem_is_listed_and_nothing_else(
    servers: list[tuple[str, tuple[str, ...], dict[str, int]]],
    vms: list[tuple[str, str, dict[str, int], tuple[str, ...]]],
    failures: list[tuple[str, tuple[str, ...]]],
    diffs: list[str],
) -> None:
    problems = problems_of(
        servers=[
            Server(name=name, disk=1, resident=resident, capacity=capacity)
            for name, resident, capacity in servers
        ],
        diffs=[Diff(name=name, size=1) for name in diffs],
        vms=[
            VM(name=name, server=server, demand=demand, allowed_servers=allowed or None)
            for name, server, demand, allowed in vms
        ],
        failures=[Failure(name=name, servers=lost) for name, lost in failures],
    )
    hosts, listed = {row[0] for row in servers}, {key for row in servers for key in row[2]}
    expected = [] if servers else ["$.servers"]
    for key, rows in (
        ("servers", [row[0] for row in servers]),
        ("diffs", diffs),
        ("vms", [row[0] for row in vms]),
        ("failures", [row[0] for row in failures]),
    ):
        expected += [f"$.{key}[{at}].name" for at, name in enumerate(rows) if name in rows[:at]]
    for at, (_, resident, _) in enumerate(servers):
        unknown = [place for place, name in enumerate(resident) if name not in diffs]
        expected += [f"$.servers[{at}].resident[{place}]" for place in unknown]
    for at, (_, server, demand, allowed) in enumerate(vms):
        expected += [f"$.vms[{at}].server"] * (server not in hosts)
        unknown = [place for place, name in enumerate(allowed) if name not in hosts]
        expected += [f"$.vms[{at}].allowed_servers[{place}]" for place in unknown]
        expected += [f"$.vms[{at}].demand.{key}" for key in demand if key not in listed]
    for at, (_, lost) in enumerate(failures):
        unknown = [place for place, name in enumerate(lost) if name not in hosts]
        expected += [f"$.failures[{at}].servers[{place}]" for place in unknown]
    assert sorted(problem.path for problem in problems) == sorted(expected)


def test_a_part_that_was_refused_already_is_no_second_problem() -> None:
    vm = VM(name="v", server="bad", diff="broken", demand={"gpu": 1}, allowed_servers=("bad",))
    problems = cross_check(
        Found(
            kind="server",
            items=(("$.servers[1]", Server(name="s", disk=1)),),
            refused=frozenset({"bad"}),
        ),
        Found(kind="diff", items=(), refused=frozenset({"broken"})),
        Found.at("vms", [vm]),
        Found.at("failures", [Failure(name="f", servers=("bad",))]),
    )
    assert problems == []  # the server that was refused may be the one with a gpu


def test_a_cluster_of_refused_servers_is_not_also_called_empty() -> None:
    refused: Found[Server] = Found(kind="server", items=(), refused=frozenset({"bad"}))
    nothing: Found[Diff] = Found.at("diffs", [])
    assert not cross_check(refused, nothing, Found.at("vms", []), Found.at("failures", []))


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("web-1", ["web-2", "db"], "did you mean 'web-2'?"),
        ("completely different", ["web-2", "db"], ""),
        ("alpha", ["gamma"], ""),
        ("web", [], ""),
        ("", ["web"], ""),
    ],
)
def test_a_name_is_suggested_only_where_one_is_near(name: str, known: list[str], hint: str) -> None:
    assert nearly(name, dict.fromkeys(known, "")) == hint


def test_long_lists_and_long_names_are_not_searched() -> None:
    assert nearly("vm1", {f"vm{at}": "" for at in range(2001)}) == ""
    assert nearly("x" * 81, {"x" * 80: ""}) == ""
