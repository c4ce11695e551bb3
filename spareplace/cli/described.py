"""How the help of every command is laid out: like a page of a manual, from one table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import click

from spareplace.cli.columns import WIDTH
from spareplace.cli.exits import Exit
from spareplace.cli.manual.around import AROUND
from spareplace.cli.manual.changing import CHANGING
from spareplace.cli.manual.looking import LOOKING
from spareplace.cli.manual.page import Page

PAGES = {**CHANGING, **LOOKING, **AROUND}
"""By the words behind the name of the program."""

_COMMON = {
    Exit.DONE: "done",
    Exit.DEFECT: "a defect of spareplace: please report it",
    Exit.USAGE: "an option, argument or name is wrong, or the output cannot be written",
    Exit.INTERRUPTED: "ended by Ctrl-C before there was an answer",
}
"""What any command may end with."""


class Described(click.Command):
    """A command whose help goes on with examples, exit codes and what to read next."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what follows the options."""
        _write(page_of(ctx), formatter)


class DescribedGroup(click.Group):
    """The same for a command with commands below it."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what follows the commands."""
        _write(page_of(ctx), formatter)


def page_of(ctx: click.Context) -> Page:
    """Give the page of a command, by its words behind the name of the program."""
    words: list[str] = []
    here = ctx
    while here.parent is not None:
        words.insert(0, here.info_name or "")
        here = here.parent
    return PAGES[" ".join(words)]


def write_examples(formatter: click.HelpFormatter, examples: Sequence[tuple[str, str]]) -> None:
    """Write a section with lines to type, each below what it is for."""
    with formatter.section("Examples"):
        for purpose, line in examples:
            formatter.write(f"  {purpose}:\n    {line}\n")


def write_exits(formatter: click.HelpFormatter, meanings: Mapping[Exit, str]) -> None:
    """Write a section with exit codes in their order."""
    with formatter.section("Exit codes"):
        for code in sorted(meanings):
            first = f"{code.value:>5}  "
            text = textwrap.fill(
                meanings[code], WIDTH, initial_indent=first, subsequent_indent=" " * len(first)
            )
            formatter.write(text + "\n")


def _write(page: Page, formatter: click.HelpFormatter) -> None:
    write_examples(formatter, page.examples)
    write_exits(formatter, {**_COMMON, **page.exits})
    if page.formats:
        with formatter.section("Formats"):
            formatter.write_text(", ".join(f"spareplace/{name}/1" for name in page.formats))
    with formatter.section("See also"):
        formatter.write_text(", ".join(page.see))
