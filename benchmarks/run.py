"""Measure, and write the tables: ``python -m benchmarks.run [--family F ...] [--report]``.

What was measured by the same code is not measured again, so a run may be interrupted at any time
and goes on where it was. Plans that are better than any before are noted in best_known.json.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import best_known
from benchmarks.doors import file_reading, start_up
from benchmarks.families import FAMILIES, cases
from benchmarks.measurement import Key, Measurement
from benchmarks.pacing import paces
from benchmarks.provenance import ROOT, code_version
from benchmarks.report import Findings, write
from benchmarks.results import Results, to_show
from benchmarks.running import run
from benchmarks.schedule import HALF, METHODS, SOLVERS, parts, seconds, ways
from benchmarks.tables import record_bytes
from spareplace import available_solvers
from spareplace.canonical import fingerprint
from spareplace.options import DEFAULT_WORKERS

RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for and not there yet, then write the page if that is asked for."""
    given = _parser().parse_args(arguments)
    results = Results(given.results)
    if "layers" in given.family and not given.data.is_dir():
        print("The clusters of public image layers are left out: their data is not here.")
    for row in measure(given, results):
        print(_told(row), flush=True)
    if given.report:
        for sentence in write(findings(given, results), given.docs):
            print(sentence)


def findings(given: argparse.Namespace, results: Results) -> Findings:
    """Gather what the page is made of: rows as this call would measure them, smaller ones first."""
    place = {case.name: number for number, case in enumerate(cases(FAMILIES, given.data))}
    code = code_version()
    rows, halves = (
        to_show((row for row in results.rows() if _asked(row, given, given.scale * part)), code)
        for part in (1.0, HALF)
    )
    return Findings(
        rows=sorted(rows, key=lambda row: (FAMILIES.index(row.family), place.get(row.case, 0))),
        halves=halves,
        known=best_known.load(given.best),
        disk_cases=list(cases(["disk"], given.data)),
        code=code,
        command="python -m benchmarks.run --report",
        scale=given.scale,
        doors=f"{file_reading()}\n{start_up()}",
        paces=list(paces()),
    )


def measure(given: argparse.Namespace, results: Results) -> Iterator[Measurement]:
    """Give the rows that were made anew."""
    solvers = _usable(given)
    for case in cases(given.family, given.data):
        if given.case and not any(part in case.name for part in given.case):
            continue
        cluster = case.make()
        sha256 = fingerprint(cluster)
        asked = ways(case, given.methods, solvers)
        for method, solver, part in ((*way, part) for way in asked for part in parts(case, way[0])):
            key = Key(
                cluster=sha256,
                method=method,
                solver=solver,
                seconds=seconds(case.family, method, given.scale * part),
                seed=given.seed,
                workers=given.workers,
                code=code_version(),  # anew: it may change while this runs
            )
            if not given.fresh and results.find(key, any_code=given.accept_older):
                continue
            row = run(case, cluster, key)
            results.add(row)
            _note(row, given.best)
            yield row


def _usable(given: argparse.Namespace) -> list[str]:
    """Give those of the solvers asked for that are here; tell which are not."""
    if "milp" not in given.methods:
        return []
    here = {info.name: info for info in available_solvers() if info.name in given.solvers}
    for name, info in here.items():
        if not info.available:
            print(f"The rows of {name} are left out: {info.why}")
    return [name for name in given.solvers if here[name].available]


def _note(row: Measurement, path: Path) -> None:
    known = best_known.load(path)
    try:
        better = best_known.improved(known, row)
    except best_known.Contradiction as wrong:
        print(f"A DEFECT: {wrong}", file=sys.stderr)
        return
    if better != known:
        best_known.save(better, path)


def _asked(row: Measurement, given: argparse.Namespace, scale: float) -> bool:
    """Tell whether a row was measured as this call would measure it on another scale."""
    limit = seconds(row.family, row.key.method, scale)
    return (row.key.seconds, row.key.seed, row.key.workers) == (limit, given.seed, given.workers)


def _told(row: Measurement) -> str:
    outcome = row.outcome
    found = outcome.ended if outcome.expected is None else record_bytes(outcome.expected)
    bound = "" if outcome.bound is None else f", bound {record_bytes(outcome.bound)}"
    spent = f"{outcome.wall_seconds:.1f} s, {outcome.peak_bytes / 2**20:.0f} MiB"
    return f"{row.case:22} {row.key.way:14} {found}{bound}; {spent}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    add = parser.add_argument
    add(
        "--family",
        nargs="+",
        choices=FAMILIES,
        default=FAMILIES,
        metavar="F",
        help=f"which clusters: {', '.join(FAMILIES)}",
    )
    add(
        "--case",
        nargs="+",
        default=(),
        metavar="PART",
        help="only clusters with one of these in their names",
    )
    add(
        "--methods",
        nargs="+",
        choices=METHODS,
        default=METHODS,
        metavar="M",
        help=f"which methods: {', '.join(METHODS)}",
    )
    add(
        "--solvers",
        nargs="+",
        choices=SOLVERS,
        default=SOLVERS,
        metavar="S",
        help=f"which solvers, for milp: {', '.join(SOLVERS)}",
    )
    add("--scale", type=float, default=1.0, help="what all time limits are multiplied by")
    add("--seed", type=int, default=0, help="of the methods")
    add("--workers", type=int, default=DEFAULT_WORKERS)
    add(
        "--data",
        type=Path,
        default=ROOT.parent / "shared" / "data",
        help="folder of the public image layers",
    )
    add("--fresh", action="store_true", help="measure again what is there")
    add("--accept-older", action="store_true", help="count rows of older code as there")
    add("--report", action="store_true", help="write docs/benchmarks.md")
    add("--results", type=Path, default=RESULTS, help=argparse.SUPPRESS)
    add("--best", type=Path, default=best_known.BEST, help=argparse.SUPPRESS)
    add("--docs", type=Path, default=ROOT / "docs", help=argparse.SUPPRESS)
    return parser  # fmt: skip


if __name__ == "__main__":
    main()
