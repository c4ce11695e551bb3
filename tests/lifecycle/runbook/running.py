"""Small worlds of files on which scripts are run, and a stand-in for qemu-img.

The bytes of the saved images are no qcow2: the stand-in says what the script asks about them, and
the image that it makes of a VM holds the name of the file that it builds on.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as st

from spareplace import VM, Cluster, Diff, Extent, Placement, Server
from spareplace.cluster import chain_of
from spareplace.filenames import file_name
from spareplace.holding import merged

NAMES = st.one_of(
    st.sampled_from(["-rf", "..", ".", "a b", "$(reboot)", "it's", "a\nb", "`x`", "@", "%20", "*"]),
    st.text(alphabet=" '\"$`\\\n\t-.;&|*?~#%(){}<>!=:,/éß東aB1", min_size=1, max_size=6),
)

_STAND_IN = """#!/bin/sh
word=$1
for file; do :; done
case $word in
info)
    name=${file##*/}
    cat "$STAND_IN/${name%.part}" 2>/dev/null || :
    ;;
create)
    while [ "$1" != -b ]; do shift; done
    printf '%s' "$2" >"$file"
    ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Folders of servers, and what the saved image of each diff holds."""

    folder: Path
    cluster: Cluster
    contents: Mapping[str, bytes]

    def of(self, server: str) -> Path:
        return self.folder / "servers" / file_name(server)

    def environment(self, chunk: int = 64) -> dict[str, str]:
        return {
            **os.environ,
            "ROOT": str(self.folder / "servers"),
            "QEMU_IMG": str(self.folder / "qemu-img"),
            "STAND_IN": str(self.folder / "told"),
            "START_VM": f"{self.folder}/start",
            "STARTED": str(self.folder / "started"),
            "THROUGH": "tee -a passed",
            "CHUNK": str(chunk),
        }

    def begin(self, script: str, *words: str) -> subprocess.Popen[bytes]:
        """Start a script in a group of processes of its own."""
        (self.folder / "script.sh").write_text(script, encoding="utf-8")
        return subprocess.Popen(
            ["sh", "script.sh", *words],
            cwd=self.folder,
            env=self.environment(),
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, script: str, *words: str) -> tuple[int, str]:
        """Run a script to its end; give its exit code, and what it told."""
        process = self.begin(script, *words)
        out, err = process.communicate(timeout=60)
        return process.returncode, (out + err).decode()

    def cut_off(self, script: str, seconds: Iterable[float]) -> None:
        """Run a script again and again, each time killed with all that it started."""
        for limit in seconds:
            process = self.begin(script)
            try:
                process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                self.wait_for_the_end()

    def wait_for_the_end(self) -> None:
        """Wait until nothing of a script that was killed is left."""
        for path in (self.folder / "script.sh", *self.folder.glob("servers/*/.lock")):
            with open(path, "ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)

    @property
    def passed(self) -> int:
        """How many bytes were sent in all."""
        way = self.folder / "passed"
        return way.stat().st_size if way.exists() else 0

    @property
    def started(self) -> list[str]:
        """The VMs that were started, in order."""
        told = self.folder / "started"
        return told.read_text().splitlines() if told.exists() else []

    def lose(self, servers: Iterable[str]) -> None:
        for server in servers:
            self.of(server).rename(self.folder / f"lost {file_name(server)}")

    def stored(self) -> Iterator[Extent]:
        """Read what is stored; each file has to hold the bytes and the sum that it is to hold."""
        for server in self.cluster.servers:
            for diff in self.cluster.diffs:
                for path in self.of(server.name).glob(f"store/{file_name(diff.name)}/*-*"):
                    if path.suffix:
                        continue
                    start, stop = map(int, path.name.split("-"))
                    held = path.read_bytes()
                    assert held == self.contents[diff.name][start:stop]
                    told = path.with_name(f"{path.name}.sha256").read_text()
                    assert told == f"{sha256(held).hexdigest()}  {path.name}\n"
                    yield Extent(diff=diff.name, server=server.name, start=start, stop=stop)

    def is_rebuilt(self, vm: str, server: str) -> bool:
        """Tell whether the image of a VM, and all that it builds on, is what was saved."""
        diffs = {diff.name: diff for diff in self.cluster.diffs}
        last = next(it.diff for it in self.cluster.vms if it.name == vm)
        if last is None:
            return True
        image = self.of(server) / "images" / f"{file_name(vm)}.qcow2"
        (chain,) = {path.parent for path in self.of(server).glob("chains/*/*.record")}
        points = image.read_text() == f"../chains/{chain.name}/{file_name(last)}.qcow2"
        return points and all(
            (chain / f"{file_name(name)}.qcow2").read_bytes() == self.contents[name]
            for name in chain_of(last, diffs)
        )


def files_of(folder: Path, cluster: Cluster, placement: Placement) -> Files:
    """Lay a placement out as files, and the saved images where they are run or resident."""
    contents = {it.name: _bytes(it) for it in cluster.diffs}
    files = Files(folder=folder, cluster=cluster, contents=contents)
    diffs = {diff.name: diff for diff in cluster.diffs}
    for server in cluster.servers:
        (files.of(server.name) / "saved").mkdir(parents=True)
        runs = {it for vm in cluster.vms if vm.server == server.name
                for it in chain_of(vm.diff, diffs)}  # fmt: skip
        for name in {*server.resident, *runs}:
            saved = files.of(server.name) / "saved" / f"{file_name(name)}.qcow2"
            saved.write_bytes(contents[name])
    for extent in merged(placement.stored):
        _store(files, extent)
    (folder / "told").mkdir()
    for diff in cluster.diffs:
        if diff.parent is not None:
            told = f"backing file: {file_name(diff.parent)}.qcow2\nbacking file format: qcow2\n"
            (folder / "told" / file_name(diff.name)).write_text(told)
    for name, text in (
        ("qemu-img", _STAND_IN),
        ("start", '#!/bin/sh\necho "$1" >>"$STARTED"\n'),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return files


def _bytes(diff: Diff) -> bytes:
    held = bytearray(random.Random(diff.name).randbytes(diff.size))
    held[79:80] = bytes(byte & ~4 for byte in held[79:80])  # no data in another file
    return bytes(held)


def _store(files: Files, extent: Extent) -> None:
    held = files.contents[extent.diff][extent.start : extent.stop]
    place = files.of(extent.server) / "store" / file_name(extent.diff)
    place.mkdir(parents=True, exist_ok=True)
    name = f"{extent.start}-{extent.stop}"
    (place / name).write_bytes(held)
    (place / f"{name}.sha256").write_text(f"{sha256(held).hexdigest()}  {name}\n")
    whole = files.contents[extent.diff]
    records = files.of(extent.server) / "records"
    records.mkdir(exist_ok=True)
    (records / f"{file_name(extent.diff)}.record").write_text(
        f"{len(whole)} {sha256(whole).hexdigest()} qcow2\n"
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Cluster, Placement]:
    """A small cluster with names of any kind, and what it stores, which may be too little."""
    servers = draw(st.lists(NAMES, min_size=3, max_size=4, unique=True))
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    diffs = [
        Diff(
            name=name,
            size=draw(st.integers(80, 250)),
            parent=draw(st.sampled_from([None, *names[:at]])),
        )
        for at, name in enumerate(names)
    ]
    vms = [
        VM(
            name=name,
            server=draw(st.sampled_from(servers)),
            diff=draw(st.sampled_from([None, *names, *names])),
            disk=1000,
        )
        for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    ]
    hosts = [
        Server(
            name=name,
            disk=10**9,
            resident=tuple(draw(st.lists(st.sampled_from(names), unique=True, max_size=1))),
        )
        for name in servers
    ]
    cluster = Cluster(servers=tuple(hosts), diffs=tuple(diffs), vms=tuple(vms))
    return cluster, draw(placements(cluster))


@st.composite
def placements(draw: st.DrawFn, cluster: Cluster) -> Placement:
    """Each diff in up to three pieces, each of them on some servers."""
    servers = [server.name for server in cluster.servers]
    extents = []
    for diff in cluster.diffs:
        edges = draw(st.lists(st.integers(0, diff.size), max_size=2))
        cuts = sorted({0, diff.size, *edges})
        for start, stop in pairwise(cuts):
            chosen = draw(st.lists(st.sampled_from(servers), min_size=1, max_size=3, unique=True))
            extents += [
                Extent(diff=diff.name, server=server, start=start, stop=stop) for server in chosen
            ]
    return Placement(stored=merged(extents))
