"""What a page is made of: sections, tables, notes, and parts that are shown when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from spareplace.canonical import JSON
from spareplace.reporting.figures import counted
from spareplace.reporting.markup import Child, Markup, joined, tag

MOST_UNBOXED = 24
"""Things in a list that does not scroll by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of the page.

    Parameters
    ----------
    markup
        What is in the page from the start.
    later
        By key, what the page's script needs when its place is opened or pointed at.
    """

    markup: Markup
    later: Mapping[str, JSON] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    title
        Its head.
    numeric
        Whether it holds figures, which are aligned at their right and sorted by value.
    sortable
        Whether the page offers to sort by it.
    """

    title: str
    numeric: bool = False
    sortable: bool = True


def text_column(title: str) -> Column:
    """Make a column of text."""
    return Column(title=title)


def figure_column(title: str) -> Column:
    """Make a column of figures."""
    return Column(title=title, numeric=True)


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Child]], rest: str = ""
) -> Markup:
    """Make a table that scrolls inside its own box; the first cell of a row is its head.

    Parameters
    ----------
    caption
        What the table shows.
    columns
        One for each cell of a row.
    rows
        Their cells. A cell that is a ``td`` already is taken as it is.
    rest
        What is said below the table about rows that are not shown.
    """
    heads = [
        tag(
            "th",
            column.title,
            scope="col",
            class_="n" if column.numeric else None,
            data_still=not column.sortable,
        )
        for column in columns
    ]
    body = [tag("tr", _cells(columns, row)) for row in rows]
    box = tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", heads)),
            tag("tbody", body),
        ),
        class_="scroll",
        role="region",
        aria_label=caption,
        tabindex=0,
    )
    return joined([box, note(rest) if rest else None])


def _cells(columns: Sequence[Column], row: Sequence[Child]) -> Iterable[Markup]:
    for position, (column, cell) in enumerate(zip(columns, row, strict=True)):
        if position == 0:
            yield tag("th", cell, scope="row", class_="n" if column.numeric else None)
        elif isinstance(cell, Markup) and cell.startswith("<td"):
            yield cell
        else:
            yield tag("td", cell, class_="n" if column.numeric else None)


def note(*text: Child) -> Markup:
    """Make a remark."""
    return tag("p", text, class_="note")


def section(key: str, title: str, *children: Child) -> Markup:
    """Make a section of the page with its heading."""
    head = tag("h2", title, id=f"{key}-title")
    return tag("section", head, children, id=key, aria_labelledby=f"{key}-title")


def folded(
    summary: Child, content: Child, *, is_open: bool = False, key: str | None = None
) -> Markup:
    """Make a part that the reader opens and closes."""
    return tag("details", tag("summary", summary), content, open=is_open, id=key)


def boxed(label: str, content: Markup, count: int) -> Markup:
    """Let a list of many things scroll inside its own box."""
    if count <= MOST_UNBOXED:
        return content
    return tag("div", content, class_="scroll list", role="region", aria_label=label, tabindex=0)


def waiting(key: str) -> Markup:
    """Make the place where something is put when the part around it is opened."""
    return tag("div", data_later=key)


def rest_of(total: int, most: int, thing: str) -> str:
    """Say how many are not shown."""
    return f"and {counted(total - most, f'more {thing}')}" if total > most else ""
