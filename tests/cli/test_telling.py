"""``--progress json`` of every command that has it, and what it must not disturb."""

from __future__ import annotations

import json
import os
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from spareplace.cli.progress_lines import HowFar
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import beating
from spareplace.files import read_plan
from spareplace.schemas import document_schema
from tests.cli.commands import FULL, PAPER, ROOT, TINY, process, run

JSON = ("--progress", "json")

SCHEMAS = {
    f"spareplace/{name}/1": Draft202012Validator(document_schema(name))
    for name in ("progress", "message")
}


TRIO = """{"format": "spareplace/cluster/1",
"servers": [{"name": "a", "disk": 100}, {"name": "b", "disk": 100}, {"name": "c", "disk": 100}],
"diffs": [{"name": "base", "size": 40}],
"vms": [{"name": "web", "server": "a", "diff": "base", "disk": 40}]}
"""
"""Any two of its servers protect the VM."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("files")
    named = {name: str(folder / name) for name in ("CLUSTER", "PLAN", "PAGE")}
    Path(named["CLUSTER"]).write_text(TRIO)
    assert run("plan", "-", "--method=greedy", "-o", named["PLAN"], given=TRIO).exit_code == 0
    return named


def _told(stderr: str) -> list[dict[str, object]]:
    """Read the progress of a command; every line must be as its schema says, and time goes on."""
    read = [json.loads(line) for line in stderr.splitlines()]
    assert all(SCHEMAS[line["format"]].is_valid(line) for line in read)
    told = [line for line in read if line["format"] == "spareplace/progress/1"]
    assert all(one["seconds"] <= other["seconds"] for one, other in pairwise(told))
    assert [line["last"] for line in told] == [False] * (len(told) - 1) + [True]
    return told


@pytest.mark.parametrize("method", ["greedy", "search"])
def test_the_last_line_agrees_with_the_plan(method: str) -> None:
    result = run("plan", PAPER, "--method", method, "--iterations", "2", "--json", *JSON)
    plan = read_plan(result.stdout_bytes)
    last = _told(result.stderr)[-1]
    assert (last["command"], last["objective"]) == ("plan", "transfer")
    assert last["incumbent"] == plan.expected_transfer_bytes
    assert (last["bound"], last["gap"]) == (plan.lower_bound_bytes, plan.gap)
    assert last["method"] == plan.method


SEARCH = ("--method", "search", "--iterations", "1")

LONG = {
    "plan": SEARCH,
    "replan": ("PLAN", "--move-limit", "1GB", *SEARCH),
    "whatif": ("PLAN", "--disk", "b=+5GB", *SEARCH),
    "reprotect": ("PLAN", *SEARCH, "--failed", "c"),
    "drain": ("PLAN", "c", *SEARCH),
    "frontier": ("--points", "2", "--time-limit", "1"),
    "report": ("PLAN", "--frontier", "1", "-o", "PAGE"),
    "explain": ("PLAN",),
    "capacity": ("--like", "web"),
    "simulate": ("--months", "1", "--policy", "level"),
}


@pytest.mark.parametrize("name", LONG)
def test_every_long_command_tells_its_progress(name: str, files: dict[str, str]) -> None:
    arguments = [files.get(word, word) for word in ("CLUSTER", *LONG[name])]
    result = run(name, *arguments, *JSON)
    assert result.exit_code == 0, result.stderr
    told = _told(result.stderr)
    assert {line["command"] for line in told} == {name}
    assert "spareplace/progress" not in result.stdout


@pytest.mark.parametrize("name", ["replan", "reprotect", "drain"])
def test_the_last_line_agrees_with_the_plan_in_the_document(
    name: str, files: dict[str, str]
) -> None:
    arguments = [files.get(word, word) for word in ("CLUSTER", *LONG[name])]
    result = run(name, *arguments, "--json", *JSON)
    plan = json.loads(result.stdout)["plan"]
    last = _told(result.stderr)[-1]
    figures = ("expected_transfer_bytes", "lower_bound_bytes", "method")
    assert [last[key] for key in ("incumbent", "bound", "method")] == [plan[it] for it in figures]


def test_images_that_are_compared_are_told_byte_by_byte(tmp_path: Path) -> None:
    image = tmp_path / "a.raw"
    image.write_bytes(b"x" * 200_000)
    told = _told(run("difftree", str(image), *JSON).stderr)
    assert (told[-1]["at"], told[-1]["done"], told[-1]["total"]) == ("a", 200_000, 200_000)


def test_an_infeasible_cluster_is_told_as_a_message() -> None:
    result = run("plan", "-", "--progress=json", given=FULL)
    *_, message = map(json.loads, result.stderr.splitlines())
    assert result.exit_code == 4
    assert message["format"] == "spareplace/message/1"
    assert message["text"].startswith("error: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("plan --progress json", "CLUSTER"),
        ("plan none --progress=json --fast", "--fast"),
        ("plan none --gap 7 --progress json", "--gap: found 7.0"),
        ("plan none --gap seven --progress json", "'--gap': 'seven'"),
        (f"plan {PAPER} --failures zones --progress json", "--failures: found zones"),
        ("pln --progress json", "'pln'"),
        ("--fast plan --progress json", "--fast"),
    ],
)
def test_wrong_usage_is_told_as_a_message(words: str, said: str) -> None:
    result = run(*words.split())
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = map(json.loads, result.stderr.splitlines())
    assert line["format"] == "spareplace/message/1"
    assert line["text"].startswith("error: ")
    assert said in line["text"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_wrong_usage_that_is_found_late_comes_before_the_last_line() -> None:
    result = run("plan", "-", "--method=greedy", "-o", "/dev/full", *JSON, given=TINY)
    assert result.exit_code == 2
    message, last = map(json.loads, result.stderr.splitlines()[-2:])
    assert "No space left" in message["text"]
    assert (last["last"], last["method"]) == (True, "greedy")


def test_short_work_tells_nothing_unless_asked() -> None:
    for form in ("auto", "plain", "none"):
        assert run("plan", "-", "--progress", form, given=TINY).stderr == ""


def test_a_reader_of_progress_who_goes_away_does_not_end_the_plan() -> None:
    reading, writing = os.pipe()
    with process("plan", PAPER, "--method=greedy", "--json", *JSON, stderr=writing) as ended:
        os.close(writing)
        os.close(reading)
        assert ended.stdout is not None
        plan = read_plan(ended.stdout.read())
    assert ended.returncode == 0
    assert plan.expected_transfer_bytes == 15e9


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_progress_to_a_full_disk_does_not_end_the_plan() -> None:
    with (
        open("/dev/full", "wb") as full,
        process("plan", PAPER, "--method=greedy", "--json", *JSON, stderr=full.fileno()) as ended,
    ):
        assert ended.stdout is not None
        assert read_plan(ended.stdout.read()).method == "greedy"
    assert ended.returncode == 0


class _Counting(StandardError):
    """One that counts what it is told, and says when it is enough."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.enough = threading.Event()

    def show(self, far: HowFar) -> None:
        self.lines.append(far.text)
        if len(self.lines) == 3:
            self.enough.set()


def test_work_that_tells_nothing_is_said_to_go_on() -> None:
    err = _Counting()
    with beating(err, time_limit=8.0, every=0.01):
        assert err.enough.wait(30)
    assert err.lines[0] == "0 s of at most 8 s"
    count = len(err.lines)
    assert count >= 3
    with beating(err, time_limit=None, every=60.0):
        pass
    assert err.lines[count:] == ["0 s"]


def test_the_page_on_the_command_line_names_every_key() -> None:
    page = (ROOT / "docs" / "command_line.md").read_text()
    told = _told(run("plan", "-", *JSON, given=TINY).stderr)
    assert not [key for key in told[0] if f"`{key}`" not in page]
