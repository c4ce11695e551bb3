"""The memory of a process and of those that it starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.memory import PROC, Sampler, largest_process

MIB = 2**20

CHILD = "held = bytearray(b'x') * (60 << 20); print(flush=True); input()"
PARENT = (
    "import subprocess, sys; held = bytearray(b'x') * (40 << 20); "
    f"subprocess.run([sys.executable, '-c', {CHILD!r}])"
)


@pytest.mark.skipif(not PROC.is_dir(), reason="the system does not tell")
def test_what_a_process_started_counts_with_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()  # both hold their memory now
        sampler = Sampler(parent.pid)
        sampler.start()
        peak = sampler.peak()
        parent.communicate(b"\n")
    assert 100 * MIB < peak < 200 * MIB


def test_this_process_has_some_memory() -> None:
    assert largest_process() > MIB
