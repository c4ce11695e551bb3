from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

import spareplace
from spareplace.cli import plan_command
from spareplace.cli.exits import Exit
from spareplace.cli.program import COMMANDS, program
from tests.cli.commands import PAPER, ROOT, process, run


def test_the_help_tells_what_every_command_and_every_exit_code_means() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name, summary in COMMANDS.items():
        assert f"  {name} " in result.stdout
        assert summary in result.stdout
    for code in Exit:
        assert f"{code.value}  {code.meaning}" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_and_fits_a_narrow_terminal(name: str) -> None:
    result = run(name, "-h")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_commands_are_listed_in_the_order_of_the_table() -> None:
    assert program.list_commands(click.Context(program)) == list(COMMANDS)


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == f"spareplace {spareplace.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["pln"], ["plan"], ["plan", PAPER, "--fast"], ["plan", PAPER, PAPER], ["--fast"], []],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_a_message_on_standard_error(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_the_help_and_the_version_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from spareplace.cli import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    loaded = set(ended.stderr.split())
    assert "click" in loaded
    assert not loaded & {"numpy", "networkx", "ortools", "pulp", "highspy", "spareplace.cluster"}
    assert not [name for name in loaded if name.endswith("_command")]


def test_python_runs_the_package() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "spareplace", "--version"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ended.stdout == f"spareplace {spareplace.__version__}\n"


def _broken(*_: object, **__: object) -> None:
    raise KeyError("s\x1b7")


def test_an_error_that_nobody_foresaw_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan_command, "plan", _broken)
    result = run("plan", PAPER, "--json", env={"SPAREPLACE_DEBUG": ""})
    assert (result.exit_code, result.stdout) == (Exit.DEFECT, "")
    assert result.stderr.startswith("error: KeyError: ")
    assert "please report it" in result.stderr
    assert "SPAREPLACE_DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr
    assert "\x1b" not in result.stderr


def test_a_variable_adds_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_command, "plan", _broken)
    result = run("plan", PAPER, env={"SPAREPLACE_DEBUG": "1"})
    assert result.exit_code == Exit.DEFECT
    assert "Traceback" in result.stderr
    assert "_broken" in result.stderr


def test_a_reader_who_goes_away_is_no_error() -> None:
    """The pipe is closed before anything is written, and the verdict stays what it is."""
    for arguments, code in ((["plan", PAPER, "--method", "level"], 0), (["plan", "none"], 3)):
        reading, writing = os.pipe()
        with process(*arguments, stdout=writing) as ended:
            os.close(writing)
            os.close(reading)
            assert ended.stderr is not None
            said = ended.stderr.read().decode()
        assert ended.returncode == code
        assert "Traceback" not in said
        assert "roken" not in said


def test_a_reader_of_messages_who_goes_away_is_no_error() -> None:
    reading, writing = os.pipe()
    with process("plan", "none", stderr=writing) as ended:
        os.close(writing)
        os.close(reading)
    assert ended.returncode == Exit.INVALID_INPUT


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "wb") as full, process("schema", "plan", stdout=full.fileno()) as ended:
        assert ended.stderr is not None
        said = ended.stderr.read().decode()
    assert ended.returncode == Exit.USAGE
    assert "No space left" in said
    assert "Traceback" not in said


def test_letters_that_the_terminal_lacks_are_escaped() -> None:
    """The JSON is in UTF-8 all the same."""
    given = (ROOT / "examples" / "paper.json").read_text().replace('"Sk"', '"S\u6771"').encode()
    with process(
        "plan",
        "-",
        "--method",
        "level",
        stdin=subprocess.PIPE,
        environment={"PYTHONIOENCODING": "ascii"},
    ) as ended:
        text, said = ended.communicate(given)
    assert (ended.returncode, said) == (0, b"")
    assert b"S\\u6771" in text
    with process(
        "plan",
        "-",
        "--method",
        "level",
        "--json",
        stdin=subprocess.PIPE,
        environment={"PYTHONIOENCODING": "ascii"},
    ) as ended:
        text, _ = ended.communicate(given)
    assert "S\u6771" in {recovery["failure"] for recovery in json.loads(text)["recoveries"]}
