"""The exact model, solved: what it finds, what it proves, and what is short if it finds none."""

from spareplace.exact.excess import what_is_short
from spareplace.exact.in_bytes import solve_in_bytes
from spareplace.exact.solving import Found, solve_exactly, solve_ties

__all__ = ["Found", "solve_exactly", "solve_in_bytes", "solve_ties", "what_is_short"]
