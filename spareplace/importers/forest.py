"""From the chains of image files on each host to one diff tree, each diff with a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from spareplace.importers.contents import Content
from spareplace.importers.images import ImageFile
from spareplace.importers.imported import DiffFile, Note
from spareplace.importers.sources import refused
from spareplace.parts import Diff


@dataclass(slots=True, kw_only=True, eq=False)
class Branch:
    """One diff to be: a content on top of another.

    Parameters
    ----------
    content
        What it holds.
    parent
        What it stands on, or ``None``.
    files
        The files that are it.
    vm
        The VM that it was first met in, or ``None``.
    moved
        True if its files build on something else: a second disk, put on top of the first.
    name
        What the diff is called, once that is settled.
    """

    content: Content
    parent: Branch | None
    files: list[ImageFile] = field(default_factory=list)
    vm: str | None = None
    moved: bool = False
    name: str = ""


class Growing:
    """The tree while chains are added to it.

    Parameters
    ----------
    contents
        What each file holds, by host and path.
    """

    def __init__(self, contents: Mapping[tuple[str, str], Content]) -> None:
        self.contents = contents
        self.branches: dict[tuple[Content, Branch | None], Branch] = {}

    def add(
        self, chain: Sequence[ImageFile], vm: str | None, on: Branch | None = None
    ) -> Branch | None:
        """Add a chain, the master first, on top of another one; give its last branch.

        A diff that the chain below holds already is not put on top of it again.
        """
        below: set[Content] = set()
        step = on
        while step is not None:
            below.add(step.content)
            step = step.parent
        top = on
        for file in chain:
            content = self.contents[file.host, file.path]
            if content in below:
                continue
            top = self.branches.setdefault(
                (content, top), Branch(content=content, parent=top, vm=vm, moved=on is not None)
            )
            top.files.append(file)
        return top


def named(growing: Growing) -> list[Note]:
    """Give every branch a name that no other has, as plain as that allows.

    What the user names keeps that name; others are called after their file, then also after the
    host, then by the whole path, and at last by number.

    Raises
    ------
    InvalidInput
        If files that the user gives one name build on different diffs.
    """
    branches = list(growing.branches.values())
    for branch in (first := _given(branches)).values():
        branch.name = str(branch.content[1])
    settled = set(first)
    for moved in (False, True):
        _settle([it for it in branches if not it.name and it.moved is moved], settled)
    return _renamed(branches)


def _settle(branches: Sequence[Branch], settled: set[str]) -> None:
    for way in _WAYS:
        counts = Counter(way(branch) for branch in branches)
        for branch in branches:
            if counts[way(branch)] == 1 and way(branch) not in settled:
                branch.name = way(branch)
                settled.add(branch.name)
        branches = [branch for branch in branches if not branch.name]
    number = 1
    for branch in branches:
        while not branch.name or branch.name in settled:
            number += 1
            branch.name = f"{_WAYS[-1](branch)} ({number})"
        settled.add(branch.name)


def _given(branches: Iterable[Branch]) -> dict[str, Branch]:
    """Find the branch of each name that the user gave."""
    first: dict[str, Branch] = {}
    for branch in branches:
        if branch.content[0] != "named" or branch.moved:
            continue
        name = str(branch.content[1])
        other = first.setdefault(name, branch)
        if other is not branch:
            file, there = _file(branch), _file(other)
            raise refused(
                *file.told,
                f"{file.path!r:.200} on host {file.host!r}, said to be diff {name!r:.80}",
                f"to build on the same diff as {there.path!r:.200} on host {there.host!r}",
                "name or sum their backing files, too; or these are two diffs",
            )
    return first


def _file(branch: Branch) -> ImageFile:
    return branch.files[0]


_WAYS: tuple[Callable[[Branch], str], ...] = (
    lambda it: _file(it).stem,
    lambda it: f"{_file(it).stem} of {it.vm}" if it.moved else f"{_file(it).stem}@{_file(it).host}",
    lambda it: f"{_file(it).path}@{_file(it).host}",
)


def _renamed(branches: Iterable[Branch]) -> list[Note]:
    """Note which diffs are not called after their files alone, since several would be."""
    return [
        Note(
            about=f"diff {branch.name!r}",
            assumed="called so, since another file of its name is not the same diff",
            give="",
        )
        for branch in branches
        if not branch.moved and branch.content[0] != "named" and branch.name != _file(branch).stem
    ]


def diffs_of(growing: Growing) -> tuple[Diff, ...]:
    """Make the diffs, parents first; each as large as the largest of its files."""
    return tuple(
        Diff(
            name=branch.name,
            size=max(file.actual_size for file in branch.files),
            parent=branch.parent.name if branch.parent else None,
        )
        for branch in growing.branches.values()
    )


def files_of(growing: Growing) -> tuple[DiffFile, ...]:
    """Say where the files of the diffs lie, each once."""
    return tuple(
        dict.fromkeys(
            DiffFile(diff=branch.name, host=file.host, path=file.path)
            for branch in growing.branches.values()
            for file in branch.files
        )
    )
