from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster
from spareplace.importers.ganeti.exporting import export_ganeti
from spareplace.importers.ganeti.importing import import_ganeti
from spareplace.importers.ganeti.pinning import mirror_of, node_groups
from spareplace.importers.sources import Source, read_source
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.planning import plan
from tests.importers.given import GANETI

MIB = 2**20

HCHECK = shutil.which("hcheck")

needs_htools = pytest.mark.skipif(HCHECK is None, reason="ganeti-htools is not installed")


def back(cluster: Cluster) -> Cluster:
    text = export_ganeti(cluster).text
    return import_ganeti(Source(path="exported", content=text.encode())).cluster


def lost(cluster: Cluster) -> str:
    return "\n".join(str(note) for note in export_ganeti(cluster).notes)


def bad_nodes(cluster: Cluster, folder: Path) -> int:
    """Ask hcheck how many nodes' instances have nowhere to go."""
    path = folder / "exported.data"
    path.write_bytes(export_ganeti(cluster).text.encode())
    done = subprocess.run(
        [str(HCHECK), "-t", str(path), "--machine-readable", "--no-simulation"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=60,
        check=True,
    )
    found = re.search(r"^HCHECK_INIT_CLUSTER_GN1_FAIL=(\d+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout
    assert done.stderr == ""  # it warns of amounts that do not fit together
    return int(found[1])


NAMES = st.text(st.sampled_from("aB9.- 'ü\"$"), min_size=1, max_size=6)


@st.composite
def sayable(draw: st.DrawFn) -> Cluster:
    """Make clusters of which the format says all, in whole MiB and whole CPUs."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    zones = draw(st.sampled_from([(None,), ("r1", "r 2")]))
    servers = tuple(
        Server(
            name=name,
            disk=draw(st.integers(0, 2000)) * MIB,
            capacity={"cpu": draw(st.integers(0, 9)), "memory": draw(st.integers(0, 999)) * MIB},
            zone=draw(st.sampled_from(zones)),
        )
        for name in names
    )
    split = draw(st.integers(1, len(names)))
    blocks = [tuple(names)] if split == len(names) else [tuple(names[:split]), tuple(names[split:])]
    diffs: list[Diff] = []
    vms: list[VM] = []
    for number, name in enumerate(draw(st.lists(NAMES, max_size=5, unique=True))):
        where = draw(st.sampled_from(names))
        own = next(block for block in blocks if where in block)
        allowed: tuple[str, ...] = own
        disk, kind = (
            draw(st.integers(0, 300)) * MIB,
            draw(st.sampled_from(["copied", "not", "two"])),
        )
        if kind == "two" and len(own) > 1:
            other = draw(st.sampled_from([it for it in own if it != where]))
            disk, allowed = 0, (where, other)
        if kind == "copied":
            diffs.append(Diff(name=name, size=disk))
        vms.append(
            VM(
                name=name,
                server=where,
                diff=name if kind == "copied" else None,
                disk=disk,
                demand={"cpu": draw(st.integers(0, 4)), "memory": draw(st.integers(0, 400)) * MIB},
                groups=tuple(draw(st.sets(st.sampled_from(["g", "h:x"])))),
                allowed_servers=allowed if len(blocks) > 1 or kind == "two" else None,
                priority=draw(st.integers(-2, 2)) * number,
                protect=draw(st.booleans()),
            )
        )
    return Cluster(servers=servers, diffs=tuple(diffs), vms=tuple(vms))


def plain(cluster: Cluster) -> Cluster:
    """Forget what makes no difference: the order of names, and who is allowed everything."""
    every = {server.name for server in cluster.servers}
    memory = any(vm.demand.get("memory") for vm in cluster.vms)
    return replace(
        cluster,
        servers=tuple(
            server if memory else replace(server, capacity={}) for server in cluster.servers
        ),
        vms=tuple(
            replace(
                vm,
                demand={what: much for what, much in vm.demand.items() if memory and much},
                groups=tuple(sorted(vm.groups)),
                allowed_servers=None
                if every == set(vm.allowed_servers or every)
                else tuple(sorted({*(vm.allowed_servers or ()), vm.server})),
            )
            for vm in cluster.vms
        ),
    )


@given(sayable())
@settings(max_examples=150, deadline=None)
def test_what_is_exported_is_imported_as_it_was(cluster: Cluster) -> None:
    assert plain(back(cluster)) == plain(cluster)


@given(sayable())
@settings(max_examples=50, deadline=None)
def test_what_was_imported_is_exported_as_it_was(cluster: Cluster) -> None:
    text = export_ganeti(cluster).text
    again = back(cluster)
    if node_groups(again) == node_groups(cluster):
        assert export_ganeti(again).text == text


def test_a_recorded_file_comes_back_but_for_what_is_told() -> None:
    cluster = import_ganeti(read_source(GANETI), mirrors="planned").cluster
    again = back(cluster)
    assert [vm.name for vm in again.vms] == [vm.name for vm in cluster.vms]
    assert [vm.disk for vm in again.vms] == [vm.disk for vm in cluster.vms]
    assert [server.disk for server in again.servers] == [it.disk for it in cluster.servers]
    assert lost(cluster) == (
        "server 'node6.example.com': that it takes no copies or no rebuilds is not said"
    )


SMALL = Cluster(
    servers=tuple(
        Server(name=name, disk=1001 * MIB, capacity={"cpu": 4, "memory": 1001 * MIB})
        for name in "abc"
    ),
    vms=(
        VM(name="x", server="a", disk=500 * MIB, demand={"memory": 500 * MIB}),
        VM(name="y", server="b", disk=500 * MIB, demand={"memory": 500 * MIB}),
    ),
)


def test_the_columns_are_those_of_htools() -> None:
    text = export_ganeti(SMALL).text
    assert text.split("\n\n")[1].split("\n")[0] == "a|1001|0|501|1001|501|4|N|default|1||N|0|0|1.0"
    assert "x|500|500|0|running|Y|a||plain|spareplace:copy:no|1|-|N\n" in text


def test_what_a_plan_stores_is_taken_off_the_disks() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=9 * MIB), Server(name="b", disk=9 * MIB)),
        diffs=(Diff(name="d", size=3 * MIB),),
        vms=(VM(name="x", server="a", diff="d", disk=3 * MIB),),
    )
    found = plan(cluster, method="greedy")
    assert "\nb|1|0|1|6|6|0|N|" in export_ganeti(cluster, found).text
    with pytest.raises(OtherCluster):
        export_ganeti(SMALL, found)


def test_amounts_are_rounded_so_that_htools_see_no_room_that_is_not_there() -> None:
    vm = VM(name="x", server="a", disk=1, demand={"cpu": 0.5, "memory": MIB + 1})
    servers = (Server(name="a", disk=2 * MIB - 1, capacity={"cpu": 1.5, "memory": 3 * MIB - 1}),)
    cluster = Cluster(servers=servers, vms=(vm,))
    text = export_ganeti(cluster).text
    assert "\na|2|0|0|1|0|1|N|" in text
    assert "\nx|2|1|1|running|" in text
    assert "server 'a': rounded down" in lost(cluster)
    assert "vm 'x': rounded up" in lost(cluster)


def test_what_the_format_has_no_word_for_is_told() -> None:
    cluster = Cluster(
        servers=(
            Server(name="a", disk=MIB, capacity={"disk_io": 5}, resident=("d",)),
            Server(name="b", disk=MIB, accept_extents=False),
            Server(name="c", disk=MIB),
        ),
        diffs=(Diff(name="d", size=1), Diff(name="e", size=1, parent="d"), Diff(name="f", size=1)),
        vms=(
            VM(name="x", server="a", diff="e", allowed_servers=("a", "b")),
            VM(name="y", server="b", diff="f", allowed_servers=("b", "c")),
        ),
        failures=(Failure(name="two", servers=("a", "b")),),
    )
    notes = lost(cluster)
    for word in ("resource 'disk_io'", "failures: htools", "'a': that it holds diffs",
                 "'b': that it takes no copies", "'x': its diffs are shared or stacked",
                 "'y': the size of its diff", "'x': no division into node groups"):  # fmt: skip
        assert word in notes
    assert lost(SMALL) == ""


def test_names_that_would_break_the_format_are_refused() -> None:
    bad = replace(SMALL, vms=(VM(name="x|1", server="a", groups=("p,q",)),))
    with pytest.raises(InvalidInput, match=r"vm 'x\|1': found a letter(.|\n)*group 'p,q': found"):
        export_ganeti(bad)


def test_one_allowed_server_is_a_mirror_only_if_nothing_has_to_be_there() -> None:
    vm = VM(name="x", server="a", allowed_servers=("b",))
    assert mirror_of(vm) == "b"
    assert mirror_of(replace(vm, disk=1)) is None
    assert mirror_of(replace(vm, allowed_servers=("b", "c"))) is None
    assert mirror_of(replace(vm, allowed_servers=("a",))) is None


@needs_htools
def test_hcheck_reads_what_is_exported_and_wants_more_than_nothing_left(tmp_path: Path) -> None:
    assert bad_nodes(SMALL, tmp_path) == 0
    # b and c are full but for 500 MiB of memory: x, of 500, would leave nothing.
    full = replace(
        SMALL,
        servers=tuple(
            replace(server, capacity={"memory": (1000 if server.name == "b" else 500) * MIB})
            for server in SMALL.servers
        ),
    )
    assert bad_nodes(full, tmp_path) == 2
    assert not plan(full, method="auto").unprotected


@needs_htools
@given(cluster=sayable())
@settings(max_examples=12, deadline=None)
def test_hcheck_reads_every_export(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bad_nodes(cluster, tmp_path_factory.mktemp("exported"))
