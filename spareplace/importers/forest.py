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
    builds_on
        What its files build on, or ``None``: the parent, but for the diffs of a second disk, put
        on top of those of the first.
    files
        The files that are it.
    vm
        The VM that it was first met in, or ``None``.
    moved
        True if it was met in a second disk, put on top of the first.
    name
        What the diff is called, once that is settled.
    """

    content: Content
    parent: Branch | None
    builds_on: Branch | None
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
        self.branches: dict[tuple[Content, Branch | None, Branch | None], Branch] = {}

    def add(
        self, chain: Sequence[ImageFile], vm: str | None, on: Branch | None = None
    ) -> tuple[Branch | None, Branch | None]:
        """Add a chain, the master first, on top of another one.

        A diff that the chain below holds already, on the same, is not put on top of it again.

        Returns
        -------
        top
            The last branch of both chains.
        leaf
            The branch of the last file: the same, unless the chain below holds it.
        """
        held: dict[tuple[Content, Branch | None], Branch] = {}
        step = on
        while step is not None:
            held[step.content, step.builds_on] = step
            step = step.parent
        top, leaf = on, None
        for file in chain:
            content = self.contents[file.host, file.path]
            branch = held.get((content, leaf))
            if branch is None:
                made = Branch(
                    content=content, parent=top, builds_on=leaf, vm=vm, moved=on is not None
                )
                top = branch = self.branches.setdefault((content, top, leaf), made)
            branch.files.append(file)
            leaf = branch
        return top, leaf


def named(growing: Growing) -> list[Note]:
    """Give every branch a name that no other has, as plain as that allows.

    What the user names keeps that name, unless it is in second disks of several VMs, each a diff
    of its own; others are called after their file, then also after the host or the VM, then by the
    whole path, and at last by number.

    Raises
    ------
    InvalidInput
        If files that the user gives one name build on different diffs.
    """
    branches = list(growing.branches.values())
    for name, same in (given := _given(branches)).items():
        plain = [it for it in same if not it.moved] or same
        if len(plain) == 1:
            plain[0].name = name
    settled = set(given)
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


def _given(branches: Iterable[Branch]) -> dict[str, list[Branch]]:
    """Find the branches of each name that the user gave."""
    found: dict[str, list[Branch]] = {}
    for branch in branches:
        if branch.content[0] != "named":
            continue
        name = str(branch.content[1])
        same = found.setdefault(name, [])
        same.append(branch)
        if _line(branch) != _line(same[0]):
            file, there = _file(branch), _file(same[0])
            raise refused(
                *file.told,
                f"{file.path!r:.200} on host {file.host!r}, said to be diff {name!r:.80}",
                f"to build on the same diff as {there.path!r:.200} on host {there.host!r}",
                "name or sum their backing files, too; or these are two diffs",
            )
    return found


def _line(branch: Branch) -> list[Content]:
    """Give what it builds on, as contents: two branches may be of one, in two VMs."""
    contents = []
    step = branch.builds_on
    while step is not None:
        contents.append(step.content)
        step = step.builds_on
    return contents


def _file(branch: Branch) -> ImageFile:
    return branch.files[0]


def _plain(branch: Branch) -> str:
    """Give the name that it would have if no other had it."""
    return str(branch.content[1]) if branch.content[0] == "named" else _file(branch).stem


_WAYS: tuple[Callable[[Branch], str], ...] = (
    _plain,
    lambda it: f"{_plain(it)} of {it.vm}" if it.moved else f"{_plain(it)}@{_file(it).host}",
    lambda it: f"{_file(it).path}@{_file(it).host}",
)


def _renamed(branches: Iterable[Branch]) -> list[Note]:
    """Note which diffs are not called as the user or their files alone have it."""
    return [
        Note(about=f"diff {branch.name!r}", assumed=_ANOTHER_DISK if branch.moved else _ANOTHER)
        for branch in branches
        if branch.name != _plain(branch) and (not branch.moved or branch.content[0] == "named")
    ]


_ANOTHER = "called so, since another file of its name is not the same diff"
_ANOTHER_DISK = (
    "called so, and not as the images file has it: in a further disk of a VM, it is a diff apart "
    "from that of other VMs"
)


def disk_of(leaf: Branch) -> tuple[str, ...]:
    """Name the diffs of one disk, the master first: each builds on the one before it."""
    names = [leaf.name]
    while leaf.builds_on is not None:
        leaf = leaf.builds_on
        names.append(leaf.name)
    return tuple(reversed(names))


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
