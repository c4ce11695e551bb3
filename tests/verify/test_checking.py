"""The check as a whole: whom a plan is for, what is said, and every byte counted one by one."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace import verify
from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import OtherCluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Plan, Rebuild, Recovery
from spareplace.verify import check

from .plans import Breach, breaches, extent, filled, plan_of, recovery

CLUSTER = Cluster(
    servers=(Server(name="a", disk=100, capacity={"cpu": 4}), Server(name="b", disk=100)),
    diffs=(Diff(name="d", size=10),),
    vms=(VM(name="vm", server="a", diff="d", disk=95, demand={"cpu": 1.5}),),
    failures=(Failure(name="A", servers=("a",), weight=0.5),),
)
WRONG = plan_of(CLUSTER, [extent("d", "b", 0, 9)], [recovery("A", 0.5, 0, {"vm": "b"})], 0.5)


def test_a_plan_of_another_cluster_is_refused() -> None:
    other = replace(CLUSTER, diffs=(Diff(name="d", size=11),))
    with pytest.raises(OtherCluster) as caught:
        check(other, WRONG)
    assert caught.value.expected == fingerprint(other)
    assert caught.value.found == fingerprint(CLUSTER)


def test_every_broken_rule_is_named_and_the_order_is_always_the_same() -> None:
    found = breaches(CLUSTER, WRONG)
    assert [rule for rule, *_ in found] == ["survival", "resources", "disk", "figures"]
    assert breaches(CLUSTER, WRONG) == found


def test_a_violation_says_what_was_found_and_what_was_expected() -> None:
    assert [str(violation) for violation in check(CLUSTER, WRONG)] == [
        "survival in failure 'A': 'd': found 1 bytes of it on no surviving server, the first at 9, "
        "expected all of its bytes, which VM 'vm' needs",
        "resources in failure 'A' on server 'b': 'cpu': found a demand of 1.5, of which 1.5 by VMs "
        "rebuilt there, expected at most 0",
        "disk in failure 'A' on server 'b': 'disk': found 104 bytes: 0 running, 9 stored, "
        "95 rebuilt, expected at most 100",
        "figures in failure 'A': 'transfer_bytes': found 0, expected 1",
    ]


def test_a_long_list_of_vms_is_cut_short() -> None:
    vms = tuple(VM(name=f"v{n}", server="a", groups=("g",)) for n in range(7))
    cluster = replace(CLUSTER, vms=vms)
    plan = filled(cluster, (), {"A": {vm.name: "b" for vm in vms}})
    (violation,) = check(cluster, plan)
    assert "'v0', 'v1', 'v2', 'v3', 'v4' and 2 more" in str(violation)


def test_the_check_shares_nothing_with_what_makes_plans_but_values() -> None:
    shared = {
        "spareplace.cluster": {"Cluster"},
        "spareplace.parts": {"VM", "Diff", "Failure", "Server"},
        "spareplace.placement": {
            "DEFAULT_MAX_PIECES", "LEAST_PIECE", "Extent", "Plan", "Rebuild", "Recovery",
            "Transfer", "Unprotected",
        },
        "spareplace.errors": {"OtherCluster"},
        "spareplace.canonical": {"fingerprint"},
    }  # fmt: skip
    for path in Path(verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and not str(node.module).startswith(
                verify.__name__
            ):
                names = {alias.name for alias in node.names}
                ours = str(node.module).startswith("spareplace")
                assert not ours or names <= shared[str(node.module)], path.name
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("spareplace") for alias in node.names)


SERVERS = ("a", "b", "c")
SIZES = {"base": 6, "tip": 4, "lone": 3}
CHAINS = {None: [], "base": ["base"], "tip": ["tip", "base"], "lone": ["lone"]}


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    residents = st.lists(st.sampled_from(sorted(SIZES)), unique=True, max_size=1)
    lost = st.lists(st.sampled_from(SERVERS), unique=True, min_size=1).map(tuple)
    weights = st.sampled_from((0.0, 0.1, 0.5, 2.0))
    return Cluster(
        servers=tuple(
            Server(name=name, disk=draw(st.integers(0, 30)), resident=tuple(draw(residents)))
            for name in SERVERS
        ),
        diffs=(
            Diff(name="tip", size=SIZES["tip"], parent="base"),
            *(Diff(name=name, size=SIZES[name]) for name in ("base", "lone")),
        ),
        vms=tuple(
            VM(
                name=f"v{number}",
                server=draw(st.sampled_from(SERVERS)),
                diff=draw(st.sampled_from((None, *SIZES))),
                disk=draw(st.integers(0, 9)),
            )
            for number in range(draw(st.integers(0, 4)))
        ),
        failures=tuple(
            Failure(name=f"f{number}", servers=draw(lost), weight=draw(weights))
            for number in range(draw(st.integers(0, 2)))
        ),
    )


@st.composite
def plans(draw: st.DrawFn, cluster: Cluster) -> Plan:
    """Any rebuilds and extents, with figures that say 0."""
    stored = []
    for _ in range(draw(st.integers(0, 6))):
        diff = draw(st.sampled_from(sorted(SIZES)))
        start = draw(st.integers(0, SIZES[diff] - 1))
        stop = draw(st.integers(start + 1, SIZES[diff]))
        stored.append(extent(diff, draw(st.sampled_from(SERVERS)), start, stop))
    recovered = [
        Recovery(
            failure=failure.name,
            weight=failure.weight or 0.0,
            transfer_bytes=0,
            rebuilds=tuple(
                Rebuild(vm=vm.name, server=draw(st.sampled_from(SERVERS)))
                for vm in cluster.vms
                if vm.server in failure.servers
            ),
        )
        for failure in cluster.failures
    ]
    return plan_of(cluster, stored, recovered)


def bytes_held(cluster: Cluster, stored: tuple[Extent, ...], server: str) -> set[tuple[str, int]]:
    here = {
        (one.diff, at)
        for one in stored
        if one.server == server
        for at in range(one.start, one.stop)
    }
    resident = next(one.resident for one in cluster.servers if one.name == server)
    return here | {(diff, at) for diff in resident for at in range(SIZES[diff])}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bytes_counted_one_by_one_give_the_same_amounts(data: st.DataObject) -> None:
    cluster = data.draw(clusters())
    plan = data.draw(plans(cluster))
    held = {server: bytes_held(cluster, plan.stored, server) for server in SERVERS}
    expected: set[Breach] = set()
    for failure, recovered in zip(cluster.failures, plan.recoveries, strict=True):
        vms = {vm.name: vm for vm in cluster.vms}
        asked = {
            (one.server, diff, at)
            for one in recovered.rebuilds
            for diff in CHAINS[vms[one.vm].diff]
            for at in range(SIZES[diff])
        }
        alive = set().union(*(held[name] for name in SERVERS if name not in failure.servers))
        for diff in SIZES:
            lost = {at for _, name, at in asked if name == diff and (diff, at) not in alive}
            expected |= {("survival", failure.name, None, diff, len(lost))} if lost else set()
        moved = {one for one in asked if one[1:] not in held[one[0]]}
        if moved:
            expected.add(("figures", failure.name, None, "transfer_bytes", len(moved)))
        for target, diff in {one[:2] for one in moved}:
            others = set().union(
                *(held[name] for name in SERVERS if name not in (target, *failure.servers))
            )
            sendable = [one for one in moved if one[:2] == (target, diff) and one[1:] in others]
            if sendable:
                expected.add(("transfers", failure.name, target, diff, len(sendable)))
    found = {
        one for one in breaches(cluster, plan)
        if one[0] in ("survival", "transfers") or one[3] == "transfer_bytes"
    }  # fmt: skip
    assert found == expected


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_disks_filled_byte_by_byte_give_the_same_amounts(data: st.DataObject) -> None:
    cluster = data.draw(clusters())
    plan = data.draw(plans(cluster))
    expected: set[Breach] = set()
    for server in cluster.servers:
        stored = sum(one.size for one in plan.stored if one.server == server.name)
        running = sum(vm.disk for vm in cluster.vms if vm.server == server.name)
        if stored and running + stored > server.disk:
            expected.add(("disk", None, server.name, "disk", running + stored - server.disk))
        for failure, recovered in zip(cluster.failures, plan.recoveries, strict=True):
            moved = [one.vm for one in recovered.rebuilds if one.server == server.name]
            rebuilt = sum(vm.disk for vm in cluster.vms if vm.name in moved)
            over = running + stored + rebuilt - server.disk
            if rebuilt and over > 0 and server.name not in failure.servers:
                expected.add(("disk", failure.name, server.name, "disk", over))
    assert {one for one in breaches(cluster, plan) if one[0] == "disk"} == expected
