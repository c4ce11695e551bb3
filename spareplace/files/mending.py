"""What can be said of how the parts of a cluster fit together although some are wrong.

A part that is wrong by itself is mended: its wrong values are left out, and those that it cannot
do without are replaced by ones that refer to nothing. So one wrong size hides no unknown parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from spareplace.errors import InvalidInput, Problem
from spareplace.files.decoding import read_part
from spareplace.files.problems import within
from spareplace.files.shapes import Shape
from spareplace.files.text_kinds import NAME
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.references import Found, cross_check

Part = TypeVar("Part", Server, Diff, VM, Failure)
Placed: TypeAlias = Sequence[tuple[str, Part]]

_FIELD = re.compile(r"(\$\.\w+\[\d+\])(\.\w+)?")


def problems_between(
    document: Mapping[str, object],
    told: Sequence[Problem],
    shapes: tuple[Shape[Server], Shape[Diff], Shape[VM], Shape[Failure]],
) -> list[Problem]:
    """List what is wrong between the parts in a file, and what their mending brings to light.

    Parameters
    ----------
    document
        The file.
    told
        What is wrong with the parts by themselves: no second problem comes of it.
    shapes
        What the parts look like.
    """
    late: list[Problem] = []
    servers = _mended("servers", shapes[0], document, late)
    diffs = _mended("diffs", shapes[1], document, late)
    vms = _mended("vms", shapes[2], document, late)
    failures = _mended("failures", shapes[3], document, late)
    unseen_servers, unseen_diffs = set[str](), set[str]()
    if _may_hide_resources(document.get("servers")):
        unseen_servers.add("")  # no name, but it says that not all servers could be read
    if not isinstance(document.get("servers"), list):
        unseen_servers |= _servers_named(vms, failures)
    if not isinstance(document.get("diffs", []), list):
        unseen_diffs |= _diffs_named(servers, vms)
    crossed = cross_check(
        Found(kind="server", items=tuple(servers), refused=frozenset(unseen_servers)),
        Found(kind="diff", items=tuple(diffs), refused=frozenset(unseen_diffs)),
        Found(kind="vm", items=tuple(vms)),
        Found(kind="failure", items=tuple(failures)),
    )
    mended = {problem.path for problem in (*told, *late)}
    mended |= {_field(path) for path in mended}
    return late + [it for it in crossed if mended.isdisjoint((_part(it.path), _field(it.path)))]


def _part(path: str) -> str:
    match = _FIELD.match(path)
    return match[1] if match else path


def _field(path: str) -> str:
    """Give the path as far as the field that has a stand-in when something in it is wrong.

    A demand has none: only its amounts are replaced, its resources are those of the file.
    """
    match = _FIELD.match(path)
    return match[0] if match and match[2] not in (None, ".demand") else path


def _may_hide_resources(servers: object) -> bool:
    return not isinstance(servers, list) or not all(
        isinstance(server, dict) and isinstance(server.get("capacity", {}), dict)
        for server in servers
    )


def _mended(
    key: str, shape: Shape[Part], document: Mapping[str, object], late: list[Problem]
) -> list[tuple[str, Part]]:
    """Read a list of parts, mending those that are wrong."""
    listed = document.get(key)
    parts: list[tuple[str, Part]] = []
    for position, element in enumerate(listed if isinstance(listed, list) else ()):
        path = f"$.{key}[{position}]"
        try:
            parts.append((path, read_part(shape, element)))
        except InvalidInput as error:
            part, more = _mended_part(shape, element, error.problems, path)
            parts.append((path, part))
            late += within(path, more)
    return parts


def _mended_part(
    shape: Shape[Part], element: object, problems: Sequence[Problem], path: str
) -> tuple[Part, Sequence[Problem]]:
    """Mend what the file got wrong, then what the part still says of itself."""
    document = _without(shape, element, problems, path)
    try:
        return read_part(shape, document), ()
    except InvalidInput as error:
        return read_part(shape, _without(shape, document, error.problems, path)), error.problems


def _without(
    shape: Shape[Part], element: object, problems: Iterable[Problem], path: str
) -> dict[str, object]:
    given = element if isinstance(element, dict) else {}
    wrong = {word for problem in problems for word in re.findall(r"^\.(\w+)", problem.path)}
    stand_ins = {"name": path, "server": path, "servers": [path], "disk": 0, "size": 0}
    document: dict[str, object] = {key: stand_ins[key] for key in shape.required}
    for key in shape.keys & given.keys():
        if key not in wrong:
            document[key] = given[key]
        elif key in ("capacity", "demand") and isinstance(given[key], dict):
            document[key] = {name: 0 for name in given[key] if _is_name(name)}
    return document


def _is_name(text: str) -> bool:
    try:
        NAME.read(text)
    except InvalidInput:
        return False
    return True


def _servers_named(vms: Placed[VM], failures: Placed[Failure]) -> set[str]:
    names = {vm.server for _, vm in vms}
    names.update(name for _, vm in vms for name in vm.allowed_servers or ())
    names.update(name for _, failure in failures for name in failure.servers)
    return names


def _diffs_named(servers: Placed[Server], vms: Placed[VM]) -> set[str]:
    names = {vm.diff for _, vm in vms if vm.diff is not None}
    names.update(name for _, server in servers for name in server.resident)
    return names
