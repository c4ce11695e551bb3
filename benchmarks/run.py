"""Measure the methods, the files and the start-up, and print Markdown tables.

``python -m benchmarks.run [--seconds S] [--data DATA]``: DATA is the folder with the public
image layers; without it those clusters are left out, and the table says so.
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import get_args

from benchmarks.forest import forest_cluster
from spareplace import Cluster, Infeasible, NoPlan, load_cluster, plan, save_cluster
from spareplace.generate import generate_cluster
from spareplace.options import Method
from spareplace.units import format_bytes

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Parse the arguments and print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="limit for each plan")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    given = parser.parse_args()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("ortools", "numpy"))
    print(f"Python {platform.python_version()}, {libraries}\n")
    plans(given.seconds, given.data)
    files()
    startup()


def plans(seconds: float, data: Path) -> None:
    """Print what each method finds, and how long it takes."""
    print("| cluster | servers | VMs | diffs | method | expected transfer | bound | stored | s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, cluster in clusters(data):
        size = f"{len(cluster.servers)} | {len(cluster.vms)} | {len(cluster.diffs)}"
        for method in get_args(Method):
            print(f"| {name} | {size} | {method} | {outcome(cluster, method, seconds)} |")
            sys.stdout.flush()
    if not data.is_dir():
        print("\nThe clusters of public image layers are left out: their data is not here.")


def clusters(data: Path) -> Iterator[tuple[str, Cluster]]:
    """Give the clusters to plan, the small ones first."""
    for path in sorted((ROOT / "examples").glob("*.json"), reverse=True):
        yield path.stem, load_cluster(path)
    for servers, each in ((6, 5), (12, 10), (20, 15), (100, 20)):
        name = f"generated {servers} x {each}"
        yield name, generate_cluster(servers=servers, vms_per_server=each, disk_slack=1.15, seed=1)
    if data.is_dir():
        for servers, vms in ((8, 40), (20, 200), (100, 2000)):
            cluster = forest_cluster(data, servers=servers, vms=vms, slack=1.05, seed=1)
            yield f"layers {servers} x {vms // servers}", cluster


def outcome(cluster: Cluster, method: Method, seconds: float) -> str:
    """Plan once, and give the cells of a row."""
    began = time.perf_counter()
    try:
        found = plan(cluster, method=method, time_limit=seconds)
    except (Infeasible, NoPlan) as error:
        return f"{type(error).__name__} | | | {time.perf_counter() - began:.1f}"
    cells = [
        format_bytes(found.expected_transfer_bytes),
        format_bytes(found.lower_bound_bytes or 0),
        format_bytes(found.stored_bytes),
        f"{time.perf_counter() - began:.1f}",
    ]
    return " | ".join(cells)


def files() -> None:
    """Print how long a file of 50,000 objects takes."""
    cluster = generate_cluster(servers=1000, vms_per_server=20, depth=3, seed=1)
    objects = sum(map(len, (cluster.servers, cluster.diffs, cluster.vms)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cluster.json")
        save_cluster(cluster, path)
        began = time.perf_counter()
        load_cluster(path)
        seconds = time.perf_counter() - began
        size = path.stat().st_size
    print(
        f"\nA file of {objects} objects, {format_bytes(size)}: read and checked in {seconds:.2f} s"
    )


def startup() -> None:
    """Print the median of whole-process times beside that of an empty one."""
    print("\n| command | s more than `python -c pass` |\n|---|---|")
    empty = _median(["-c", "pass"])
    for name, command in (
        ("`import spareplace`", ["-c", "import spareplace"]),
        ("`spareplace --help`", ["-m", "spareplace", "--help"]),
        ("`from spareplace import plan`", ["-c", "from spareplace import plan"]),
    ):
        print(f"| {name} | {_median(command) - empty:.3f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\nPeak memory of all of the above: {peak / 1024:.0f} MiB")


def _median(arguments: list[str]) -> float:
    seconds = []
    for _ in range(11):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)[5]


if __name__ == "__main__":
    main()
