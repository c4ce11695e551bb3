"""Writing results to standard output. Names are other people's text: they are made harmless."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def printable(text: str) -> str:
    r"""Escape whatever would not show as itself: control characters, and those that turn text.

    Line breaks stay.

    Examples
    --------
    >>> printable("a\x1b[2Jb"), printable("dér")
    ('a\\x1b[2Jb', 'dér')
    """
    return "\n".join(_escaped(line) for line in text.split("\n"))


def one_line(text: str) -> str:
    r"""Escape line breaks, too.

    Examples
    --------
    >>> one_line("a\nb")
    'a\\nb'
    """
    return _escaped(text)


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def say(text: str | bytes) -> None:
    """Write a result to standard output, and a line break after it.

    A reader who has gone away changes nothing about how the command ends; so nothing is said
    about it. Letters that the terminal's encoding lacks are escaped; bytes go as they are.

    Raises
    ------
    click.UsageError
        If it cannot be written for any other reason.
    """
    try:
        echo(text, sys.stdout)
    except OSError as error:
        raise click.UsageError(f"cannot write to standard output: {error.strerror}") from error


def echo(text: str | bytes, stream: TextIO | None, end: bool = True) -> None:
    """Write to a standard stream; see `say`.

    Parameters
    ----------
    text
        What to write.
    stream
        Where to; ``None`` when the caller of the command closed it.
    end
        Whether a line break follows.

    Raises
    ------
    OSError
        If it cannot be written, but for a reader who has gone away.
    """
    if stream is None:
        return
    if isinstance(text, str):
        encoding = stream.encoding or "utf-8"
        text = text.encode(encoding, errors="backslashreplace").decode(encoding)
    try:
        click.echo(text, file=stream, nl=end)
    except BrokenPipeError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())  # what is still to come goes nowhere
        os.close(null)
