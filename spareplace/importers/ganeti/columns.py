"""The text format of Ganeti's htools: sections between empty lines, columns between bars.

The loader of htools 3.0 is followed to the letter: which columns may be left out and what stands
for them, and that what comes after the last known column or section is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from spareplace.importers.sources import Source, lines_of, refused
from spareplace.importers.tables import number_in
from spareplace.units import LARGEST

MIB = 2**20

SECTIONS = ("node groups", "nodes", "instances", "cluster tags", "policies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a section.

    Parameters
    ----------
    source
        Where it stands.
    number
        Which line of the whole file it is.
    cells
        What stands between its bars, those that were left out filled in.
    """

    source: Source
    number: int
    cells: Sequence[str]

    def at(self, column: str) -> str:
        """Say where one of its columns is, for messages."""
        return f"line {self.number}, {column}"

    def name(self, position: int, column: str) -> str:
        """Read text that must not be empty.

        Raises
        ------
        InvalidInput
            If it is.
        """
        text = self.cells[position]
        if not text:
            raise refused(self.source, self.at(column), "nothing", "a name")
        return text

    def number_of(self, position: int, column: str, least: int = 0) -> Decimal:
        """Read a number.

        Raises
        ------
        InvalidInput
            If it is none, below `least`, or above 2^53.
        """
        text = self.cells[position].strip()
        number = number_in(text)
        if number is None or not least <= number <= LARGEST:
            expected = f"a number from {least} to 2^53"
            raise refused(self.source, self.at(column), f"{text!r:.80}", expected)
        return number

    def whole(self, position: int, column: str) -> int:
        """Read a whole number from 0.

        Raises
        ------
        InvalidInput
            If it is none.
        """
        number = self.number_of(position, column)
        if number != number.to_integral_value():
            raise refused(self.source, self.at(column), f"{number}", "a whole number")
        return int(number)

    def mib(self, position: int, column: str, least: int = 0) -> int:
        """Read a number of MiB as whole bytes.

        Raises
        ------
        InvalidInput
            If it is no number, or more bytes than 2^53.
        """
        count = self.number_of(position, column, least) * MIB
        if not -LARGEST <= count <= LARGEST:
            raise refused(self.source, self.at(column), f"{count / MIB} MiB", "at most 2^33 MiB")
        return int(count)

    def word(self, position: int, column: str, *known: str) -> str:
        """Read one of some words.

        Raises
        ------
        InvalidInput
            If it is none of them.
        """
        text = self.cells[position]
        if text not in known:
            expected = "one of " + ", ".join(known)
            raise refused(self.source, self.at(column), f"{text!r:.80}", expected)
        return text

    def tags(self, position: int) -> tuple[str, ...]:
        """Read tags with commas between them."""
        return tuple(dict.fromkeys(tag for tag in self.cells[position].split(",") if tag))


_DEFAULTS = {
    "node groups": (4, ("",)),
    "nodes": (9, ("1", "", "N", "0", "1", "1.0")),
    "instances": (10, ("1", "-", "N")),
    "policies": (6, ()),
}
"""How many columns there must be, and what stands for the others."""


def read_sections(source: Source) -> dict[str, list[Line]]:
    """Split a file into its lines, by section.

    Raises
    ------
    InvalidInput
        If it has too few sections, or a line too few columns.
    """
    lines = list(lines_of(source))
    parts: list[list[tuple[int, str]]] = [[]]
    for number, line in lines if lines[-1][1] else lines[:-1]:
        if line:
            parts[-1].append((number, line))
        else:
            parts.append([])
    if len(parts) < 4:
        raise refused(
            source,
            "$",
            f"{len(parts)} sections",
            "4 or more with one empty line between them: " + ", ".join(SECTIONS),
            "an empty section leaves two empty lines; hbal -S and hscan write such files",
        )
    parts += [[] for _ in range(len(SECTIONS) - len(parts))]
    return {
        section: [_line(source, section, number, line) for number, line in part]
        for section, part in zip(SECTIONS, parts, strict=False)
    }


def _line(source: Source, section: str, number: int, text: str) -> Line:
    if section not in _DEFAULTS:
        return Line(source=source, number=number, cells=(text,))
    least, defaults = _DEFAULTS[section]
    cells = text.split("|")
    if len(cells) < least:
        expected = f"at least {least} columns, as the section of {section} has"
        raise refused(source, f"line {number}", f"{len(cells)} columns", expected)
    return Line(source=source, number=number, cells=(*cells, *defaults[len(cells) - least :]))
