"""Whatever stands in a source, an importer gives a cluster or refuses it as invalid input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import cluster_text, read_cluster
from spareplace.importers.hosts import Host, read_hosts
from spareplace.importers.imported import Imported, told
from spareplace.importers.known_files import read_images
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.qemu.importing import import_qemu
from spareplace.importers.sources import Source
from spareplace.importers.usage import import_usage
from spareplace.parts import VM, Server
from tests.importers.given import LIBVIRT, QEMU, recorded, text

ROOM = Host(name="any", disk=10**12)

USAGE = [
    text("time,vm,resource,value\n1,web,cpu,1.5\n2,web,cpu,2\n1,web,memory,2GiB\n", "u.csv"),
    text(
        '{"status":"success","data":{"resultType":"matrix","result":[{"metric":'
        '{"vm":"web","resource":"cpu"},"values":[[1,"1"],[2,"2.5"]]}]}}',
        "u.json",
    ),
]
MEASURED = Cluster(
    servers=(Server(name="s", disk=1, capacity={"cpu": 4, "memory": 2**34}),),
    vms=(VM(name="web", server="s"),),
)

Importer = Callable[[Sequence[Source]], Imported]

IMPORTERS: dict[str, tuple[Importer, tuple[Source, ...]]] = {
    "qemu": (lambda sources: import_qemu(sources, every_host=ROOM), recorded(QEMU)),
    "libvirt": (lambda sources: import_libvirt(sources, every_host=ROOM), recorded(LIBVIRT)),
    "usage": (lambda sources: import_usage(MEASURED, sources[:1]), tuple(USAGE)),
    "answers": (lambda sources: import_usage(MEASURED, sources[:1]), tuple(USAGE[::-1])),
}

BITS = [b"", b"\x00", b"\xff", b'"', b"'", b"<", b"&", b"{", b"[", b"]", b"null", b"-1", b"1e999"]
BITS += [b"9" * 50, b"\n", b"<!DOCTYPE a>", b"true", b"..", b",", b"NaN", "ü".encode(), b"\\ud800"]


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut, repeat or replace parts of a text."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.sampled_from([0, 1, 2, 5, 30, 500])))
        put = draw(st.sampled_from(BITS) | st.just(content[start:stop] * 2))
        content = content[:start] + put + content[stop:]
    return content


@pytest.mark.parametrize("name", IMPORTERS)
@given(chance=st.data())
@settings(max_examples=150, deadline=None)
def test_only_invalid_input_comes_out_of_an_importer(name: str, chance: st.DataObject) -> None:
    importer, sources = IMPORTERS[name]
    hit = chance.draw(st.integers(0, min(len(sources), 1 if len(sources) < 5 else 99) - 1))
    changed = replace(sources[hit], content=chance.draw(mutated(sources[hit].content)))
    try:
        made = importer([*sources[:hit], changed, *sources[hit + 1 :]])
    except InvalidInput:
        return
    assert read_cluster(cluster_text(made.cluster)) == made.cluster
    assert all(told(made.notes)) or not made.notes


@given(chance=st.data())
@settings(max_examples=100, deadline=None)
def test_only_invalid_input_comes_out_of_a_table(chance: st.DataObject) -> None:
    read, content = chance.draw(
        st.sampled_from(
            [
                (read_hosts, b"name,disk,zone,cpu\na,2TB,r,3\nb,5,,1.5\n"),
                (read_hosts, b'{"format":"spareplace/hosts/1","hosts":[{"name":"a","disk":5}]}'),
                (read_images, b"host,file,diff,vm,template\na,/i/x,d,,\nb,/i/y,,v,true\n"),
                (read_images, b'{"format":"spareplace/images/1","images":[{"file":"/i/x"}]}'),
            ]
        )
    )
    with suppress(InvalidInput):
        read(Source(path="table", content=chance.draw(mutated(content))))
