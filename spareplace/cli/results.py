"""Writing results to files that the command line names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


def refuse_unwritable(path: str | None, *inputs: str) -> None:
    """End before the work begins if its result could not be written, or would replace its input.

    Raises
    ------
    click.BadParameter
        If so.
    """
    if path is None:
        return
    target = Path(path)
    if any(os.path.exists(other) and _same(target, other) for other in inputs):
        raise _refused(path, "it is what is read")
    folder = target.resolve().parent
    if not folder.is_dir():
        raise _refused(path, f"there is no folder {str(folder)!r}")
    if target.is_dir():
        raise _refused(path, "it is a folder")
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise _refused(path, "permission denied")


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Turn an error in writing a file into a message about the option that named it.

    Raises
    ------
    click.BadParameter
        If the file cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error


def _same(target: Path, other: str) -> bool:
    return target.exists() and target.is_file() and target.samefile(other)


def _refused(path: str, why: str) -> click.BadParameter:
    return click.BadParameter(f"cannot write {path!r}: {why}", param_hint="-o")
