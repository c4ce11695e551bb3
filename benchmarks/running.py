"""Run one measurement in a process of its own, with a watch on its time and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from benchmarks.families import Case
from benchmarks.measurement import Key, Measurement, Outcome, Point
from benchmarks.memory import Sampler
from benchmarks.provenance import ROOT, commit, machine, today, versions
from spareplace import Cluster, save_cluster

PATIENCE_SECONDS = 120.0
"""How long after its limit a process may go on before it is ended."""


def run(case: Case, cluster: Cluster, key: Key) -> Measurement:
    """Measure once.

    Parameters
    ----------
    case, cluster
        What to plan for; the cluster is the case's own.
    key
        How, with the fingerprint of the cluster.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cluster.json")
        save_cluster(cluster, path)
        outcome = _outcome(path, key)
    return Measurement(
        case=case.name,
        family=case.family,
        servers=len(cluster.servers),
        vms=len(cluster.vms),
        diffs=len(cluster.diffs),
        key=key,
        outcome=outcome,
        commit=commit(),
        versions=versions(),
        machine=machine(),
        date=today(),
    )


def _outcome(path: Path, key: Key) -> Outcome:
    options = {
        "method": key.method,
        "solver": key.solver,
        "time_limit": key.seconds,
        "seed": key.seed,
        "workers": key.workers,
    }
    command = [sys.executable, "-m", "benchmarks.child", str(path), json.dumps(options)]
    began = time.perf_counter()
    # In a session of its own, so that all it started can be ended with it.
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        sampler = Sampler(child.pid)
        sampler.start()
        late = ""
        try:
            told, complaint = child.communicate(timeout=key.seconds + PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _end(child.pid)
            told, complaint = child.communicate()
            late = f"still there {PATIENCE_SECONDS:.0f} s after its limit"
        except BaseException:  # such as Ctrl-C: nothing is to be left running
            _end(child.pid)
            raise
    outcome = _read(told, complaint, late, child.returncode)
    return replace(
        outcome,
        wall_seconds=time.perf_counter() - began,
        peak_bytes=max(sampler.peak(), outcome.peak_bytes),
    )


def _end(session: int) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(session, signal.SIGKILL)


def _read(told: str, complaint: str, late: str, code: int) -> Outcome:
    if late:
        return Outcome(ended="killed", why=late)
    if code != 0:
        last = complaint.strip().rpartition("\n")[2]
        return Outcome(ended="crashed", why=f"exit code {code}: {last[:300]}")
    document = json.loads(told)
    document["curve"] = tuple(Point(*point) for point in document["curve"])
    return Outcome(**document)
