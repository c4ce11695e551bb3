"""The file of HiGHS is read while it is written."""

from __future__ import annotations

from pathlib import Path

from spareplace.solvers.improving import Improving

TWO = "Objective 41\n# Columns 3\n 0\n 1\n 20.5\nObjective 7.5\n# Columns 3\n 1\n 0\n 1e-07\n"


def improving(folder: Path, text: str | None, columns: int = 3) -> Improving:
    file = folder / "improving"
    if text is not None:
        file.write_text(text)
    return Improving(file=file, columns=columns)


def test_the_last_solution_counts(tmp_path: Path) -> None:
    found = improving(tmp_path, TWO)
    values = found.values()
    assert found.objective() == 7.5
    assert values is not None
    assert values.tolist() == [1, 0, 1e-7]


def test_a_solution_that_is_half_written_does_not_count(tmp_path: Path) -> None:
    for length in range(len("Objective 41\n# Columns 3\n 0\n 1\n 20.5\n"), len(TWO) - 1):
        assert improving(tmp_path, TWO[:length]).objective() == 41


def test_no_file_or_nothing_whole_is_no_solution(tmp_path: Path) -> None:
    assert improving(tmp_path, None).values() is None
    assert improving(tmp_path, "").values() is None
    assert improving(tmp_path, "Objective 4\n# Columns 3\n 0\n").objective() is None


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    one = "Objective {}\n# Columns 50\n" + " 1\n" * 50
    found = improving(tmp_path, "".join(one.format(1000 - i) for i in range(500)), columns=50)
    assert found.objective() == 501
