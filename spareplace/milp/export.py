"""Write a model as a file for other solvers: LP or MPS, every digit kept.

PuLP's own writers round to 12 digits (LP) and 13 (MPS), in versions 3.3 and 4.2 alike, and leave
characters in names that their own format gives another meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spareplace.milp.model import FREE, Milp

LONGEST_NAME = 200
"""Characters; some readers allow 255."""

_TERMS_A_LINE = 5
Term = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    sense: str
    limit: int
    terms: tuple[Term, ...]


def write_model(milp: Milp, path: str | Path) -> None:
    """Write a model; the ending of the name, ``.lp`` or ``.mps``, chooses the format.

    Columns of amounts are written as continuous, choices as integer. Names get the characters
    that both formats allow, and stay distinct. A row with two bounds becomes two rows.

    Parameters
    ----------
    milp
        The model. It needs a column.
    path
        The file; what is there is replaced.

    Raises
    ------
    ValueError
        For another ending, or a model without columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> model = Milp(
    ...     columns=("put[a]", "put[b]"), rows=("room",),
    ...     lower=np.zeros(2, int), upper=np.ones(2, int), choice=np.ones(2, bool),
    ...     row_lower=np.array([-FREE]), row_upper=np.array([3]),
    ...     at_row=np.zeros(2, int), at_column=np.arange(2), coefficient=np.array([2, 2]),
    ...     objective=np.array([-5, -4]),
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     write_model(model, Path(folder, "model.lp"))
    ...     print(Path(folder, "model.lp").read_text())
    Minimize
     obj: -5 x_put_a -4 x_put_b
    Subject To
     r_room: +2 x_put_a +2 x_put_b <= 3
    Bounds
     0 <= x_put_a <= 1
     0 <= x_put_b <= 1
    Generals
     x_put_a
     x_put_b
    End
    <BLANKLINE>
    """
    writers: dict[str, Callable[[Milp], Iterator[str]]] = {".lp": _lp, ".mps": _mps}
    writer = writers.get(Path(path).suffix.lower())
    if writer is None:
        raise ValueError(f"the file is {str(path)!r}, expected a name that ends with .lp or .mps")
    if not milp.columns:
        raise ValueError("the model has no columns, so there is nothing to write")
    with Path(path).open("w", encoding="ascii", newline="\n") as file:
        file.writelines(f"{line}\n" for line in writer(milp))


def _lp(milp: Milp) -> Iterator[str]:
    columns = _legal(milp.columns, "x")
    signs = {"L": "<=", "G": ">=", "E": "="}
    yield "Minimize"
    yield from _wrapped(" obj:", _objective(milp, columns), "")
    yield "Subject To"
    for row in _rows(milp, columns):
        yield from _wrapped(f" {row.name}:", row.terms, f" {signs[row.sense]} {row.limit}")
    yield "Bounds"
    bounds = zip(milp.lower.tolist(), columns, milp.upper.tolist(), strict=True)
    for lower, column, upper in bounds:
        yield f" {lower} <= {column} <= {upper}"
    yield "Generals"
    for column, choice in zip(columns, milp.choice.tolist(), strict=True):
        if choice:
            yield f" {column}"
    yield "End"


def _wrapped(head: str, terms: Sequence[Term], tail: str) -> Iterator[str]:
    """Break a long sum, since readers limit the length of a line."""
    for first in range(0, len(terms), _TERMS_A_LINE):
        part = terms[first : first + _TERMS_A_LINE]
        last = first + _TERMS_A_LINE >= len(terms)
        yield head + "".join(f" {number:+d} {name}" for number, name in part) + tail * last
        head = "  "


def _mps(milp: Milp) -> Iterator[str]:
    columns = _legal(milp.columns, "x")
    rows = tuple(_rows(milp, columns))
    entries: dict[str, list[tuple[str, int]]] = {name: [] for name in columns}
    for number, name in _objective(milp, columns):
        entries[name].append(("obj", number))
    for row in rows:
        for number, name in row.terms:
            entries[name].append((row.name, number))
    yield from ("NAME spareplace", "ROWS", " N obj")
    yield from (f" {row.sense} {row.name}" for row in rows)
    yield "COLUMNS"
    within = False
    for column, choice in zip(columns, milp.choice.tolist(), strict=True):
        if choice != within:
            yield f" MARKER 'MARKER' '{'INTORG' if choice else 'INTEND'}'"
            within = choice
        # A column that is used nowhere exists by its share of 0 in the objective.
        yield from (f" {column} {row} {number}" for row, number in entries[column] or [("obj", 0)])
    if within:
        yield " MARKER 'MARKER' 'INTEND'"
    yield "RHS"
    yield from (f" RHS {row.name} {row.limit}" for row in rows if row.limit)
    yield "BOUNDS"
    bounds = zip(columns, milp.lower.tolist(), milp.upper.tolist(), strict=True)
    for column, lower, upper in bounds:
        yield f" LO BND {column} {lower}"
        yield f" UP BND {column} {upper}"
    yield "ENDATA"


def _objective(milp: Milp, columns: Sequence[str]) -> list[Term]:
    used = np.flatnonzero(milp.objective).tolist()
    # Not empty, since an empty sum is no sum to some readers.
    return [(int(milp.objective[column]), columns[column]) for column in used] or [(0, columns[0])]


def _rows(milp: Milp, columns: Sequence[str]) -> Iterator[_Row]:
    """Give the rows, one for each bound. One without terms only appears if it cannot hold."""
    order = np.argsort(milp.at_row, kind="stable")
    starts = np.searchsorted(milp.at_row[order], np.arange(len(milp.rows) + 1)).tolist()
    at_column, coefficient = milp.at_column[order].tolist(), milp.coefficient[order].tolist()
    names = iter(_legal([f"{name}{end}" for name in milp.rows for end in ("", "_low")], "r"))
    limits = zip(milp.row_lower.tolist(), milp.row_upper.tolist(), strict=True)
    for row, (lower, upper) in enumerate(limits):
        name, low = next(names), next(names)
        here = range(starts[row], starts[row + 1])
        terms = tuple((coefficient[at], columns[at_column[at]]) for at in here if coefficient[at])
        if not terms:
            if lower <= 0 <= upper:
                continue
            terms = ((0, columns[0]),)
        if lower == upper:
            yield _Row(name=name, sense="E", limit=lower, terms=terms)
            continue
        if upper < FREE:
            yield _Row(name=name, sense="L", limit=upper, terms=terms)
        if lower > -FREE:
            name = low if upper < FREE else name
            yield _Row(name=name, sense="G", limit=lower, terms=terms)


def _legal(names: Sequence[str], kind: str) -> list[str]:
    """Give distinct names of letters, digits and ``_``, as near to these as the formats allow.

    The kind comes first, so that none reads as a number (``e5``) or a word of the format.
    """
    uses: dict[str, int] = {}
    legal: dict[str, None] = {}
    for name in names:
        plain = kind + re.sub(r"[^A-Za-z0-9]+", "_", f"_{name}").rstrip("_")[:LONGEST_NAME]
        distinct = plain
        while distinct in legal:
            uses[plain] = uses.get(plain, 1) + 1
            distinct = f"{plain}_{uses[plain]}"
        legal[distinct] = None
    return list(legal)
