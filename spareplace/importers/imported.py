"""What every importer gives: a cluster, and notes on what its sources did not say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.disks.chains import VMDisks


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that the sources do not say, and what was taken for it.

    Parameters
    ----------
    about
        Which item: ``"server 'a'"``.
    assumed
        What is not known, and what was assumed: ``"no memory is known; taken as 0"``.
    give
        How to say it: ``"list its capacity in the hosts file"``. May be empty.
    """

    about: str
    assumed: str
    give: str = ""

    def __str__(self) -> str:
        text = f"{self.about}: {self.assumed}"
        return f"{text}; {self.give}" if self.give else text


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffFile:
    """A file that is a diff, where a host has it now.

    Parameters
    ----------
    diff
        The diff.
    host
        The host, as its server is called.
    path
        What the tool calls the file there. Others chose it: quote it, and do not trust it.
    """

    diff: str
    host: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an importer made of its sources.

    Parameters
    ----------
    cluster
        What is to be planned for.
    notes
        What the sources did not say and what was assumed instead, each once, in the order in
        which it was met. Read them before relying on a plan.
    files
        Where the files of diffs lie, those that VMs write to among them, if the tool tells it.
    disks
        Of each VM that has several disks, which diffs make up which: what `runbook_script` needs
        to put their images together.
    """

    cluster: Cluster
    notes: tuple[Note, ...] = ()
    files: tuple[DiffFile, ...] = ()
    disks: tuple[VMDisks, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(dict.fromkeys(self.notes)))


NAMED = 3
"""How many items one line of `told` names."""


def told(notes: Iterable[Note]) -> list[str]:
    """Say what notes say, one line for all items of which the same was assumed.

    Examples
    --------
    >>> same = [Note(about=f"vm {name!r}", assumed="no demand is known") for name in "abcde"]
    >>> told(same)
    ["vm 'a', vm 'b', vm 'c' and 2 more: no demand is known"]
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        alike.setdefault((note.assumed, note.give), []).append(note.about)
    lines = []
    for (assumed, give), about in alike.items():
        more = f" and {len(about) - NAMED} more" if len(about) > NAMED else ""
        lines.append(str(Note(about=", ".join(about[:NAMED]) + more, assumed=assumed, give=give)))
    return lines
