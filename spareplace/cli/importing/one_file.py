"""One file that another tool wrote, or what it prints into a pipe."""

from __future__ import annotations

from spareplace.cli.sources import bytes_from
from spareplace.importers.sources import Source, one_source


def source_from(argument: str) -> Source:
    """Read it from a file, or from standard input.

    Raises
    ------
    InvalidInput
        If it cannot be read, or is longer than 64 MiB.
    """
    return one_source(*bytes_from(argument))
