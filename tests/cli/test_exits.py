from __future__ import annotations

from decimal import Decimal

import pytest

from spareplace.cli.exits import Exit, exit_of, told
from spareplace.errors import (
    Defect,
    Infeasible,
    InvalidInput,
    NoPlan,
    NoRoom,
    OtherCluster,
    Problem,
    Shortage,
    SolverUnavailable,
    SpareplaceError,
)
from tests.cli.commands import ROOT

PROBLEM = Problem(path="$.vms", found="1", expected="a list")

SHORTAGE = Shortage(
    failure="f", server="s", resource="disk", needed=Decimal(5), available=Decimal(3)
)

ENDS = {
    InvalidInput([PROBLEM], "c.json"): Exit.INVALID_INPUT,
    Infeasible([SHORTAGE]): Exit.INFEASIBLE,
    NoPlan("the time was up"): Exit.NO_PLAN,
    NoRoom("base", "s1", 0, 40, 9): Exit.INFEASIBLE,
    SolverUnavailable("cbc", "it is not installed"): Exit.NO_PLAN,
    OtherCluster("00", "ff"): Exit.OTHER_CLUSTER,
    Defect("a plan breaks a rule"): Exit.DEFECT,
    RuntimeError("what"): Exit.DEFECT,
    OSError(5, "Input/output error"): Exit.DEFECT,
    MemoryError(): Exit.NO_PLAN,
    KeyboardInterrupt(): Exit.INTERRUPTED,
}


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
def test_every_error_has_its_exit_code_and_says_something(error: BaseException) -> None:
    assert exit_of(error) is ENDS[error]
    assert told(error)
    assert "Traceback" not in told(error)


def test_no_error_of_the_library_was_forgotten() -> None:
    assert {type(error) for error in ENDS} >= set(SpareplaceError.__subclasses__())


def test_the_codes_are_those_that_scripts_rely_on() -> None:
    assert {code.name: code.value for code in Exit} == {
        "DONE": 0,
        "DEFECT": 1,
        "USAGE": 2,
        "INVALID_INPUT": 3,
        "INFEASIBLE": 4,
        "NO_PLAN": 5,
        "RULE_BROKEN": 6,
        "OTHER_CLUSTER": 7,
        "INTERRUPTED": 130,
    }


def test_the_page_on_the_command_line_lists_every_code() -> None:
    page = (ROOT / "docs" / "command_line.md").read_text()
    assert not [code for code in Exit if f"| {code.value} | {code.meaning}" not in page]


def test_only_a_defect_asks_for_a_report() -> None:
    asking = [error for error in ENDS if "please report" in told(error)]
    assert all(ENDS[error] is Exit.DEFECT for error in asking)
    assert len(asking) == list(ENDS.values()).count(Exit.DEFECT)
