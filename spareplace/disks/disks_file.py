"""The disks of VMs as files of the format ``spareplace/disks/1``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spareplace.disks.chains import DiskChain, VMDisks
from spareplace.files.decoding import objects_of, read_shaped
from spareplace.files.encode import shaped_text
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, SOME_NAMES, one_of

DISKS_FORMAT = "spareplace/disks/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskList:
    """A file of disks."""

    vms: tuple[VMDisks, ...]


_CHAIN = shape_of(DiskChain, {"chain": SOME_NAMES})
_VM = shape_of(VMDisks, {"vm": NAME, "disks": objects_of(_CHAIN)})
DISK_LIST = shape_of(
    DiskList, {"vms": objects_of(_VM, once="vm")}, format_kind=one_of(DISKS_FORMAT)
)
"""How the disks of VMs look as a file."""


def disks_text(disks: Iterable[VMDisks]) -> str:
    """Write the disks of VMs as JSON; `read_disks` gives equal ones."""
    return shaped_text(DISK_LIST, DISKS_FORMAT, DiskList(vms=tuple(disks)))


def read_disks(text: bytes | str, source: str = "") -> tuple[VMDisks, ...]:
    """Read the disks of VMs from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/disks/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path. Whether it fits a
        cluster, `disks_in` tells.

    Examples
    --------
    >>> read_disks('''{"format": "spareplace/disks/1", "vms": [
    ...     {"vm": "db", "disks": [{"chain": ["debian", "db"]}, {"chain": ["db-data"]}]}]}''')[0].vm
    'db'
    """
    return read_shaped(DISK_LIST, DISKS_FORMAT, text, source).vms
