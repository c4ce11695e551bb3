"""Running commands, in this process and in one of their own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from spareplace.cli.program import program

ROOT = Path(__file__).parents[2]

PAPER = str(ROOT / "examples" / "paper.json")

TINY = """{"format": "spareplace/cluster/1",
"servers": [{"name": "a", "disk": 100, "zone": "r1"}, {"name": "b", "disk": 100, "zone": "r2"}],
"diffs": [{"name": "base", "size": 40}],
"vms": [{"name": "web", "server": "a", "diff": "base", "disk": 40}]}
"""
"""Base fits on b beside web, so that nothing is transferred."""

FULL = TINY.replace('"b", "disk": 100', '"b", "disk": 39')
"""Web, of 40 bytes, fits on no other server: 1 byte is missing."""


def run(*arguments: str, given: str | bytes = b"", env: dict[str, str] | None = None) -> Result:
    """Run a command here, with what it is given on standard input."""
    return CliRunner().invoke(program, arguments, input=given, env=env)


def process(
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = subprocess.PIPE,
    stderr: int | None = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own, which hears Ctrl-C even if we do not."""
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from spareplace.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )


def hard_cluster(vms: int = 60, resources: int = 6) -> str:
    """A market split problem: small, but no method tells within hours whether there is a plan.

    One server fails, and its VMs must be shared out between two others so that both are exactly
    full in every resource. With VMs left out, plans are easy and the best one is as hard.
    """
    chance = random.Random(1)
    names = [f"r{number}" for number in range(resources)]
    demands = [{name: chance.randrange(1, 100) for name in names} for _ in range(vms)]
    total = {name: sum(demand[name] for demand in demands) for name in names}
    half = {name: amount // 2 for name, amount in total.items()}
    rest = {name: total[name] - half[name] for name in names}
    servers = [
        {"name": name, "disk": 0, "capacity": capacity}
        for name, capacity in (("x", total), ("y", half), ("z", rest))
    ]
    document = {
        "format": "spareplace/cluster/1",
        "servers": servers,
        "vms": [
            {"name": f"v{number}", "server": "x", "demand": demand}
            for number, demand in enumerate(demands)
        ],
        "failures": [{"name": "x", "servers": ["x"]}],
    }
    return json.dumps(document)
