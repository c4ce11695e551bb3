"""Small tables that people write beside the outputs of tools, as JSON or as CSV.

A table is a list of objects of one shape: in JSON an object with a format and that list, in CSV
a line that names the keys and then one line each, where an empty cell is a key left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from spareplace.errors import InvalidInput
from spareplace.files.decoding import read_part, read_shaped
from spareplace.files.number_kinds import AMOUNTS, BYTES, INTEGER
from spareplace.files.shapes import Made, Shape
from spareplace.files.text_kinds import FLAG
from spareplace.importers.sources import Source, refused, text_of, told_of

MOST_CELL = 100_000
"""Letters in one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a CSV table: its number in the file, and its cells by the names of columns."""

    line: int
    cells: Mapping[str, str]


def is_json(source: Source) -> bool:
    """Tell a JSON document from other text by how it starts."""
    return source.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def csv_rows(source: Source, needed: Sequence[str]) -> Iterator[Row]:
    """Read a CSV table whose first line names its columns.

    Parameters
    ----------
    source
        Text with commas between cells; one with commas, quotes or line breaks stands in double
        quotes, and a quote in it is doubled.
    needed
        Columns that must be there.

    Raises
    ------
    InvalidInput
        If it is no such table.
    """
    reader = csv.reader(io.StringIO(text_of(source), newline=""), strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            at, line = line, reader.line_num + 1
            if not cells or not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(source, at, cells, needed)
                continue
            if len(cells) != len(columns):
                counted = f"{len(columns)} cells, as the first line has"
                raise refused(source, f"line {at}", f"{len(cells)} cells", counted)
            if any(len(cell) > MOST_CELL for cell in cells):
                raise refused(source, f"line {at}", "a cell of great length", "a shorter one")
            yield Row(line=at, cells=dict(zip(columns, cells, strict=True)))
    except csv.Error as error:
        raise refused(source, f"line {line}", str(error), "CSV") from None
    if not columns:
        raise refused(source, "$", "nothing: it is empty", "a line that names the columns")


def _columns(source: Source, at: int, cells: Sequence[str], needed: Sequence[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    if bad := [name for name in columns if not name or columns.count(name) > 1]:
        raise refused(source, f"line {at}", f"a column {bad[0]!r}", "each column named, and once")
    if lacking := [name for name in needed if name not in columns]:
        raise refused(
            source,
            f"line {at}",
            f"the columns {', '.join(columns)[:80]}",
            f"a column {lacking[0]!r} among them",
        )
    return columns


def read_csv_table(source: Source, shape: Shape[Made], amounts: str = "") -> list[Made]:
    """Read a CSV table of objects of one shape.

    Parameters
    ----------
    source
        What to read.
    shape
        What each line looks like.
    amounts
        The key of the amounts whose resources have a column each; none if empty.

    Raises
    ------
    InvalidInput
        If anything is wrong with it.
    """
    made: list[Made] = []
    for row in csv_rows(source, sorted(shape.required)):
        document: dict[str, object] = {}
        resources: dict[str, object] = {}
        for column, cell in row.cells.items():
            if not cell:
                continue
            if column in shape.keys or not amounts:
                document[column] = _value(shape, column, cell)
            else:
                resources[column] = _number(cell)
        if resources:
            document[amounts] = resources
        try:
            made.append(read_part(shape, document))
        except InvalidInput as error:
            raise told_of(source, error, f"line {row.line}") from None
    return made


def _value(shape: Shape[Made], column: str, cell: str) -> object:
    key = shape.keys.get(column)
    if key is not None and key.kind in (BYTES, INTEGER, AMOUNTS):
        return _number(cell)
    if key is not None and key.kind is FLAG:
        return {"true": True, "false": False}.get(cell.strip().lower(), cell)
    return cell


def _number(cell: str) -> object:
    """Read a cell as JSON would have it: a number, or text with a unit."""
    number = number_in(cell.strip())
    if number is None:
        return cell.strip()
    return int(number) if number == number.to_integral_value() else number


_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,2})?")


def number_in(text: str) -> Decimal | None:
    """Read a number as programs write it, of a size that anything can have; or give nothing.

    Examples
    --------
    >>> number_in("1.50e3"), number_in("1e999999999"), number_in("many")
    (Decimal('1.50E+3'), None, None)
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_json_table(source: Source, shape: Shape[Made], name: str) -> Made:
    """Read a JSON table: an object of the shape, whose first key names its format.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed.
    """
    return read_shaped(shape, name, source.content, source.path)
