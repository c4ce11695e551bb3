"""Kernels are used where a mark says that they were compiled, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spareplace.search.compiled import __main__ as compiling
from spareplace.search.compiled import laying, population, readiness


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


def test_that_kernels_could_be_compiled_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(readiness, "mark", lambda: tmp_path / "absent")
    with caplog.at_level("INFO"):
        assert not readiness.ready.__wrapped__()
    assert "python -m spareplace.search.compiled" in caplog.text


def test_every_kernel_that_python_calls_is_compiled_before_the_mark_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    called = []
    for module, name in ((population, "cool"), (laying, "lay_out"), (population, "worth")):
        kernel = getattr(module, name)
        assert kernel.__qualname__.startswith(f"{name}.<locals>")  # all that `entry` made

        def noted(*arguments: object, name: str = name, kernel: Any = kernel) -> object:
            called.append(name)
            return kernel(*arguments)

        monkeypatch.setattr(module, name, noted)
    monkeypatch.setenv("SPAREPLACE_COMPILE", "")  # main() sets it: it is to be gone afterwards
    monkeypatch.setattr(compiling, "mark", lambda: tmp_path / "there" / "mark")
    compiling.main()
    assert sorted(called) == ["cool", "lay_out", "worth"]
    assert (tmp_path / "there" / "mark").exists()


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
