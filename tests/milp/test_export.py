"""Files for other solvers say the same as the model, to the last digit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ortools.linear_solver.python import model_builder

from spareplace.milp.export import LONGEST_NAME, write_model
from spareplace.milp.model import FREE, Milp
from tests.solvers.models import BINARY, LARGE_SCALES, knapsack, least, milp, tiny_milps

LONG = 123_456_789_012_345_678

READ_BACK = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def written(model: Milp, file: Path) -> str:
    write_model(model, file)
    return file.read_text(encoding="ascii")


def named(model: Milp, columns: tuple[str, ...], rows: tuple[str, ...]) -> Milp:
    return replace(model, columns=columns, rows=rows)


@READ_BACK
@given(model=tiny_milps())
def test_an_mps_file_has_the_same_optimum_for_another_reader(model: Milp, tmp_path: Path) -> None:
    read = model_builder.Model()  # type: ignore[no-untyped-call]
    assert read.import_from_mps_string(written(model, tmp_path / "model.mps"))
    assert read.num_variables == len(model.columns)
    solver = model_builder.Solver("sat")
    status, expected = solver.solve(read), least(model)
    if expected is None:
        assert status == model_builder.SolveStatus.INFEASIBLE
    else:
        assert status == model_builder.SolveStatus.OPTIMAL
        assert solver.objective_value == pytest.approx(expected)


@READ_BACK
@given(model=tiny_milps(scales=LARGE_SCALES))
def test_an_lp_file_has_every_number_of_the_model(model: Milp, tmp_path: Path) -> None:
    """Read it as the format says: it has no reader that comes with OR-Tools or PuLP."""
    text = written(model, tmp_path / "model.lp")
    pattern = r"Minimize\n(.*)Subject To\n(.*)Bounds\n(.*)Generals\n(.*)End\n"
    found = re.fullmatch(pattern, text, re.DOTALL)
    assert found is not None
    objective, rows, bounds, integers = found.groups()
    columns = [line.split()[2] for line in bounds.splitlines()]
    limits = [(int(line.split()[0]), int(line.split()[4])) for line in bounds.splitlines()]
    assert limits == list(zip(model.lower.tolist(), model.upper.tolist(), strict=True))
    assert [column in integers.split() for column in columns] == model.choice.tolist()
    assert terms(objective, columns) == nonzero(dict(enumerate(model.objective.tolist())))
    assert set(lp_rows(rows, columns)) == set(rows_of(model))


def terms(text: str, columns: list[str]) -> dict[int, int]:
    pairs = re.findall(r"([+-]\d+) (\w+)", text)
    return nonzero({columns.index(name): int(number) for number, name in pairs})


def nonzero(numbers: dict[int, int]) -> dict[int, int]:
    return {at: number for at, number in numbers.items() if number}


def lp_rows(text: str, columns: list[str]) -> list[tuple[str, int, tuple[tuple[int, int], ...]]]:
    rows = re.findall(r"\w+:((?:\s[+-]\d+ \w+|\s)+) (<=|>=|=) (-?\d+)", text)
    return [
        (sign, int(limit), tuple(sorted(terms(sums, columns).items())))
        for sums, sign, limit in rows
    ]


def rows_of(model: Milp) -> list[tuple[str, int, tuple[tuple[int, int], ...]]]:
    """Give the rows of a model as an LP file has them: one bound each."""
    rows = []
    limits = zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)
    for row, (lower, upper) in enumerate(limits):
        here = model.at_row == row
        pairs = zip(model.at_column[here].tolist(), model.coefficient[here].tolist(), strict=True)
        sums = tuple(sorted(nonzero(dict(pairs)).items()))
        if not sums and lower <= 0 <= upper:
            continue
        if lower == upper:
            rows.append(("=", lower, sums))
            continue
        if upper < FREE:
            rows.append(("<=", upper, sums))
        if lower > -FREE:
            rows.append((">=", lower, sums))
    return rows


@pytest.mark.parametrize("ending", ["lp", "mps", "LP"])
def test_no_digit_is_lost(ending: str, tmp_path: Path) -> None:
    # PuLP writes 1.23456789012e+17 and 1.234567890123e+17.
    model = milp([(0, LONG, True)], [(-LONG, {0: LONG + 1}, FREE)], [LONG + 2])
    text = written(model, tmp_path / f"model.{ending}")
    for number in (LONG, -LONG, LONG + 1, LONG + 2):
        assert re.search(rf"(?<![\d.]){number}(?!\d)", text)


@settings(READ_BACK, max_examples=40)
@given(names=st.lists(st.text(max_size=8), min_size=4, max_size=4), row=st.text())
def test_names_are_legal_and_distinct(names: list[str], row: str, tmp_path: Path) -> None:
    model = named(knapsack(), tuple(names), (row,))
    columns = [set(re.findall(r"\bx(?:_\w*)?", written(model, tmp_path / "model.lp")))]
    columns.append(set(re.findall(r"\bx(?:_\w*)?", written(model, tmp_path / "model.mps"))))
    assert columns[0] == columns[1]
    assert len(columns[0]) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in columns[0])


def test_long_names_are_cut(tmp_path: Path) -> None:
    model = named(knapsack(), tuple(f"{'n' * 300}[{at}]" for at in range(4)), ("r" * 300,))
    text = written(model, tmp_path / "model.lp")
    assert max(map(len, re.findall(r"\w+", text))) <= LONGEST_NAME + len("x_2")


def test_names_stay_readable_and_are_numbered_where_they_clash(tmp_path: Path) -> None:
    columns = ("rebuild[f1,web,s2]", "rebuild[f1;web;s2]", "st", "e5")
    text = written(named(knapsack(), columns, ("disk[s2]",)), tmp_path / "model.lp")
    for name in ("x_rebuild_f1_web_s2 ", "x_rebuild_f1_web_s2_2 ", "x_st ", "x_e5 ", "r_disk_s2:"):
        assert name in text


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_a_row_without_terms_is_written_only_if_it_cannot_hold(ending: str, tmp_path: Path) -> None:
    model = milp([BINARY], [(0, {}, 5), (3, {}, FREE), (0, {0: 0}, 0)], [0])
    text = written(model, tmp_path / f"model.{ending}")
    assert "r_row_1" in text
    assert "r_row_0" not in text
    assert "r_row_2" not in text


def test_lines_stay_short_enough_for_any_reader(tmp_path: Path) -> None:
    model = milp([BINARY] * 300, [(-FREE, dict.fromkeys(range(300), LONG // 1000), 5)], [1] * 300)
    assert max(map(len, written(model, tmp_path / "model.lp").splitlines())) < 255


def test_many_names_that_clash_are_numbered(tmp_path: Path) -> None:
    columns = 20_000
    model = milp([BINARY] * columns, [(0, {0: 1}, 1)], [0] * columns)
    model = named(model, tuple("é" * (1 + at % 7) for at in range(columns)), ("row",))
    assert f"x_{columns}\n" in written(model, tmp_path / "model.lp")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends with \.lp or \.mps"):
        write_model(knapsack(), tmp_path / "model.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no columns"):
        write_model(milp([], [], []), tmp_path / "model.lp")
