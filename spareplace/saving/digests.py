"""Where the digests of images are kept, beside the files of their tree."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spareplace.errors import InvalidInput, Problem
from spareplace.filenames import file_name


def saved_file(folder: Path, name: str) -> Path:
    """Give the file of a diff."""
    return folder / f"{file_name(name)}.qcow2"


def digests_file(folder: Path, name: str) -> Path:
    """Give the file with the digests of the image that a diff was made of."""
    return folder / f"{file_name(name)}.blocks"


@contextmanager
def keeping(folder: Path, name: str) -> Iterator[Path]:
    """Give a file for digests that takes its place when it is whole.

    Raises
    ------
    InvalidInput
        If a diff of that name is saved in the folder, and its image had other digests.
    """
    draft = folder / f"{file_name(name)}.draft"
    place = digests_file(folder, name)
    try:
        yield draft
        if (
            saved_file(folder, name).exists()
            and place.exists()
            and not filecmp.cmp(draft, place, shallow=False)
        ):
            found = f"the name {name!r:.80}"
            expected = f"another: an image of other contents has it in {os.fspath(folder)!r:.200}"
            raise InvalidInput([Problem(path="images", found=found, expected=expected)])
        os.replace(draft, place)
    finally:
        draft.unlink(missing_ok=True)
