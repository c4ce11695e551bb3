"""What of a registration that is wrong by itself does not fit to its cluster either.

So that one wrong size hides no unknown server: all is told in one go, as for a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spareplace.canonical import JSON
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.files.decode_cluster import DIFF, FAILURE, GUEST, SERVER
from spareplace.files.decoding import read_part
from spareplace.files.mending import problems_between
from spareplace.files.shapes import Made, Shape
from spareplace.lifecycle.registering.admission import leaving_problems, other_diffs


def misfits(
    document: Mapping[str, object],
    values: Mapping[str, object],
    told: Sequence[Problem],
    cluster: Cluster,
) -> list[Problem]:
    """List what is wrong between a registration in a file and the cluster that it comes to.

    Parameters
    ----------
    document
        The file.
    values
        What could be read of it, by key.
    told
        What is wrong with it by itself: no second problem comes of it.
    cluster
        What it comes to.
    """
    named = _names(document, "diffs")
    known: list[JSON] = [
        {"name": diff.name, "size": diff.size} for diff in cluster.diffs if diff.name not in named
    ]
    servers: list[JSON] = [
        {"name": server.name, "disk": 0, "capacity": dict.fromkeys(server.capacity, 0)}
        for server in cluster.servers
    ]
    listed = document.get("diffs", [])
    together = {
        "servers": servers,
        "diffs": [*listed, *known] if isinstance(listed, list) else listed,
        "vms": document.get("vms", []),
    }
    found = problems_between(together, told, (SERVER, DIFF, GUEST, FAILURE))
    diffs, vms = _readable(document, "diffs", DIFF), _readable(document, "vms", GUEST)
    found += other_diffs(diffs, {diff.name: diff for diff in cluster.diffs})
    found += leaving_problems(
        _read_names(values, "leaving_vms"),
        _read_names(values, "leaving_diffs"),
        coming_diffs=[diff for _, diff in diffs],
        coming_vms=[vm for _, vm in vms],
        replaced=_names(document, "vms"),
        cluster_parts=(
            cluster.servers,
            {diff.name: diff for diff in cluster.diffs},
            {vm.name: vm for vm in cluster.vms},
        ),
    )
    paths = {problem.path for problem in told}
    return [problem for problem in found if problem.path not in paths]


def _readable(
    document: Mapping[str, object], key: str, shape: Shape[Made]
) -> list[tuple[str, Made]]:
    """Read the parts of a list that are right by themselves, each with its path."""
    listed = document.get(key)
    parts: list[tuple[str, Made]] = []
    for position, element in enumerate(listed if isinstance(listed, list) else ()):
        try:
            part = read_part(shape, element)
        except InvalidInput:
            continue  # it is told already
        parts.append((f"$.{key}[{position}]", part))
    return parts


def _names(document: Mapping[str, object], key: str) -> set[str]:
    listed = document.get(key)
    names = (
        element.get("name")
        for element in (listed if isinstance(listed, list) else ())
        if isinstance(element, dict)
    )
    return {name for name in names if isinstance(name, str)}


def _read_names(values: Mapping[str, object], key: str) -> tuple[str, ...]:
    names = values.get(key, ())
    return tuple(str(name) for name in names) if isinstance(names, tuple) else ()
