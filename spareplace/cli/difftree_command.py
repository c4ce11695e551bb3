"""``spareplace difftree``: which image is best stored as a difference on which other one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from spareplace.cli.arguments import FILE, json_option, verbose_option
from spareplace.cli.columns import name_shown, table
from spareplace.cli.described import Described
from spareplace.cli.printing import say
from spareplace.cli.progress_lines import HowFar
from spareplace.cli.results import writing
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import progress_option
from spareplace.errors import InvalidInput, Problem
from spareplace.files.storage import write_whole
from spareplace.saving import DifferenceForest, difference_forest, save_differences
from spareplace.saving.choosing import DEFAULT_DEPTH
from spareplace.saving.contents import Format, stem
from spareplace.saving.digests import digests_file
from spareplace.saving.forest_file import forest_text, read_forest
from spareplace.saving.writing import ToolFailed
from spareplace.units import format_bytes

FOREST = "difftree.json"
"""What the tree is called in the folder of its files."""


@click.command("difftree", cls=Described)
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=FILE)
@click.option(
    "--format",
    "image_format",
    type=click.Choice(["raw", "qcow2"]),
    help="The format of all images, where their names do not tell.",
)
@click.option(
    "--depth-limit",
    type=click.IntRange(0),
    default=DEFAULT_DEPTH,
    show_default=True,
    metavar="N",
    help="The most differences on top of a master.",
)
@click.option(
    "--base",
    type=FILE,
    metavar="FOREST",
    help="Add the images to a tree that is stored: its difftree.json.",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FOLDER",
    help="Write the files of the tree there with qemu-img, and difftree.json.",
)
@json_option
@progress_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    images: tuple[str, ...],
    image_format: Format | None,
    depth_limit: int,
    base: str | None,
    output: str | None,
    as_json: bool,
) -> None:
    """Find the diff tree of full images, raw or qcow2, whose files take the fewest bytes.

    Each image is read once and compared with all others in blocks of 64 KiB. The diffs are named
    after the files.
    """
    if base is not None and output is not None and not _beside(base, output):
        raise click.UsageError("with --base, the files go to its own folder: -o must name that")
    if output is not None and not os.path.isdir(output):
        raise click.BadParameter(f"there is no folder {output!r}", param_hint="-o")
    before = None if base is None else _forest_from(base)
    if output is not None:
        _refuse_losing(os.path.join(output, FOREST), images, before)
    with _readable():
        forest = difference_forest(
            images,
            image_format=image_format,
            depth_limit=depth_limit,
            base=before,
            digests=_digests(output, base, before),
            progress=lambda name, read, size: err.show(_progress(name, read, size)),
        )
    if output is not None:
        forest = _saved(forest, output, image_format, err)
    err.erase()
    say(forest_text(forest).rstrip("\n").encode() if as_json else _summary(forest))


def _beside(base: str, output: str) -> bool:
    return os.path.realpath(os.path.dirname(base) or ".") == os.path.realpath(output)


def _refuse_losing(path: str, images: tuple[str, ...], before: DifferenceForest | None) -> None:
    """Refuse to write a tree in the place of one that has diffs which it has not."""
    if not os.path.exists(path):
        return
    kept = {stem(image) for image in images}
    if before is not None:
        kept |= {it.name for it in before.diffs}
    lost = [it.name for it in _forest_from(path).diffs if it.name not in kept]
    if lost:
        names = ", ".join(name_shown(name) for name in lost[:3])
        more = f" and {len(lost) - 3} more" if lost[3:] else ""
        raise click.UsageError(f"{path} has {names}{more}, too: add to it with --base {path}")


def _digests(output: str | None, base: str | None, before: DifferenceForest | None) -> Path | None:
    """Give the folder of the digests, if they are to be kept, or if all of the base are there."""
    if output is not None:
        return Path(output)
    if base is None or before is None:
        return None
    folder = Path(base).parent
    there = all(digests_file(folder, it.name).is_file() for it in before.diffs)
    return folder if there and os.access(folder, os.W_OK) else None


def _forest_from(path: str) -> DifferenceForest:
    with _readable():
        return read_forest(Path(path).read_bytes(), path)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn an error in reading a file into a problem with the input."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            [
                Problem(
                    path=str(error.filename or "$"),
                    found=(error.strerror or str(error)).lower(),
                    expected="a file to read",
                )
            ]
        ) from error


def _saved(
    forest: DifferenceForest, output: str, image_format: Format | None, err: StandardError
) -> DifferenceForest:
    try:
        with writing(output):
            written = save_differences(
                forest,
                output,
                image_format=image_format,
                progress=lambda diff: err.show(HowFar(text=f"written: {diff.name}", at=diff.name)),
            )
    except ToolFailed as failed:
        raise click.BadParameter(str(failed), param_hint="-o") from failed
    with writing(os.path.join(output, FOREST)):
        write_whole(os.path.join(output, FOREST), forest_text(written))
    return written


def _progress(name: str, read: int, size: int) -> HowFar:
    text = f"{name_shown(name)}: {format_bytes(read)} of {format_bytes(size)}"
    return HowFar(text=text, at=name, done=read, total=size)


def _summary(forest: DifferenceForest) -> str:
    rows = [["diff", "on", "bytes", "file" if _is_written(forest) else "image"]]
    rows += [
        [
            name_shown(it.name),
            "-" if it.parent is None else name_shown(it.parent),
            f"{it.size}",
            name_shown(it.file or it.image, most=40),
        ]
        for it in forest.diffs
    ]
    saved = 1 - forest.total_bytes / forest.alone_bytes if forest.alone_bytes else 0.0
    lines = [
        f"alone           {format_bytes(forest.alone_bytes)}",
        f"as differences  {format_bytes(forest.total_bytes)}, {saved:.1%} less",
        "",
        *table(rows, right={2}),
    ]
    return "\n".join(lines)


def _is_written(forest: DifferenceForest) -> bool:
    return all(it.file is not None for it in forest.diffs)
