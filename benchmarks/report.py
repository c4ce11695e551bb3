"""The page of all tables, docs/benchmarks.md, with the picture beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tables
from benchmarks.best_known import Known
from benchmarks.claims import claims
from benchmarks.exactness import exactness
from benchmarks.families import FAMILIES, Case
from benchmarks.growth import Pace, growth
from benchmarks.measurement import Measurement
from benchmarks.plotting import NoPlotting, convergence

PICTURE = "convergence.png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that goes into the page.

    Parameters
    ----------
    rows
        One for each question.
    halves
        Those that had half the time.
    known
        The best ever seen.
    disk_cases
        The clusters of the family ``disk``.
    paces
        Of the search; the table is left out where there are none.
    doors
        Markdown about files and start-up.
    code
        Which code is there now.
    command
        What made the page.
    scale
        What all time limits were multiplied by.
    """

    rows: Sequence[Measurement]
    halves: Sequence[Measurement]
    known: Mapping[str, Known]
    disk_cases: Sequence[Case]
    code: str
    command: str
    scale: float = 1.0
    paces: Sequence[Pace] = ()
    doors: str = ""


def write(findings: Findings, folder: Path) -> list[str]:
    """Write the page and the picture; give what had to be left out, in sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    left_out = []
    if findings.scale != 1:
        left_out.append(f"A quick look: all time limits are multiplied by {findings.scale:g}.")
    picture = True
    try:
        convergence(findings.rows, folder / PICTURE)
    except NoPlotting as why:
        left_out.append(f"The picture was not drawn: {why}.")
        picture = (folder / PICTURE).exists()
    absent = [name for name in FAMILIES if not any(row.family == name for row in findings.rows)]
    if absent:
        left_out.append(f"Not measured: {', '.join(absent)}.")
    text = "\n".join(_sections(findings, picture, left_out))
    (folder / "benchmarks.md").write_text(text, encoding="utf-8")
    return left_out


def _sections(findings: Findings, picture: bool, left_out: Sequence[str]) -> Iterable[str]:
    rows, known = findings.rows, findings.known
    yield _HEAD.format(command=findings.command, made=_made(rows), left_out=" ".join(left_out))
    yield f"## What was to be shown\n\n{claims(rows, known, findings.halves)}"
    yield f"## The methods side by side\n\n{_METHODS}\n{tables.methods(rows, known)}"
    if picture:
        yield f"![Expected transfer and bounds over time]({PICTURE})\n"
    yield f"## What exactness buys\n\n{_EXACTNESS}\n{exactness(findings.disk_cases, rows)}"
    if findings.paces:
        yield f"## The time of an iteration\n\n{growth(findings.paces)}"
    if findings.doors:
        yield f"## Files and start-up\n\n{findings.doors}"
    yield f"## The best known\n\n{tables.best(rows, known)}"
    yield f"## The clusters\n\n{_CLUSTERS}\n{tables.sizes(rows)}"
    yield f"## Every run\n\n{_RUNS}"
    for family in FAMILIES:
        here = [row for row in rows if row.family == family]
        if here:
            yield f"### {family}\n\n{tables.runs(here, known, findings.code)}"


def _made(rows: Iterable[Measurement]) -> str:
    """Tell each set-up that made rows, and how many."""
    counts: dict[str, int] = {}
    for row in rows:
        libraries = ", ".join(f"{name} {number}" for name, number in row.versions.items())
        told = f"{row.machine}; {libraries}; commit {row.commit or 'unknown'}; {row.date}"
        counts[told] = counts.get(told, 0) + 1
    return "\n".join(f"- {told}: {count} runs" for told, count in counts.items())


_HEAD = """# Benchmarks

Made by `{command}`; [benchmarks/README.md](../benchmarks/README.md)
tells how. A plan that a limit cut off depends on the machine: compare rows of one machine only.

{left_out}

{made}
"""

_METHODS = """\
How many clusters each method was run on, on how many of them it found no plan or did not end as
it should, on how many the plan is proven best, and on how many it is as good as the best known.
"""

_EXACTNESS = """\
The mean expected transfer of three clusters of 8 hosts with 8 VMs each. *Disk* is the `disk_slack`
of `generate_cluster`: how much disk there is for each byte that is needed at least. *Hosts added*
run no VMs, have as much of everything as the largest other host, and do not fail: equal disk in
all would be impossible, as hosts without VMs come on top, so compare rows with the same disk and
as many hosts added. *Buddy host*: each VM's whole chain is kept on one other host, the one with
most disk left, and the VM is rebuilt there; *sharing buddy* chooses that host with an eye on what
copies share. *Added hosts as spares*: all VMs are rebuilt on the added hosts, which keep what most
failures ask for while it fits; what does not is kept on the other hosts and transferred. The judge
of all three is `check`: the rules that they break are named, with the number of clusters on which
they do, and what they transfer counts for nothing there.
"""

_CLUSTERS = """\
`benchmarks/families.py` has the settings. *Tight* clusters have so little disk that the best plan
known transfers much; on *loose* ones next to nothing need be transferred.
"""

_RUNS = """\
A row with † was made by older code. *Above best known* compares with the table above. *Within 5 %*
is when the best plan came within 5 % of the last one. *Whole* is the process from start to end,
and *peak* the most memory of all its processes together: the sum of their proportional shares,
sampled five times a second, and no less than the largest process had at any time.
"""
