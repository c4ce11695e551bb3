"""How long a large file takes to be read, and how long the package takes to start."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import markdown
from spareplace import load_cluster, save_cluster
from spareplace.generate import generate_cluster
from spareplace.units import format_bytes

COMMANDS = {
    "`import spareplace`": ("-c", "import spareplace"),
    "`spareplace --help`": ("-m", "spareplace", "--help"),
    "`from spareplace import plan`": ("-c", "from spareplace import plan"),
}


def file_reading() -> str:
    """Measure and tell how long a file of about 50,000 objects takes."""
    cluster = generate_cluster(servers=1000, vms_per_server=20, depth=3, seed=1)
    objects = sum(map(len, (cluster.servers, cluster.diffs, cluster.vms)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cluster.json")
        save_cluster(cluster, path)
        began = time.perf_counter()
        load_cluster(path)
        seconds = time.perf_counter() - began
        size = path.stat().st_size
    return (
        f"A file of {objects} objects, {format_bytes(size)}: read and checked in {seconds:.2f} s\n"
    )


def start_up() -> str:
    """Write the median of whole-process times beside that of an empty one."""
    empty = _median(("-c", "pass"))
    return markdown(
        ("command", "s more than `python -c pass`"),
        ((name, f"{_median(command) - empty:.3f}") for name, command in COMMANDS.items()),
    )


def _median(arguments: tuple[str, ...]) -> float:
    seconds = []
    for _ in range(11):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)[5]
