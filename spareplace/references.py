"""Whether the parts of a cluster fit together: names used once, references that lead somewhere.

The same check serves a `Cluster` made in Python and one read from a file, where some parts may
have been refused already; what those were called still counts as known.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from spareplace.errors import PROBLEMS_SHOWN, Problem
from spareplace.parts import VM, Diff, Failure, Server


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """How others refer to it."""
        ...


Item = TypeVar("Item", bound=Named, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Item]):
    """The parts of one kind that were found, each with its path.

    Parameters
    ----------
    kind
        What they are called in messages: ``"server"``.
    items
        Path and value of each part that is usable by itself.
    refused
        Names of the parts that are not: a reference to one is no second problem.
    """

    kind: str
    items: tuple[tuple[str, Item], ...]
    refused: frozenset[str] = frozenset()

    @staticmethod
    def at(key: str, values: Sequence[Item]) -> Found[Item]:
        """Number the values of a list that was read whole."""
        items = tuple((f"$.{key}[{position}]", value) for position, value in enumerate(values))
        return Found(kind=key.removesuffix("s"), items=items)

    def names(self) -> dict[str, str]:
        """Give every known name, and the path where it stands first."""
        first: dict[str, str] = dict.fromkeys(self.refused, "")
        for path, item in self.items:
            first.setdefault(item.name, path)
        return first


def cross_check(
    servers: Found[Server], diffs: Found[Diff], vms: Found[VM], failures: Found[Failure]
) -> list[Problem]:
    """List everything that is wrong between the parts of a cluster."""
    known_servers, known_diffs = servers.names(), diffs.names()
    suggest = _Suggestions()
    problems = [twice for kind in (servers, diffs, vms, failures) for twice in _twice(kind)]
    if not servers.items and not servers.refused:
        problems.append(Problem(path="$.servers", found="no server", expected="at least one"))
    for path, server in servers.items:
        problems += _unknown(path, "resident", server.resident, "diff", known_diffs, suggest)
    for path, diff in diffs.items:
        if diff.parent is not None and diff.parent not in known_diffs:
            problems.append(_missing(f"{path}.parent", diff.parent, "diff", known_diffs, suggest))
    problems += _cycles(diffs)
    problems += _vm_problems(vms, servers, known_servers, known_diffs, suggest)
    for path, failure in failures.items:
        problems += _unknown(path, "servers", failure.servers, "server", known_servers, suggest)
    return problems


def _vm_problems(
    vms: Found[VM],
    servers: Found[Server],
    known_servers: Mapping[str, str],
    known_diffs: Mapping[str, str],
    suggest: _Suggestions,
) -> Iterator[Problem]:
    listed = {resource: "" for _, server in servers.items for resource in server.capacity}
    for path, vm in vms.items:
        if vm.server not in known_servers:
            yield _missing(f"{path}.server", vm.server, "server", known_servers, suggest)
        if vm.diff is not None and vm.diff not in known_diffs:
            yield _missing(f"{path}.diff", vm.diff, "diff", known_diffs, suggest)
        yield from _unknown(
            path, "allowed_servers", vm.allowed_servers or (), "server", known_servers, suggest
        )
        # A server that was refused may be the one that lists it.
        for resource in () if servers.refused else vm.demand:
            if resource not in listed:
                problem = _missing(
                    f"{path}.demand.{resource}", resource, "resource", listed, suggest
                )
                yield Problem(
                    path=problem.path,
                    found=problem.found,
                    expected="a resource that at least one server lists in its capacity",
                    hint=problem.hint,
                )


def _twice(parts: Found[Item]) -> Iterator[Problem]:
    first = parts.names()
    for path, item in parts.items:
        if first[item.name] not in ("", path):
            yield Problem(
                path=f"{path}.name",
                found=f"{item.name!r} again",
                expected=f"a name that no other {parts.kind} has",
                hint=f"it stands first at {first[item.name]}",
            )


def _unknown(
    path: str,
    key: str,
    names: Sequence[str],
    kind: str,
    known: Mapping[str, str],
    suggest: _Suggestions,
) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name not in known:
            yield _missing(f"{path}.{key}[{position}]", name, kind, known, suggest)


class _Suggestions:
    """Suggests names for as many problems as are shown; each takes a search through all names."""

    def __init__(self) -> None:
        self.left = PROBLEMS_SHOWN

    def __call__(self, name: str, known: Mapping[str, str]) -> str:
        self.left -= 1
        return nearly(name, known) if self.left >= 0 else ""


def _missing(
    path: str, name: str, kind: str, known: Mapping[str, str], suggest: _Suggestions
) -> Problem:
    return Problem(
        path=path,
        found=repr(name)[:80],
        expected=f"the name of a {kind}",
        hint=suggest(name, known),
    )


def nearly(name: str, known: Mapping[str, str]) -> str:
    """Suggest the known name that is nearest to this one, if one is near.

    A long list is not searched: the search takes time in proportion to it, for every problem.

    Examples
    --------
    >>> nearly("servr", {"server": "", "disk": ""})
    "did you mean 'server'?"
    """
    if len(known) > 2000 or len(name) > 80:
        return ""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def _cycles(diffs: Found[Diff]) -> Iterator[Problem]:
    """Name each cycle once, at its first diff; every diff is walked over once."""
    paths = diffs.names()
    parent: dict[str, str | None] = {}
    for _, diff in diffs.items:
        parent.setdefault(diff.name, diff.parent)
    position = {name: at for at, name in enumerate(parent)}
    done: set[str] = set()
    for path, diff in diffs.items:
        walked: dict[str, None] = {}
        here: str | None = diff.name
        while here is not None and here in parent and here not in done and here not in walked:
            walked[here] = None
            here = parent[here]
        if here is not None and here in walked:
            ring = list(walked)[list(walked).index(here) :]
            first = min(range(len(ring)), key=lambda at: position[ring[at]])
            ring = ring[first:] + ring[:first]
            shown = " -> ".join(repr(name) for name in ring[:5])
            yield Problem(
                path=f"{paths[ring[0]] or path}.parent",
                found=f"a cycle of {len(ring)} diff{'s' * (len(ring) > 1)}: {shown}"
                + " -> ..." * (len(ring) > 5),
                expected="a chain of parents that ends at a master",
            )
        done.update(walked)
