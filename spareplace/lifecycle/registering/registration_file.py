"""Registrations as files, and what became of them as a document."""

from __future__ import annotations

from spareplace.files.decode_cluster import DIFF, GUEST
from spareplace.files.decode_plan import EXTENT
from spareplace.files.decoding import objects_of, read_shaped
from spareplace.files.encode import shaped_text
from spareplace.files.number_kinds import NUMBER
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, NAMES, maybe, one_of
from spareplace.lifecycle.registering.registration import NewTarget, Registered, Registration

REGISTRATION_FORMAT = "spareplace/registration/1"
REGISTERED_FORMAT = "spareplace/registered/1"

REGISTRATION = shape_of(
    Registration,
    {
        "diffs": objects_of(DIFF),
        "vms": objects_of(GUEST),
        "leaving_vms": NAMES,
        "leaving_diffs": NAMES,
    },
    format_kind=one_of(REGISTRATION_FORMAT),
)
NEW_TARGET = shape_of(
    NewTarget, {"failure": NAME, "vm": NAME, "server": NAME, "before": maybe(NAME)}
)
REGISTERED = shape_of(
    Registered,
    {
        "added": objects_of(EXTENT),
        "removed": objects_of(EXTENT),
        "rebuilds": objects_of(NEW_TARGET),
        "expected_transfer_bytes_before": NUMBER,
        "expected_transfer_bytes_after": NUMBER,
        "seconds": NUMBER,
    },
    format_kind=one_of(REGISTERED_FORMAT),
)


def read_registration(text: bytes | str, source: str = "") -> Registration:
    """Read a registration from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/registration/1``, of at most 64 MiB. Its diffs
        and VMs look as those of a cluster.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If anything is wrong with it by itself; every problem is listed, each with its path.
        Whether its names are those of a cluster is seen when it is registered.

    Examples
    --------
    >>> read_registration('''{"format": "spareplace/registration/1",
    ...                       "vms": [{"name": "web", "server": "a"}]}''').vms[0].server
    'a'
    """
    return read_shaped(REGISTRATION, REGISTRATION_FORMAT, text, source)


def registered_text(registered: Registered) -> str:
    """Write what a registration changed as JSON of the format ``spareplace/registered/1``."""
    return shaped_text(REGISTERED, REGISTERED_FORMAT, registered)
