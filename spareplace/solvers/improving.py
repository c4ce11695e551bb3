"""Read the file in which HiGHS leaves each better solution while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spareplace.solvers.scaling import Floats

WIDTH = 32
"""More bytes than any line takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Improving:
    """Solutions one after the other, each better than the one before.

    ::

        Objective 41
        # Columns 3
         0
         1
         20.5

    Parameters
    ----------
    file
        May not exist yet, and may end within a solution.
    columns
        How many values a whole solution has.
    """

    file: Path
    columns: int

    def objective(self) -> float | None:
        """Give the objective of the last whole solution."""
        last = self._last()
        return None if last is None else float(last[0])

    def values(self) -> Floats | None:
        """Give the values of the last whole solution."""
        last = self._last()
        return None if last is None else np.array(last[1:], dtype=float)

    def _last(self) -> list[str] | None:
        if not self.file.exists():
            return None
        with self.file.open("rb") as file:
            # Enough for the last whole solution and one that is half written.
            file.seek(max(self.file.stat().st_size - 2 * WIDTH * (self.columns + 2), 0))
            tail = file.read().decode()
        # The last line may be half written: a whole one ends with a line feed.
        text, _, _ = tail.rpartition("\n")
        for solution in reversed(text.split("Objective ")[1:]):
            objective, *lines = solution.split("\n")
            values = [line for line in lines[1:] if line]
            if len(values) == self.columns:
                return [objective, *values]
        return None
