"""Kernels are used where a mark says that they were compiled, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spareplace.search.compiled import readiness


def test_the_mark_tells_sources_and_python_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(readiness, "version", lambda _: "0.1")
    mark = readiness.mark()
    assert mark is not None
    assert mark.parent == tmp_path / "spareplace"
    assert readiness.stamp()[:16] in mark.name
    assert sys.implementation.cache_tag in mark.name
    assert not mark.exists()


def test_without_numba_the_program_says_what_brings_it() -> None:
    program = (
        "import importlib.metadata as metadata, runpy, sys\n"
        "def absent(name): raise metadata.PackageNotFoundError(name)\n"
        "metadata.version = absent\n"
        "runpy.run_module('spareplace.search.compiled', run_name='__main__')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "pip install 'spareplace[fast]'" in ended.stderr
    assert "Traceback" not in ended.stderr
