"""Registrations as files, and what became of them as a document."""

from __future__ import annotations

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.files.decode_cluster import DIFF, GUEST
from spareplace.files.decode_plan import EXTENT
from spareplace.files.decoding import objects_of, read_document, read_values
from spareplace.files.encode import shaped_text
from spareplace.files.number_kinds import NUMBER
from spareplace.files.problems import MOST_PROBLEMS, refusal, within
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, NAMES, maybe, one_of
from spareplace.lifecycle.registering.admission import problems_with
from spareplace.lifecycle.registering.misfits import misfits
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


def read_registration(
    text: bytes | str, source: str = "", cluster: Cluster | None = None
) -> Registration:
    """Read a registration from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/registration/1``, of at most 64 MiB. Its diffs
        and VMs look as those of a cluster.
    source
        What it was read from, for messages.
    cluster
        What it comes to, or ``None`` if that is not known yet.

    Raises
    ------
    InvalidInput
        If anything is wrong with it by itself, or between it and the cluster; every problem is
        listed, each with its path. Without a cluster, whether its names are those of one is seen
        when it is registered.

    Examples
    --------
    >>> read_registration('''{"format": "spareplace/registration/1",
    ...                       "vms": [{"name": "web", "server": "a"}]}''').vms[0].server
    'a'
    """
    try:
        document = read_document(text, REGISTRATION_FORMAT)
    except InvalidInput as error:
        raise refusal(error.problems, source) from None
    values, found = read_values(REGISTRATION, document)
    problems = within("$", found)
    if len(problems) >= MOST_PROBLEMS:
        raise refusal(problems, source, cut_short=True)
    registration: Registration | None = None
    if not problems:
        try:
            registration = REGISTRATION.make(**values)
        except InvalidInput as error:
            problems = within("$.", error.problems)
    if registration is None:
        problems += misfits(document, values, problems, cluster) if cluster is not None else []
        raise refusal(problems, source)
    if cluster is not None and (problems := _not_fitting(registration, cluster)):
        raise refusal(problems, source)
    return registration


def registered_text(registered: Registered) -> str:
    """Write what a registration changed as JSON of the format ``spareplace/registered/1``."""
    return shaped_text(REGISTERED, REGISTERED_FORMAT, registered)


def _not_fitting(registration: Registration, cluster: Cluster) -> list[Problem]:
    return problems_with(
        registration,
        cluster.servers,
        {diff.name: diff for diff in cluster.diffs},
        {vm.name: vm for vm in cluster.vms},
    )
