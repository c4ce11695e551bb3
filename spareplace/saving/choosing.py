"""`difference_forest`: which image is best stored as a difference on which other one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from spareplace.errors import InvalidInput, Problem
from spareplace.saving.arborescence import least_forest
from spareplace.saving.blocks import Measured, measure, measured_before
from spareplace.saving.contents import Format, stem, virtual_size
from spareplace.saving.contents import format_of as _format_of
from spareplace.saving.depth import within_depth
from spareplace.saving.digests import digests_file, keeping
from spareplace.saving.forest import DifferenceForest, ForestDiff
from spareplace.saving.sharing import Sizes, sizes_of

DEFAULT_DEPTH = 8
"""The most differences on a master unless the caller says otherwise: a guest's reads go through
all of them."""

Told: TypeAlias = Callable[[str, int, int], object]
"""It is told the name of an image, the bytes of it that were gone through, and all of them."""


def difference_forest(
    images: Mapping[str, str] | Iterable[str],
    *,
    image_format: Format | None = None,
    depth_limit: int = DEFAULT_DEPTH,
    base: DifferenceForest | None = None,
    digests: Path | None = None,
    progress: Told = lambda _name, _read, _size: None,
) -> DifferenceForest:
    """Find the diff tree of some full images whose files take the fewest bytes.

    Each image is read once; what it has at every 64 KiB is kept as a digest of 8 bytes, in files.
    Of each pair it is known then how large the one is as a difference on the other, and of all
    trees the least is a minimum arborescence. With a limit to the depth it is a good one; see
    `within_depth`.

    Parameters
    ----------
    images
        The paths of raw or qcow2 files by the name that the diff gets; or the paths alone, for
        names after the files.
    image_format
        The format of all of them, or ``None`` to tell it by their names.
    depth_limit
        The most differences on a master, at least 0.
    base
        A diff tree that is stored already and stays as it is; the images are added to it.
    digests
        A folder for the digests, where those of `base` are, too; ``None`` for one that is thrown
        away. Without it the images of `base` are read again. With it, an image is refused whose
        name an image of other contents has there.
    progress
        Called now and then with the name of an image, the bytes of it that were gone through, and
        how many it has.

    Returns
    -------
    DifferenceForest
        Sizes are estimates, but for those of `base`.

    Raises
    ------
    InvalidInput
        If an image cannot be read on its own, if names are used twice, or if an option is not
        usable.
    OSError
        If an image cannot be read.
    """
    given = _named(images, base)
    if type(depth_limit) is not int or depth_limit < 0:
        raise _refused("depth_limit", repr(depth_limit)[:80], "an integer from 0")
    before = base.diffs if base is not None else ()
    with TemporaryDirectory(prefix="spareplace-") as folder:
        kept = digests or Path(folder)
        measured = [_again(it, kept, digests is not None, progress) for it in before]
        measured += [
            _measured(name, path, kept, image_format, progress) for name, path in given.items()
        ]
        sizes = sizes_of(measured)
    settled = _depths(before)
    parents = within_depth(sizes, least_forest(sizes, settled), depth_limit, settled)
    return _forest(before, given, measured, sizes, parents)


def _named(
    images: Mapping[str, str] | Iterable[str], base: DifferenceForest | None
) -> dict[str, str]:
    pairs = (
        list(images.items())
        if isinstance(images, Mapping)
        else [(stem(path), path) for path in images]
    )
    taken = {it.name for it in base.diffs} if base is not None else set()
    named: dict[str, str] = {}
    for name, path in pairs:
        try:
            (name + path).encode()
        except UnicodeEncodeError:
            raise _refused("images", ascii(path), "a name in UTF-8: link it by one") from None
        if name in taken or name in named:
            other = f"{named[name]!r} has it" if name in named else "the stored tree has it"
            raise _refused(path, f"the name {name!r}", f"a name of its own: {other}")
        named[name] = path
    return named


def _measured(
    name: str, path: str, folder: Path, image_format: Format | None, progress: Told
) -> Measured:
    size = virtual_size(path, _format_of(path, image_format))
    with keeping(folder, name) as draft:
        found = measure(
            name,
            path,
            draft,
            given=image_format,
            told=lambda read: progress(name, read, size),
        )
    return replace(found, digests=digests_file(folder, name))


def _again(diff: ForestDiff, folder: Path, kept: bool, progress: Told) -> Measured:
    if kept:
        return measured_before(diff.name, digests_file(folder, diff.name), diff.virtual_size)
    return _measured(diff.name, diff.image, folder, None, progress)


def _depths(diffs: Sequence[ForestDiff]) -> dict[int, int]:
    depth: dict[str, int] = {}
    for diff in diffs:
        depth[diff.name] = 0 if diff.parent is None else depth[diff.parent] + 1
    return dict(enumerate(depth.values()))


def _forest(
    before: Sequence[ForestDiff],
    given: Mapping[str, str],
    measured: Sequence[Measured],
    sizes: Sizes,
    parents: Sequence[int | None],
) -> DifferenceForest:
    diffs = list(before)
    waiting = dict(enumerate(given.items(), start=len(before)))
    done: set[int | None] = {None, *range(len(before))}
    while waiting:  # parents first, and else in the order given
        number = next(it for it in waiting if parents[it] in done)
        name, path = waiting.pop(number)
        base = parents[number]
        done.add(number)
        diffs.append(
            ForestDiff(
                name=name,
                size=sizes.alone[number] if base is None else sizes.on[base][number],
                parent=None if base is None else measured[base].name,
                virtual_size=measured[number].virtual_size,
                image=path,
            )
        )
    return DifferenceForest(
        alone_bytes=sum(sizes.alone),
        total_bytes=sum(it.size for it in diffs),
        diffs=tuple(diffs),
    )


def _refused(path: str, found: str, expected: str) -> InvalidInput:
    return InvalidInput([Problem(path=path, found=found, expected=expected)])
