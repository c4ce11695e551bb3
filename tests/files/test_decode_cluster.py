from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path

import pytest

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import load_cluster, read_cluster
from spareplace.parts import VM, Diff, Failure, Server

from .bad_input import BAD_CLUSTERS, GOOD_CLUSTER, Bad

ONE_SERVER = '{"format": "spareplace/cluster/1", "servers": [{"name": "a", "disk": 1}]'


def refused_paths(text: bytes | str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_cluster(text)
    return [problem.path for problem in caught.value.problems]


def test_a_file_is_read_field_by_field() -> None:
    assert read_cluster(GOOD_CLUSTER) == Cluster(
        servers=(
            Server(
                name="s1",
                disk=2 * 10**12,
                capacity={"cpu": 32, "memory": 128 * 2**30},
                zone="r1",
                resident=("base",),
            ),
            Server(name="s2", disk=2000, capacity={"cpu": Decimal("0.5")}, accept_rebuilds=False),
            Server(name="s3", disk=3000, net_in=10**9, net_out=125_000_000),
            Server(name="s4", disk=1),
        ),
        diffs=(Diff(name="base", size=40 * 10**9), Diff(name="web", size=500, parent="base")),
        vms=(
            VM(
                name="vm1",
                server="s1",
                diff="web",
                disk=4000,
                demand={"cpu": 2, "memory": 4 * 2**30},
                groups=("front",),
                allowed_servers=("s1", "s2"),
                priority=5,
            ),
            VM(name="vm2", server="s2"),
        ),
        failures=(
            Failure(name="rack", servers=("s1", "s3"), weight=0.01),
            Failure(name="one", servers=("s2",), weight=0.5),
        ),
    )


def test_the_example_of_the_paper_is_read() -> None:
    cluster = load_cluster(Path(__file__).parents[2] / "examples" / "paper.json")
    assert len(cluster.servers) == 4
    assert len(cluster.vms) == 10
    assert sum(diff.size for diff in cluster.diffs if diff.parent is None) == 80 * 10**9


def test_without_failures_each_server_fails_alone_and_an_empty_list_means_none() -> None:
    assert [it.servers for it in read_cluster(ONE_SERVER + "}").failures] == [("a",)]
    assert read_cluster(ONE_SERVER + ', "failures": []}').failures == ()


@pytest.mark.parametrize("bad", BAD_CLUSTERS, ids=str)
def test_each_kind_of_bad_input_is_refused_where_it_stands(bad: Bad) -> None:
    assert refused_paths(bad.put_into(GOOD_CLUSTER)) == [bad.path]


HIDDEN = {  # the first takes away what makes the second wrong
    ("null for an optional name", "a cycle"),
    ("an unknown parent", "a cycle"),
    ("a diff on itself", "a cycle"),
    ("a list for an object", "an unknown resource"),
}


def test_any_two_kinds_of_bad_input_are_both_told() -> None:
    tried = 0
    for one, other in itertools.combinations(BAD_CLUSTERS, 2):
        apart = one.old not in other.old and other.old not in one.old and one.path != other.path
        text = one.put_into(GOOD_CLUSTER)
        if apart and text.count(other.old) == 1 and (one.kind, other.kind) not in HIDDEN:
            assert sorted(refused_paths(other.put_into(text))) == sorted([one.path, other.path])
            tried += 1
    assert tried > 1500


def test_ten_problems_of_one_file_are_all_told_in_one_go() -> None:
    text = """{"format": "spareplace/cluster/1", "sevrers": 1,
      "servers": [{"name": "a", "disk": -1, "zone": null}, {"name": "a", "disk": "1 GiB"}],
      "diffs": [{"name": "d", "size": true, "parent": "e"}],
      "vms": [{"name": "v", "server": "b", "diff": "c", "demand": {"gpu": 1}, "protect": 0}, 7],
      "failures": [{"name": "", "servers": ["q"], "weight": NaN}]}"""
    assert sorted(refused_paths(text)) == [
        "$.diffs[0].parent",
        "$.diffs[0].size",
        "$.failures[0].name",
        "$.failures[0].servers[0]",
        "$.failures[0].weight",
        "$.servers[0].disk",
        "$.servers[0].zone",
        "$.servers[1].name",
        "$.sevrers",
        "$.vms[0].demand.gpu",
        "$.vms[0].diff",
        "$.vms[0].protect",
        "$.vms[0].server",
        "$.vms[1]",
    ]


def test_a_message_has_the_source_the_value_and_a_suggestion() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_cluster(ONE_SERVER + ', "vsm": [], "vms": [{"name": "v", "server": "A"}]}', "c.json")
    assert str(caught.value).splitlines() == [
        "c.json: $.vsm: found an unknown key, expected one of format, servers, diffs, vms, "
        "failures; did you mean 'vms'?",
        "c.json: $.vms[0].server: found 'A', expected the name of a server",
    ]


@pytest.mark.parametrize("text", ["[]", "null", "1", '"a"', "true"])
def test_a_file_that_is_no_object_is_refused(text: str) -> None:
    assert refused_paths(text) == ["$"]


def test_an_empty_object_lacks_format_and_servers() -> None:
    assert refused_paths("{}") == ["$.format", "$.servers"]


def test_no_server_at_all_is_refused() -> None:
    assert refused_paths('{"format": "spareplace/cluster/1", "servers": []}') == ["$.servers"]


def test_a_plan_is_not_a_cluster_and_nothing_else_is_said() -> None:
    with pytest.raises(InvalidInput, match="this is a plan") as caught:
        read_cluster('{"format": "spareplace/plan/1", "stored": []}')
    assert [problem.path for problem in caught.value.problems] == ["$.format"]


@pytest.mark.parametrize("servers", ["null", '{"a": {"disk": 1}}', "7"])
def test_references_into_a_list_that_cannot_be_read_are_no_second_problem(servers: str) -> None:
    text = f"""{{"format": "spareplace/cluster/1", "servers": {servers}, "diffs": {{}},
      "vms": [{{"name": "v", "server": "a", "diff": "d", "allowed_servers": ["b"],
        "demand": {{"cpu": 1}}}}],
      "failures": [{{"name": "f", "servers": ["c"]}}, {{"name": "f", "servers": ["c"]}}]}}"""
    assert refused_paths(text) == ["$.servers", "$.diffs", "$.failures[1].name"]


def test_servers_twice_do_not_make_failures_twice_that_the_file_does_not_list() -> None:
    text = """{"format": "spareplace/cluster/1",
      "servers": [{"name": "a", "disk": 1}, {"name": "a", "disk": 1}]}"""
    assert refused_paths(text) == ["$.servers[1].name"]


def test_a_cycle_of_10_000_diffs_is_one_problem() -> None:
    diffs = [
        f'{{"name": "d{i}", "size": 1, "parent": "d{(i + 1) % 10_000}"}}' for i in range(10_000)
    ]
    text = f'{ONE_SERVER}, "diffs": [{",".join(diffs)}]}}'
    with pytest.raises(InvalidInput, match="a cycle of 10000 diffs") as caught:
        read_cluster(text)
    assert len(str(caught.value)) < 300


def test_a_chain_of_10_000_diffs_is_read() -> None:
    diffs = [f'{{"name": "d{i}", "size": 1, "parent": "d{i - 1}"}}' for i in range(1, 10_000)]
    text = f'{ONE_SERVER}, "diffs": [{{"name": "d0", "size": 1}},{",".join(diffs)}]}}'
    assert len(read_cluster(text).diffs) == 10_000


def test_too_many_problems_end_the_reading() -> None:
    text = f'{ONE_SERVER}, "vms": [{"0," * 150_000}0]}}'
    with pytest.raises(InvalidInput) as caught:
        read_cluster(text)
    assert "read no further" in str(caught.value).splitlines()[0]
    assert len(caught.value.problems) == 100_001


def test_names_that_no_terminal_can_show_are_escaped_in_messages() -> None:
    text = ONE_SERVER + ', "vms": [{"name": "v", "server": "a", "demand": {"\\n\\u001b[31m": 1}}]}'
    with pytest.raises(InvalidInput) as caught:
        read_cluster(text)
    assert str(caught.value).isprintable()
