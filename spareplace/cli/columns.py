"""Text in columns, for terminals of 80 characters and names of any length and script."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from spareplace.cli.printing import one_line

WIDTH = 80

LONGEST_NAME = 30


def name_shown(name: str, most: int = LONGEST_NAME) -> str:
    r"""Make a name fit to be shown: nothing in it acts on the terminal, and it is not too wide.

    A long one keeps its two ends, which tell names of one pattern apart.

    Parameters
    ----------
    name
        Any text.
    most
        The widest that it may be, in columns.

    Examples
    --------
    >>> name_shown("a\n"), name_shown("database-server-in-the-rack-number-17", most=20)
    ('a\\n', 'database-...umber-17')
    """
    # The first cut bounds the work, whatever the length of the name.
    text = one_line(name if len(name) <= 4 * most else name[: 2 * most] + name[-2 * most :])
    if len(name) <= 4 * most and width(text) <= most and len(text) <= 2 * most:
        return text
    side = most - 3
    return f"{_start(text, side - side // 2)}...{_start(text[::-1], side // 2)[::-1]}"


def _start(text: str, most: int) -> str:
    kept = text[: 2 * most]
    while width(kept) > most:
        kept = kept[:-1]
    return kept


def width(text: str) -> int:
    """Count the columns that a text takes on a terminal.

    Examples
    --------
    >>> width("web"), width("\u6771\u4eac"), width("e\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Align rows in columns, two spaces between them.

    Parameters
    ----------
    rows
        All of one length.
    right
        The columns, from 0, that are aligned at their right, as numbers are.

    Examples
    --------
    >>> table([["name", "VMs"], ["s1", "12"]], right={1})
    ['name  VMs', 's1     12']
    """
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(_cells(row, widths, right)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    padding = [" " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
    return [
        space + cell if column in right else cell + space
        for column, (cell, space) in enumerate(zip(row, padding, strict=True))
    ]
