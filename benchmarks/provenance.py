"""What made a figure: the code, the libraries, the machine, the day."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from spareplace.search.compiled.readiness import ready

ROOT = Path(__file__).parents[1]

ABOVE_PLANNING = {
    "cli",
    "disks",
    "explaining",
    "generate",
    "importers",
    "lifecycle",
    "plotting",
    "reporting",
    "saving",
    "schemas",
    "testing",
}
"""What no method imports: a change there leaves every figure of a plan as it is."""

LIBRARIES = ("ortools", "numpy", "pulp")


def code_version(sources: Iterable[Path] = ()) -> str:
    """Name the code by what it says, whether or not it is committed.

    Parameters
    ----------
    sources
        The files that count; left out, those of the package that plans are made by. The
        versions of the libraries count as well.
    """
    digest = hashlib.sha256()
    for path in sorted(sources or planning_sources()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(repr(sorted(versions().items())).encode())
    return digest.hexdigest()[:12]


def planning_sources() -> list[Path]:
    """Give the files of the package that can have a part in a plan."""
    package = ROOT / "spareplace"
    return [
        path
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0].removesuffix(".py") not in ABOVE_PLANNING
    ]


def versions() -> dict[str, str]:
    """Give the versions of Python and of the libraries that are there.

    numba is among them where the search anneals by compiled kernels.
    """
    found = {"python": platform.python_version()}
    for name in (*LIBRARIES, "numba") if ready() else LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def commit() -> str:
    """Name the commit, with a ``+`` if the package was changed on top; empty if there is none."""
    try:
        name = _git("rev-parse", "--short=10", "HEAD")
        changed = _git("status", "--porcelain", "--", "spareplace")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return name + ("+" if changed else "")


def machine() -> str:
    """Tell cores, processor, memory and system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = [f"{cores} cores", _processor()]
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        told.append(f"{memory / 2**30:.0f} GiB")
    return ", ".join([*told, f"{platform.system()} {platform.machine()}"])


def today() -> str:
    """Give the day, in UTC."""
    return datetime.now(UTC).date().isoformat()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _git(*arguments: str) -> str:
    ended = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], check=True, capture_output=True, text=True
    )
    return ended.stdout.strip()
