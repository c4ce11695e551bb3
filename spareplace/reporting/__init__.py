"""A plan to look at: one HTML page, and the diff forest as text or for Graphviz."""

from spareplace.reporting.page import report

__all__ = ["report"]
