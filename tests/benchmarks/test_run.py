"""The whole way, with one cluster that takes no time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run import main


def test_a_run_measures_once_and_the_next_one_goes_on_from_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        *("--family", "paper", "--methods", "greedy", "--scale", "0.01"),
        *("--results", str(tmp_path), "--best", str(tmp_path / "best.json")),
    ]
    main(arguments)
    assert "paper                  greedy         15 GB, bound 0 B" in capsys.readouterr().out
    assert '"bytes": 15000000000.0' in (tmp_path / "best.json").read_text()
    main(arguments)
    assert capsys.readouterr().out == ""
