"""Whether the kernels were compiled here: a mark in the user's cache says so."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROGRAM = "python -m spareplace.search.compiled"

log = logging.getLogger(__name__)


@cache
def stamp() -> str:
    """Tell the sources of all kernels apart from any others."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def mark() -> Path | None:
    """Give the file that is there when these kernels were compiled on this machine.

    numba keeps what it made beside the sources, so a copy of them elsewhere is another one.
    ``None`` where numba is not installed; it is not loaded to see that.
    """
    try:
        numba = version("numba")
    except PackageNotFoundError:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = f"{sys.implementation.cache_tag}-numba-{numba}-{platform.node()}"
    folder = hashlib.sha256(os.fsencode(Path(__file__).parent)).hexdigest()
    return Path(home) / "spareplace" / f"kernels-{stamp()[:16]}-{folder[:8]}-{place}"


@cache
def ready() -> bool:
    """Tell whether the kernels were compiled on this machine."""
    try:
        there = mark()
        done = there is not None and there.exists()
    except (OSError, RuntimeError):  # without a home there is nothing in it
        return False
    if there is not None and not done:
        log.info("the search anneals in Python: kernels are not compiled, %s does that", PROGRAM)
    return done
