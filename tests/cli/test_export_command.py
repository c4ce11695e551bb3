from __future__ import annotations

from pathlib import Path

import pytest

from spareplace.files import load_cluster
from tests.cli.commands import PAPER, ROOT, TINY, run

FIXTURES = ROOT / "tests" / "importers" / "fixtures"
MIXED = str(FIXTURES / "ganeti" / "mixed.data")


@pytest.mark.parametrize("command", [("export",), ("export", "ganeti")])
def test_the_helps_fit_a_narrow_terminal(command: tuple[str, ...]) -> None:
    result = run(*command, "-h")
    assert result.exit_code == 0
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_ganeti_goes_out_as_it_came_in_and_can_be_planned_for(tmp_path: Path) -> None:
    first, text, again = (str(tmp_path / name) for name in ("first.json", "text", "again.json"))
    came = run(
        "import", "ganeti", MIXED, "--mirrors", "planned", "--zone-kind", "rack", "-o", first
    )
    assert came.stdout == "6 servers, 7 VMs, 6 diffs of 225 GB, 0 of them resident somewhere\n"
    assert "note: server 'node6.example.com': it is offline" in came.stderr
    went = run("export", "ganeti", first, "-o", text)
    assert (went.exit_code, went.stdout) == (0, "6 nodes, 7 instances\n")
    assert run("import", "ganeti", text, "--mirrors", "planned", "-o", again).exit_code == 0
    assert load_cluster(again).diffs == load_cluster(first).diffs
    plan = str(tmp_path / "plan.json")
    assert run("plan", again, "--method", "greedy", "-o", plan).exit_code == 0
    assert run("check", again, plan).exit_code == 0


def test_the_text_goes_to_standard_output_and_notes_do_not(tmp_path: Path) -> None:
    result = run("export", "ganeti", "-", given=TINY)
    lines = result.stdout.split("\n")
    assert lines[0] == "default|default|preferred||"
    assert lines[2] == "a|1|0|1|0|-1|0|N|default|1|spareplace-zone:r1|N|0|0|1.0"
    assert result.stderr.startswith("note: ")
    path = tmp_path / "text"
    assert run("export", "ganeti", "-", "-o", str(path), given=TINY).exit_code == 0
    assert path.read_text() == result.stdout


def test_what_a_plan_stores_is_taken_off(tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", plan).exit_code == 0
    before, after = (
        run("export", "ganeti", PAPER, *more).stdout.split("\n")[2].split("|")[4]
        for more in ((), ("--plan", plan))
    )
    assert int(after) < int(before)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["import", "ganeti", "none", "--json"], 3, "none: $: found no such file or directory"),
        (["import", "ganeti", MIXED], 2, "give -o CLUSTER or --json"),
        (["import", "ganeti", MIXED, "--zone-kind", "x", "--json"], 3, "expected one of power"),
        (["import", "ganeti", MIXED, "--mirrors", "x", "--json"], 2, "'x' is not one of"),
        (["import", "proxmox", "--json"], 2, "Missing argument"),
        (["import", "proxmox", MIXED, "--json"], 3, "found no node"),
        (["export", "ganeti", "none"], 3, "found no such file or directory"),
        (["export", "ganeti", PAPER, "--plan", PAPER], 3, "spareplace/plan/1"),
        (["export", "ganeti", PAPER, "-o", PAPER], 2, "it is what is read"),
        (["export", "ganeti", "-", "--plan", "-"], 2, "only one of CLUSTER and PLAN"),
    ],
    ids=lambda value: " ".join(value[1:])[-30:] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_told(arguments: list[str], code: int, message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.split())
