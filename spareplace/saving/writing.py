"""`save_differences`: the files of a diff tree, written by qemu-img, compared with the images."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from spareplace.errors import InvalidInput, Problem
from spareplace.filenames import file_name
from spareplace.saving.contents import Format, format_of, virtual_size
from spareplace.saving.digests import saved_file
from spareplace.saving.forest import DifferenceForest, ForestDiff

QEMU_IMG = "qemu-img"

_WHOLE_BLOCKS = 4096
"""File systems give out room in these."""


class ToolFailed(RuntimeError):
    """A program that was run failed: `command`, and what it told."""

    def __init__(self, command: Sequence[str], told: str) -> None:
        super().__init__(command, told)
        self.command = tuple(command)
        self.told = told

    def __str__(self) -> str:
        return f"{' '.join(self.command)}: {self.told}"


def save_differences(
    forest: DifferenceForest,
    folder: str | os.PathLike[str],
    *,
    image_format: Format | None = None,
    progress: Callable[[ForestDiff], object] = lambda _diff: None,
) -> DifferenceForest:
    """Write every diff of a forest as a qcow2 file that a runbook can take: ``NAME.qcow2``.

    A master is converted. For a difference, an empty image on top of the full one is rebased onto
    the file of its parent, which stores the clusters that differ; what of them is zeros is then
    marked as such. Each file is compared with the image that it stands for before it gets its
    name. It names its parent by the name of the file alone, so the files of one folder belong
    together wherever the folder is; it has no holes, so that its length is what it takes and what
    is sent.

    Files that exist are kept if they build on the same and read as the image, and refused if they
    do not: nothing is overwritten. On the side, one difference takes its size twice.

    Parameters
    ----------
    forest
        What `difference_forest` chose. What of it has a file is not written again.
    folder
        Where the files go; those of the parents that exist must be there.
    image_format
        The format of all images, or ``None`` to tell it by their names.
    progress
        Called with each diff that is there.

    Returns
    -------
    DifferenceForest
        The same with the files and their sizes.

    Raises
    ------
    ToolFailed
        If qemu-img fails, or finds that a file is not the image.
    InvalidInput
        If qemu-img is missing, or the folder, if an image cannot be read on its own, or if a file
        is in the place of another that is not it.
    """
    place = Path(folder)
    if not place.is_dir():
        raise _refused(str(place), "no folder", "a folder for the files")
    done: list[ForestDiff] = []
    for diff in forest.diffs:
        if diff.file is None:
            found = format_of(diff.image, image_format)
            virtual_size(diff.image, found)  # refuses an image that would open other files
            written = _written(diff, place, found)
            diff = replace(diff, file=str(written), size=written.stat().st_size)
        done.append(diff)
        progress(diff)
    return replace(forest, diffs=tuple(done), total_bytes=sum(it.size for it in done))


def _written(diff: ForestDiff, place: Path, image_format: Format) -> Path:
    target = saved_file(place.absolute(), diff.name)
    image = os.path.abspath(diff.image)
    if target.exists():
        _refuse_another(target, image, diff.parent)
        _compare(target, image, image_format)
        return target
    with _scratch(place, f"{file_name(diff.name)}.part") as part:
        if diff.parent is None:
            _run("convert", "-f", image_format, "-O", "qcow2", image, str(part))
        else:
            parent = saved_file(place, diff.parent).name
            with _scratch(place, f"{file_name(diff.name)}.part-of-two") as rebased:
                _run("create", "-q", "-f", "qcow2", "-F", image_format, "-b", image, str(rebased))
                _run("rebase", "-f", "qcow2", "-F", "qcow2", "-b", parent, str(rebased))
                options = ("-f", "qcow2", "-O", "qcow2", "-B", parent, "-F", "qcow2")
                _run("convert", *options, str(rebased), str(part))
        _fill(part)
        _compare(part, image, image_format)
        os.link(part, target)  # which fails if the file is there by now
    return target


def _refuse_another(target: Path, image: str, parent: str | None) -> None:
    """Refuse a file that is not what would be written, however it reads."""
    if target.samefile(image):
        where = "another folder: the file of its diff goes there"
        raise _refused(image, "the image itself in the folder of the tree", where)
    told = json.loads(_run("info", "-f", "qcow2", "--output=json", str(target)))
    found = told.get("backing-filename")
    expected = None if parent is None else saved_file(target.parent, parent).name
    if found != expected:
        on = "nothing" if expected is None else expected
        raise _refused(
            str(target),
            f"a file that builds on {'nothing' if found is None else repr(found)[:200]}",
            f"one that builds on {on}, as this tree has it: take a new folder",
        )


@contextmanager
def _scratch(place: Path, name: str) -> Iterator[Path]:
    path = place.absolute() / name
    path.unlink(missing_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _compare(file: Path, image: str, image_format: Format) -> None:
    _run("check", "-q", "-f", "qcow2", str(file))
    _run("compare", "-f", "qcow2", "-F", image_format, str(file), image)


def _fill(path: Path) -> None:
    """Give a file room for all that it may hold, in whole blocks: qcow2 does not mind the rest."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        whole = -(-size // _WHOLE_BLOCKS) * _WHOLE_BLOCKS
        os.posix_fallocate(file.fileno(), 0, whole)
        os.fsync(file.fileno())


def _run(*words: str) -> str:
    command = [QEMU_IMG, *words]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
        )
    except FileNotFoundError:
        raise _refused(QEMU_IMG, "no such program", "qemu-img, of Debian's qemu-utils") from None
    if done.returncode:
        raise ToolFailed(command, (done.stderr or done.stdout).strip() or "it failed")
    return done.stdout


def _refused(path: str, found: str, expected: str) -> InvalidInput:
    return InvalidInput([Problem(path=path, found=found, expected=expected)])
