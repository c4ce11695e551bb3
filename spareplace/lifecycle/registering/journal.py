"""What was done, step by step, and how each step is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True, eq=False)
class Journal:
    """Steps that were done, the last one last.

    Parameters
    ----------
    steps
        How to take back each that was done since the last time that all was settled.
    """

    steps: list[Callable[[], object]] = field(default_factory=list)

    def mark(self) -> int:
        """Give the point to which `undo` returns."""
        return len(self.steps)

    def undo(self, mark: int = 0) -> None:
        """Take back all steps since a mark."""
        while len(self.steps) > mark:
            step, before = self.steps.pop(), len(self.steps)
            step()
            del self.steps[before:]  # taking back is no step
