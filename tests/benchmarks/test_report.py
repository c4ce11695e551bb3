from __future__ import annotations

from pathlib import Path

from benchmarks.report import Findings, write
from tests.benchmarks.rows import CURVE, made


def test_the_page_says_what_was_not_measured_and_what_is_scaled(tmp_path: Path) -> None:
    given = Findings(
        halves=(),
        rows=[made(curve=CURVE)],
        known={},
        disk_cases=[],
        code="new",
        command="it",
        scale=0.1,
    )
    left_out = write(given, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    assert left_out[-1].startswith("Not measured: paper, images12, tiny, variants")
    assert all(sentence in page for sentence in left_out)
    assert "all time limits are multiplied by 0.1" in page
    assert "2 cores; python 3.11; commit abc; 2030-01-31: 1 runs" in page
    assert "| 6x5-tight-1 | auto | 60 |" in page
