"""Reading a cluster, with every problem of its parts and between them in one go."""

from __future__ import annotations

from collections.abc import Mapping

from spareplace.canonical import CLUSTER_FORMAT
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files.decoding import objects_of, read_document, read_values
from spareplace.files.mending import problems_between
from spareplace.files.number_kinds import AMOUNTS, BYTES, INTEGER, WEIGHT
from spareplace.files.problems import MOST_PROBLEMS, refusal, within
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import FLAG, NAME, NAMES, SOME_NAMES, one_of
from spareplace.parts import VM, Diff, Failure, Server

SERVER = shape_of(
    Server,
    {
        "name": NAME,
        "disk": BYTES,
        "capacity": AMOUNTS,
        "zone": NAME,
        "resident": NAMES,
        "accept_extents": FLAG,
        "accept_rebuilds": FLAG,
        "net_in": BYTES,
        "net_out": BYTES,
    },
)
DIFF = shape_of(Diff, {"name": NAME, "size": BYTES, "parent": NAME})
GUEST = shape_of(
    VM,
    {
        "name": NAME,
        "server": NAME,
        "diff": NAME,
        "disk": BYTES,
        "demand": AMOUNTS,
        "groups": NAMES,
        "allowed_servers": SOME_NAMES,
        "priority": INTEGER,
        "protect": FLAG,
    },
)
FAILURE = shape_of(Failure, {"name": NAME, "servers": SOME_NAMES, "weight": WEIGHT})
CLUSTER = shape_of(
    Cluster,
    {
        "servers": objects_of(SERVER, least=1),
        "diffs": objects_of(DIFF),
        "vms": objects_of(GUEST),
        "failures": objects_of(FAILURE),
    },
    format_kind=one_of(CLUSTER_FORMAT),
)


def read_cluster(text: bytes | str, source: str = "") -> Cluster:
    """Read a cluster from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/cluster/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If anything is wrong with it; every problem is listed, each with its path.

    Examples
    --------
    >>> cluster = read_cluster('''{
    ...   "format": "spareplace/cluster/1",
    ...   "servers": [{"name": "s1", "disk": "2TB"}, {"name": "s2", "disk": "2TB"}]
    ... }''')
    >>> cluster.servers[0].disk, [failure.name for failure in cluster.failures]
    (2000000000000, ['s1', 's2'])
    """
    try:
        document = read_document(text, CLUSTER_FORMAT)
    except InvalidInput as error:
        raise refusal(error.problems, source) from None
    return _cluster(document, source)


def _cluster(document: Mapping[str, object], source: str) -> Cluster:
    values, found = read_values(CLUSTER, document)
    problems = within("$", found)
    if len(problems) >= MOST_PROBLEMS:
        raise refusal(problems, source, cut_short=True)
    if problems:
        problems += problems_between(document, problems, (SERVER, DIFF, GUEST, FAILURE))
        raise refusal(problems, source)
    try:
        return CLUSTER.make(**values)
    except InvalidInput as error:
        # of servers with one name it makes failures with one name, but the file has no failures
        listed = "failures" in document
        told = [it for it in error.problems if listed or not it.path.startswith("$.failures")]
        raise refusal(told, source) from None
