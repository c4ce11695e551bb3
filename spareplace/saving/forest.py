"""The diff tree of some images, as values."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.parts import Diff


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestDiff:
    """One image, and how it is best stored.

    Parameters
    ----------
    name
        Of the diff.
    size
        The bytes of its file: measured once it is written, before that estimated.
    parent
        The diff that it is stored as a difference on, or ``None`` for a master.
    virtual_size
        The bytes of the disk that a guest sees.
    image
        The path of the full image that it was made of.
    file
        The path of the file that was written, or ``None``.
    """

    name: str
    size: int
    parent: str | None
    virtual_size: int
    image: str
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceForest:
    """The diff tree of some images.

    Parameters
    ----------
    alone_bytes
        The bytes of all images stored as masters, estimated.
    total_bytes
        The bytes of all files of the tree, those that were there before among them.
    diffs
        Parents first.
    """

    alone_bytes: int
    total_bytes: int
    diffs: tuple[ForestDiff, ...]

    def as_diffs(self) -> tuple[Diff, ...]:
        """Give the diffs of a cluster.

        Examples
        --------
        >>> one = ForestDiff(name="web", size=5, parent=None, virtual_size=9, image="web.raw")
        >>> DifferenceForest(alone_bytes=5, total_bytes=5, diffs=(one,)).as_diffs()
        (Diff(name='web', size=5, parent=None),)
        """
        return tuple(Diff(name=it.name, size=it.size, parent=it.parent) for it in self.diffs)
