from __future__ import annotations

import shutil
import subprocess

import pytest
from click.shell_completion import ShellComplete

from spareplace.cli.program import COMMANDS, COMPLETION_VARIABLE, program
from tests.cli.commands import process, run


def _completions(*words: str) -> list[str]:
    *arguments, begun = words
    completing = ShellComplete(program, {}, "spareplace", COMPLETION_VARIABLE)
    return [item.value for item in completing.get_completions(arguments, begun)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program_through_the_variable(shell: str) -> None:
    result = run("completion", shell)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{COMPLETION_VARIABLE}={shell}_complete" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_that_is_here_accepts_the_script(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    script = run("completion", shell).stdout
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_the_program_answers_a_shell() -> None:
    asked = {COMPLETION_VARIABLE: "bash_complete", "COMP_WORDS": "spareplace pl", "COMP_CWORD": "1"}
    with process(environment=asked) as ended:
        assert ended.stdout is not None
        assert ended.stdout.read() == b"plain,plan\n"
    assert ended.returncode == 0


def test_commands_options_and_values_are_completed() -> None:
    assert _completions("") == list(COMMANDS)
    assert "--method" in _completions("plan", "--me")
    assert _completions("plan", "--method", "l") == ["level"]
    assert _completions("simulate", "--progress", "") == ["auto", "plain", "json", "none"]
    assert _completions("plan", "--solver", "c") == ["cp-sat", "cbc"]
    found = ["recovery", "registration", "registered", "reprotection"]
    assert _completions("schema", "re") == found
    assert _completions("completion", "z") == ["zsh"]


def test_each_kind_of_failure_is_offered_once() -> None:
    assert _completions("plan", "--failures", "") == ["single", "zones", "pairs"]
    assert _completions("check", "--failures", "zones,") == ["zones,single", "zones,pairs"]
    assert _completions("plan", "--failures", "single,p") == ["single,pairs"]


def test_an_unknown_shell_is_wrong_usage() -> None:
    assert run("completion", "csh").exit_code == 2
