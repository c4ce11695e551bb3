"""What can go wrong: the tree of exceptions, their messages, and the facts that they carry."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import replace
from decimal import Context, Decimal, localcontext

import pytest

from spareplace import errors
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

TYPO = Problem(
    path="$.vms[3].server", found="'s9'", expected="the name of a server", hint="did you mean 's1'?"
)
NEGATIVE = Problem(path="$.diffs[0].size", found="-1", expected="whole bytes from 0 to 2^53")
DISK = Shortage(
    failure="rack r1",
    server="s2",
    resource="disk",
    needed=Decimal(270),
    available=Decimal(250),
    vms=("web", "db"),
)
CPU = Shortage(
    failure="rack r1",
    server=None,
    resource="cpu",
    needed=Decimal("16.3"),
    available=Decimal("16"),
)

EXAMPLES: list[SpareplaceError] = [
    InvalidInput([TYPO, NEGATIVE], source="cluster.json"),
    Infeasible([DISK, CPU]),
    NoPlan("the time was up", "allow more of it"),
    NoRoom("base", "s1", 0, 40, 9),
    OtherCluster("aaa", "bbb"),
    SolverUnavailable("cbc", "no cbc program was found"),
    Defect("a plan breaks a rule", ["survival: diff 'a'", "disk: server 's1'"]),
]

FACTS = {
    InvalidInput: {"problems": (TYPO, NEGATIVE), "source": "cluster.json"},
    Infeasible: {"shortages": (DISK, CPU)},
    NoPlan: {"reason": "the time was up", "advice": "allow more of it"},
    NoRoom: {"diff": "base", "server": "s1", "start": 0, "stop": 40, "missing": 9},
    OtherCluster: {"expected": "aaa", "found": "bbb"},
    SolverUnavailable: {"solver": "cbc", "why": "no cbc program was found"},
    Defect: {
        "what": "a plan breaks a rule",
        "details": ("survival: diff 'a'", "disk: server 's1'"),
    },
}

each = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)


def test_every_exception_has_an_example_here() -> None:
    assert {type(error) for error in EXAMPLES} == set(SpareplaceError.__subclasses__())


def test_the_tree_in_the_docstring_names_every_exception_and_its_second_parent() -> None:
    drawn = dict(re.findall(r"^    [├└]── (\w+) .*?(?:\((\w+)\))?$", errors.__doc__ or "", re.M))
    parents = {
        error.__name__: "ValueError" if issubclass(error, ValueError) else ""
        for error in SpareplaceError.__subclasses__()
    }
    assert drawn == parents


@each
def test_the_facts_are_kept_as_data(error: SpareplaceError) -> None:
    assert vars(error) == FACTS[type(error)]


@each
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_exception_can_be_sent_to_another_process(error: SpareplaceError, protocol: int) -> None:
    back = pickle.loads(pickle.dumps(error, protocol))
    assert type(back) is type(error)
    assert vars(back) == vars(error)
    assert str(back) == str(error)


@each
def test_an_exception_can_be_copied(error: SpareplaceError) -> None:
    for back in (copy.copy(error), copy.deepcopy(error)):
        assert vars(back) == vars(error)
        assert str(back) == str(error)


def test_invalid_input_lists_every_problem_with_its_source_and_path() -> None:
    assert str(InvalidInput([TYPO, NEGATIVE], source="cluster.json")).splitlines() == [
        "cluster.json: $.vms[3].server: found 's9', expected the name of a server; "
        "did you mean 's1'?",
        "cluster.json: $.diffs[0].size: found -1, expected whole bytes from 0 to 2^53",
    ]
    assert str(InvalidInput([NEGATIVE])) == str(NEGATIVE)


def test_a_hundred_problems_are_shown_and_the_others_counted() -> None:
    error = InvalidInput([NEGATIVE] * 103, source="cluster.json")
    lines = str(error).splitlines()
    assert len(lines) == 101
    assert lines[-1] == "cluster.json: and 3 more problems"
    assert len(error.problems) == 103
    assert len(str(InvalidInput([NEGATIVE] * 100)).splitlines()) == 100


def test_large_amounts_are_shown_in_groups_of_three_digits() -> None:
    text = str(replace(DISK, needed=Decimal(270_000_000), available=Decimal("2500.5")))
    assert "lacks 269,997,499.5 of disk: needed 270,000,000, available 2,500.5" in text


def test_infeasible_says_what_is_short_where_when_by_how_much_and_what_to_do() -> None:
    assert str(Infeasible([DISK, CPU])).splitlines() == [
        "no plan protects every VM in every failure:",
        "  failure 'rack r1': server 's2' lacks 20 of disk: needed 270, available 250 "
        "(for 'web', 'db')",
        "  failure 'rack r1': all surviving servers together lack 0.3 of cpu: "
        "needed 16.3, available 16",
        "add what is missing (more may be found short then), allow more pieces of a diff, "
        "or allow VMs to be left unprotected",
    ]


def test_a_hundred_shortages_are_shown_and_the_others_counted() -> None:
    lines = str(Infeasible([DISK] * 102)).splitlines()
    assert len(lines) == 103
    assert lines[-2] == "  and 2 more shortages"


def test_a_shortage_names_five_vms_and_counts_the_others() -> None:
    vms = ("a", "b", "c", "d", "e", "f", "g")
    short = Shortage(
        failure="f", server="s", resource="cpu", needed=Decimal(2), available=Decimal(1), vms=vms
    )
    assert str(short).endswith("(for 'a', 'b', 'c', 'd', 'e' and 2 more)")


def test_what_is_missing_is_exact_whatever_the_context_of_the_caller() -> None:
    # 2^53 with 30 decimals: 46 digits, where the default context keeps 28
    needed = Decimal("9007199254740991.000000000000000000000000000001")
    short = Shortage(
        failure="f", server="s", resource="cpu", needed=needed, available=Decimal(1), vms=()
    )
    assert short.missing == Decimal("9007199254740990.000000000000000000000000000001")
    with localcontext(Context(prec=3)):
        assert DISK.missing == 20
        assert short.missing > Decimal(9007199254740990)


def test_what_is_short_without_any_failure_is_said_so() -> None:
    short = Shortage(
        failure=None, server="s1", resource="disk", needed=Decimal(9), available=Decimal(8)
    )
    assert str(short) == ("without any failure: server 's1' lacks 1 of disk: needed 9, available 8")


def test_amounts_are_shown_without_exponents() -> None:
    short = Shortage(
        failure="f",
        server="s",
        resource="cpu",
        needed=Decimal("1E+20"),
        available=Decimal("1E-7"),
    )
    assert "needed 100,000,000,000,000,000,000, available 0.0000001" in str(short)


def test_the_other_messages_say_what_is_wrong_and_what_to_do() -> None:
    assert str(OtherCluster("aaa", "bbb")) == (
        "the plan is of another cluster: its cluster_sha256 is bbb, expected aaa; "
        "make a new plan for this cluster, or give the failures that the plan was made with, "
        "in the same order"
    )
    assert str(SolverUnavailable("cbc", "no cbc program was found")) == (
        "solver 'cbc' is not available: no cbc program was found"
    )
    assert str(Defect("it broke", ["here", "there"])).splitlines() == [
        "it broke; this is a defect of spareplace, please report it",
        "  here",
        "  there",
    ]
    assert str(NoPlan("no time")) == "no time"
    assert str(NoRoom("base", "s1", 0, 40, 9)) == (
        "no order of moves found: to copy bytes 0 to 40 of diff 'base', server 's1' lacks 9 bytes "
        "of disk; make room there, or on another server that accepts extents (more may be found "
        "short then)"
    )


def test_what_a_caller_gave_wrong_is_a_value_error_and_the_rest_is_not() -> None:
    wrong_values = {type(error) for error in EXAMPLES if isinstance(error, ValueError)}
    assert wrong_values == {InvalidInput, OtherCluster}


def test_the_lists_that_were_given_may_be_changed_afterwards() -> None:
    problems = [TYPO]
    error = InvalidInput(problems)
    problems.append(NEGATIVE)
    assert error.problems == (TYPO,)
