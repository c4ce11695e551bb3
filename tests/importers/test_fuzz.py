"""Whatever stands in a source, an importer gives a cluster or refuses it as invalid input."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import cluster_text, read_cluster
from spareplace.importers.ganeti import import_ganeti
from spareplace.importers.hosts import Host, read_hosts
from spareplace.importers.imported import Imported, told
from spareplace.importers.known_files import read_images
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.proxmox import import_proxmox
from spareplace.importers.qemu.importing import import_qemu
from spareplace.importers.sources import Source, read_source
from spareplace.importers.usage import import_usage
from spareplace.parts import VM, Server
from tests.importers.given import GANETI, LIBVIRT, QEMU, chain, documented, image, recorded, text

ROOM = Host(name="any", disk=10**12)

MEASURED = Cluster(
    servers=(Server(name="s", disk=1, capacity={"cpu": 4, "memory": 2**34}),),
    vms=(VM(name="web", server="s"),),
)
SAMPLES = text("time,vm,resource,value\n1,web,cpu,1.5\n2,web,cpu,2\n1,web,memory,2GiB\n", "u.csv")
ANSWER = text(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":'
    '{"vm":"web","resource":"cpu"},"values":[[1,"1"],[2,"2.5"]]}]}}',
    "u.json",
)

TABLES = {
    "csv": (
        text("name,disk,zone,cpu\na,2TB,r,3\nb,5,,1.5\n", "hosts"),
        text("host,file,diff,vm,template\na,/i/x,d,,\n,/i/b,,,true\n", "images"),
    ),
    "json": (
        text('{"format":"spareplace/hosts/1","hosts":[{"name":"a","disk":500}]}', "hosts"),
        text('{"format":"spareplace/images/1","images":[{"file":"/i/x","vm":"y"}]}', "images"),
    ),
}


def _with_tables(sources: Sequence[Source]) -> Imported:
    hosts, images = sources
    told = [chain(image("/i/x", "/i/b"), image("/i/b"))]
    return import_qemu(told, hosts=read_hosts(hosts), every_host=ROOM, images=read_images(images))


Importer = Callable[[Sequence[Source]], Imported]

IMPORTERS: dict[str, tuple[Importer, tuple[Source, ...]]] = {
    "qemu": (lambda sources: import_qemu(sources, every_host=ROOM), recorded(QEMU)),
    "libvirt": (lambda sources: import_libvirt(sources, every_host=ROOM), recorded(LIBVIRT)),
    "proxmox": (import_proxmox, documented()),
    "ganeti": (lambda sources: import_ganeti(sources[0]), (read_source(GANETI),)),
    "ganeti without mirrors": (
        lambda sources: import_ganeti(sources[0], mirrors="planned", stopped="run"),
        (read_source(GANETI),),
    ),
    "samples": (lambda sources: import_usage(MEASURED, sources), (SAMPLES,)),
    "answers": (lambda sources: import_usage(MEASURED, sources), (ANSWER,)),
    "tables in CSV": (_with_tables, TABLES["csv"]),
    "tables in JSON": (_with_tables, TABLES["json"]),
}

BITS = [b"", b"\x00", b"\xff", b'"', b"'", b"<", b"&", b"{", b"[", b"]", b"null", b"-1", b"1e999"]
BITS += [b"9" * 50, b"\n", b"<!DOCTYPE a>", b"true", b"..", b",", b"NaN", "ü".encode(), b"\\ud800"]
BITS += [b"|", b"?", b"\r\n", b"\xef\xbb\xbf", b"9" * 5000, b"&#0;", b"[" * 3000, b"<a>" * 3000]

VALUES = ["null", "true", "0", "1", "-1", str(2**53), str(2**60), "1.5", "NaN", '""', '"x"', '"1"']
VALUES += ['"²"', '"a\\n"', '"\\ud800"', '"\\u0000"', '"local:1/a.raw"', "[]", "{}", "[{}]", "[[]]"]
VALUES += [f'"{"9" * 30}"', '{"a": 1}']


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut, repeat or replace parts of a text."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.sampled_from([0, 1, 2, 5, 30, 500])))
        put = draw(st.sampled_from(BITS) | st.just(content[start:stop] * 2))
        content = content[:start] + put + content[stop:]
    return content


@st.composite
def reshaped(draw: st.DrawFn, content: bytes) -> bytes:
    """Repeat or replace keys and values of a JSON document."""
    document = json.loads(content)
    for _ in range(draw(st.integers(1, 3))):
        values = [json.dumps(value) for value in _within(document)]
        one = draw(st.sampled_from(values))
        other = draw(st.sampled_from(VALUES) | st.sampled_from(values) | st.just(f"{one}, {one}"))
        with suppress(ValueError):  # a value twice is no JSON where one is to stand
            document = json.loads(json.dumps(document).replace(one, other, draw(st.integers(1, 2))))
    return json.dumps(document).encode()


def _within(value: object) -> Iterator[object]:
    yield value
    inside = [*value, *value.values()] if isinstance(value, dict) else value
    for one in inside if isinstance(inside, list) else ():
        yield from _within(one)


def hurt(content: bytes) -> st.SearchStrategy[bytes]:
    """Damage a text, or, if it is JSON, its structure."""
    if content[:1] in (b"{", b"["):
        return mutated(content) | reshaped(content)
    return mutated(content)


@pytest.mark.parametrize("name", IMPORTERS)
@given(chance=st.data())
@settings(max_examples=150, deadline=None)
def test_only_invalid_input_comes_out_of_an_importer(name: str, chance: st.DataObject) -> None:
    importer, sources = IMPORTERS[name]
    hit = chance.draw(st.integers(0, len(sources) - 1))
    changed = replace(sources[hit], content=chance.draw(hurt(sources[hit].content)))
    _refused_or_whole(importer, [*sources[:hit], changed, *sources[hit + 1 :]])


def _refused_or_whole(importer: Importer, sources: Sequence[Source]) -> None:
    try:
        made = importer(sources)
    except InvalidInput:
        return
    assert read_cluster(cluster_text(made.cluster)) == made.cluster
    assert all(told(made.notes))


@pytest.mark.parametrize("name", IMPORTERS)
def test_lines_may_end_as_on_other_systems(name: str) -> None:
    importer, sources = IMPORTERS[name]
    assert not any(b"\r" in source.content for source in sources)
    changed = [replace(it, content=it.content.replace(b"\n", b"\r\n")) for it in sources]
    assert importer(changed) == importer(sources)


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_byte_order_mark_says_nothing(name: str) -> None:
    importer, sources = IMPORTERS[name]
    changed = [replace(it, content=b"\xef\xbb\xbf" + it.content) for it in sources]
    assert importer(changed) == importer(sources)


@pytest.mark.parametrize("name", IMPORTERS)
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_source_that_was_cut_off_does_no_harm(name: str, quarters: int) -> None:
    importer, sources = IMPORTERS[name]
    for hit, source in enumerate(sources):
        short = replace(source, content=source.content[: len(source.content) * quarters // 4])
        _refused_or_whole(importer, [*sources[:hit], short, *sources[hit + 1 :]])
