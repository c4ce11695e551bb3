from __future__ import annotations

import pytest

from spareplace.disks import DiskChain, VMDisks, disks_text, read_disks
from spareplace.errors import InvalidInput

THREE = VMDisks(
    vm="db",
    disks=tuple(DiskChain(chain=it) for it in (("debian", "db"), ("debian", "log"), ("data",))),
)


def test_what_is_written_of_disks_reads_back_equal() -> None:
    assert read_disks(disks_text([THREE])) == (THREE,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": "spareplace/disks/2", "vms": []}', "format"),
        ('{"format": "spareplace/disks/1"}', "vms"),
        (
            '{"format": "spareplace/disks/1", "vms": [{"vm": "a", "disks": [{"chain": 5}]}]}',
            "chain",
        ),
        ('{"format": "spareplace/disks/1", "vms": [{"vm": "a", "disks": [["b"]]}]}', "an object"),
    ],
)
def test_a_file_of_another_form_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_disks(text)
