from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import InvalidInput
from spareplace.saving.blocks import digest
from spareplace.saving.contents import BLOCK, blocks_of, format_of, stem, virtual_size
from spareplace.saving.qcow2 import MAGIC, Qcow2
from tests.saving.strategies import write_raw


def whole(path: str) -> bytes:
    """Put the blocks of a raw image together again."""
    held = bytearray(-(-virtual_size(path, "raw") // BLOCK) * BLOCK)
    for number, block in blocks_of(path, "raw"):
        assert len(block) == BLOCK
        held[number * BLOCK : (number + 1) * BLOCK] = block
    return bytes(held)


@pytest.mark.parametrize("blocks", ["", "a", "..", "a..b", "..ab..", "a" * 20 + "." * 20 + "b"])
@pytest.mark.parametrize("tail", [0, 1, 5000])
def test_the_blocks_of_a_raw_image_are_its_bytes(tmp_path: Path, blocks: str, tail: int) -> None:
    path = write_raw(tmp_path / "x.raw", blocks, tail)
    held = Path(path).read_bytes()
    assert whole(path) == held.ljust(-(-len(held) // BLOCK) * BLOCK, b"\0")
    numbers = [number for number, _ in blocks_of(path, "raw")]
    assert numbers == sorted(set(numbers))


def test_data_that_begins_and_ends_within_blocks_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    with open(path, "wb") as file:
        file.seek(3 * BLOCK + 100)
        file.write(b"x" * (BLOCK // 2))
        file.truncate(9 * BLOCK)
    assert whole(str(path)) == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "magic", "given", "expected"),
    [
        ("x.qcow2", True, None, "qcow2"),
        ("x.QCOW2", True, None, "qcow2"),
        ("x.raw", False, None, "raw"),
        ("x.img", False, None, "raw"),
        ("x", False, None, "raw"),
        # A guest that writes the first bytes of a qcow2 file does not make one of it.
        ("x.raw", True, None, "raw"),
        ("x.img", True, "raw", "raw"),
        ("x.img", True, "qcow2", "qcow2"),
        ("x.img", True, None, None),
        ("x", True, None, None),
        ("x.qcow2", False, None, None),
        ("x.img", False, "qcow2", None),
    ],
)
def test_a_raw_image_is_never_taken_for_a_qcow2_file(
    tmp_path: Path, name: str, magic: bool, given: str | None, expected: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes((MAGIC if magic else b"data") + bytes(1000))
    if expected is None:
        with pytest.raises(InvalidInput, match="say which format"):
            format_of(str(path), given)  # type: ignore[arg-type]
    else:
        assert format_of(str(path), given) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/x/web.qcow2", "web"), ("web.1.raw", "web.1"), ("web.tar", "web.tar"), (".raw", ".raw")],
)
def test_a_diff_is_called_after_its_file(path: str, name: str) -> None:
    assert stem(path) == name


def test_only_zeros_have_the_digest_0() -> None:
    assert digest(bytes(BLOCK)) == 0
    assert 0 != digest(b"\1".rjust(BLOCK, b"\0")) != digest(b"\1".ljust(BLOCK, b"\0")) != 0


@given(
    noise=st.binary(max_size=300),
    version=st.sampled_from([2, 3]),
    bits=st.integers(0, 30),
    size=st.sampled_from([0, 2**20, 2**50, 2**63]),
    table=st.sampled_from([0, 48, 4096, 2**62]),
)
def test_a_broken_qcow2_file_is_read_or_refused_and_nothing_else_happens(
    noise: bytes, version: int, bits: int, size: int, table: int
) -> None:
    head = struct.pack(">4sIQIIQIIQ", MAGIC, version, 0, 0, bits, size, 0, 2**31, table)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "broken.qcow2"
        path.write_bytes(head + noise)
        with open(path, "rb") as file, suppress(InvalidInput):
            assert sum(len(piece) for _, piece in Qcow2.of(file, str(path)).pieces()) <= size
