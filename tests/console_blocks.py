"""Read the ``console`` blocks of a page, run their commands, and compare what is shown of them.

A line that begins with ``$`` is a command, lines that begin with ``>`` go on with it, and what
stands below is what it prints on both outputs; if nothing does, what it prints is not looked at.
In what is shown ``...`` stands for anything, and the figures of a clock need not be the same.
A command that ends with another code than 0 has ``$ echo $?`` below it. A block without ``$`` is
something to copy, for another machine, and is not run.

Of commands that are not run, `misread` tells whether the program takes them.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner
from sybil import Example
from sybil.parsers.markdown import CodeBlockParser

from spareplace.cli.program import program

ROOT = Path(__file__).parents[1]

MAIN = "from spareplace.cli import main; main()"

ASK = "echo $?"
"""The command that shows how the one above it ended."""


CALL = r"(?:^|[$;|&(>]|\bdo) ?spareplace ([a-z].*?)(?=[|;>()]|&&|2>&1|$)"
"""A call of the program in a line of a shell, up to what the shell takes for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command as a page shows it, with what it prints."""

    command: str
    output: str


def shown(block: str) -> Iterator[Shown]:
    """Read the commands of a block."""
    if not block.startswith("$ "):
        return
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        more = next((at for at, it in enumerate(lines[1:], 1) if it[:2] != "> "), len(lines))
        yield Shown(
            command="".join(line[2:] for line in lines[:more]).strip(),
            output="".join(lines[more:]).strip(),
        )


def complaint(block: str) -> str | None:
    """Run the commands of a block, one after the other; say what is not as the block shows it."""
    commands = list(shown(block))
    code = 0
    for number, it in enumerate(commands):
        code, printed = _run(it.command, code)
        if code and not any(after.command == ASK for after in commands[number + 1 : number + 2]):
            return f"$ {it.command}\nended with {code}:\n{printed}"
        if it.output and not _alike(it.output, printed):
            return f"$ {it.command}\nshown:\n{it.output}\nprinted:\n{printed}"
    return None


def _run(command: str, before: int) -> tuple[int, str]:
    """Run a command; a call of the program alone in this process, which loads a solver once.

    Everything else goes to a shell, in which the command before ended with the code ``before``,
    and the program is the one of this very Python, whatever is installed beside it.
    """
    if command.startswith("spareplace ") and not re.search(r"[|;&<>()$`*]", command):
        _, *words = shlex.split(command.replace("\\\n", " "), comments=True)
        done = CliRunner().invoke(program, words, prog_name="spareplace")
        return done.exit_code, done.output
    ours = f'spareplace() {{ "{sys.executable}" -c "{MAIN}" "$@"; }}'
    shell = subprocess.run(
        ["bash", "-c", f"{ours}\n(exit {before})\n{command}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        timeout=120,
        check=False,
    )
    return shell.returncode, shell.stdout


def _alike(wanted: str, printed: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(_timeless(wanted), _timeless(printed), flags)


def _timeless(text: str) -> str:
    """Take out what differs from run to run: how long it took, and the version of a solver."""
    text = re.sub(r"^(time +)[0-9.]+ s$", r"\1", text.strip(), flags=re.MULTILINE)
    return re.sub(r"(solver cp-sat) [0-9.]+", r"\1", text) + "\n"


class ConsoleBlockParser(CodeBlockParser):
    """Runs the ``console`` blocks of a page where the test stands."""

    def __init__(self) -> None:
        super().__init__(language="console")

    def evaluate(self, example: Example) -> str | None:
        """Run one block; what is returned is shown with the page and the line."""
        return complaint(str(example.parsed))


def commands_in(page: str) -> Iterator[list[str]]:
    """Give the words of each call of the program in the ``console`` and ``sh`` blocks of a page."""
    for block in re.findall(r"^```(?:console|sh)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if block.startswith("$ ") and not line.startswith(("$ ", "> ")):
                continue  # what a command prints
            for call in re.findall(CALL, line):
                yield shlex.split(call, comments=True)


def misread(words: Sequence[str]) -> str | None:
    """Read the words of a call as the program would, and do nothing; say what it would refuse."""
    command: click.Command = program
    context = click.Context(program, info_name="spareplace", **program.context_settings)
    while isinstance(command, click.Group):
        if not words or words[0].startswith("-"):
            return None  # its help, or its version
        name, *words = words
        below = command.get_command(context, name)
        if below is None:
            return f"there is no command {name!r}"
        command = below
    try:
        command.make_context(command.name, list(words), parent=context)
    except click.exceptions.Exit:  # its help
        return None
    except click.UsageError as error:
        return f"{command.name}: {error.format_message()}"
    return None
