"""The measurements made so far: lines of JSON, so that an interrupted run can go on."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks.measurement import Key, Measurement, read, written

log = logging.getLogger(__name__)


class Results:
    """The rows in a folder, one file for each family.

    Parameters
    ----------
    folder
        Made when the first row is added.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[Key, Measurement] = {}
        for path in sorted(folder.glob("*.jsonl")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    row = read(line)
                except (ValueError, TypeError) as broken:  # cut off, or of another layout
                    log.warning("%s, line %d is left out: %s", path.name, number, broken)
                    continue
                self._keep(row)

    def rows(self) -> list[Measurement]:
        """Give all rows, in the order in which they were made."""
        return list(self._rows.values())

    def find(self, key: Key, *, any_code: bool = False) -> Measurement | None:
        """Give the row of a key, or with `any_code` the last one that any code made for it."""
        if key in self._rows or not any_code:
            return self._rows.get(key)
        return newest(row for row in self._rows.values() if _asked(row) == replace(key, code=""))

    def add(self, row: Measurement) -> None:
        """Keep a row, on disk at once; one with the same key before it is replaced."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{row.family}.jsonl"
        with path.open("a+b") as file:
            # What an interruption cut off must not swallow this row as well.
            if file.tell() and not _ends_a_line(path):
                file.write(b"\n")
            file.write(written(row).encode() + b"\n")
        self._keep(row)

    def _keep(self, row: Measurement) -> None:
        self._rows.pop(row.key, None)
        self._rows[row.key] = row


def newest(rows: Iterable[Measurement]) -> Measurement | None:
    """Give the row that was made last, or ``None`` if there is none."""
    last = None
    for row in rows:
        last = row
    return last


def to_show(rows: Iterable[Measurement], code: str) -> list[Measurement]:
    """Give one row for each question: of this code where there is one, else the newest.

    Of clusters that had the same name at different times, the last one counts.
    """
    rows = list(rows)
    cluster = {row.case: row.key.cluster for row in rows}
    shown: dict[Key, Measurement] = {}
    for row in rows:
        if row.key.cluster != cluster[row.case]:
            continue
        asked = _asked(row)
        if row.key.code == code or asked not in shown or shown[asked].key.code != code:
            shown[asked] = row
    return list(shown.values())


def _asked(row: Measurement) -> Key:
    return replace(row.key, code="")


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() == b"\n"
