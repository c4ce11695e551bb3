"""The help of every command reads like a page of a manual, and what it says is true."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from spareplace.cli.described import PAGES
from spareplace.cli.exits import Exit
from spareplace.cli.program import EXAMPLES, NAME, program
from spareplace.schemas import FORMATS
from tests.cli.commands import ROOT, run


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))


COMMANDS = [" ".join(words) for words in _commands(program)]

LINES = [line for page in PAGES.values() for _, line in page.examples]


def test_every_command_has_a_page_and_every_page_a_command() -> None:
    assert sorted(PAGES) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_has_its_parts_in_one_order_and_fits_the_terminal(name: str) -> None:
    result = run(*name.split(), "--help")
    assert result.exit_code == 0
    usage, purpose = result.stdout.split("\n\n", 2)[:2]
    assert usage.startswith(f"Usage: program {name} ")
    assert purpose.startswith("  ")
    assert purpose.endswith(".")
    titles = re.findall(r"(?m)^([A-Z][a-z ]+):$", result.stdout)
    order = ("Options", "Commands", "Examples", "Exit codes", "Formats", "See also")
    assert titles == [title for title in order if title in titles]
    assert {"Options", "Examples", "Exit codes", "See also"} <= set(titles)
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert "\\b" not in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_says_what_each_of_its_exit_codes_means(name: str) -> None:
    shown = run(*name.split(), "--help").stdout.partition("Exit codes:\n")[2]
    codes = [int(found) for found in re.findall(r"(?m)^ {2,4}(\d{1,3})  \S", shown)]
    shared = {Exit.DONE, Exit.DEFECT, Exit.USAGE, Exit.INTERRUPTED}
    assert codes == sorted(shared | set(PAGES[name].exits))


@pytest.mark.parametrize("line", [*LINES, *(line for _, line in EXAMPLES)])
def test_every_example_parses(line: str) -> None:
    """Shell words around the command are left out, and no file is looked at."""
    bare = re.sub(r'^eval "\$\((.*)\)"$', r"\1", line)
    bare = re.split(r" \| | [<>]", bare)[0]
    first, *words = shlex.split(bare)
    assert first == NAME
    command: click.Command = program
    ctx = click.Context(program, info_name=NAME, **program.context_settings)
    while isinstance(command, click.Group):
        found = command.get_command(ctx, words.pop(0))
        assert found is not None
        command = found
        if words != ["--help"]:
            ctx = command.make_context(command.name, list(words), parent=ctx)
        else:
            break


@pytest.mark.parametrize("name", PAGES)
def test_the_example_on_a_page_is_of_its_command(name: str) -> None:
    assert any(f"{NAME} {name}" in line for _, line in PAGES[name].examples)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_names_exists(name: str) -> None:
    page = PAGES[name]
    assert set(page.formats) <= set(FORMATS)
    for other in page.see:
        if other.startswith(NAME):
            assert other.removeprefix(f"{NAME} ") in COMMANDS
        else:
            assert (ROOT / other).is_file()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    command: click.Command = program
    for word in name.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    for option in command.params:
        if isinstance(option, click.Option):
            assert re.search(r"\.(  \[default: .+\])?$", option.help or ""), option.name
