"""The program: its commands, each loaded when it is called, and the one place where all ends."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from spareplace import __version__
from spareplace.cli.described import write_examples, write_exits
from spareplace.cli.exits import DEBUG, Exit, exit_of, told
from spareplace.cli.standard_error import StandardError

NAME = "spareplace"

COMPLETION_VARIABLE = "_SPAREPLACE_COMPLETE"
"""The environment variable by which a shell asks for completions."""

AS_JSON = "spareplace.as_json"
"""Where the context keeps whether wrong usage is told to a program."""

COMMANDS = {
    "import": "Make a cluster of what qemu-img, libvirt and others say.",
    "export": "Write a cluster for other tools, such as Ganeti's htools.",
    "plan": "Decide what to store where, and where VMs are rebuilt.",
    "check": "List every rule that a plan breaks.",
    "report": "Write a page to look at: servers, diffs, transfers, failures.",
    "forest": "Show the diffs of a cluster as trees, and where a plan keeps them.",
    "status": "Say what a plan still protects, now that the cluster has changed.",
    "recover": "Say what to do now that some servers failed.",
    "register": "Take new VMs and diffs, and leaving ones, into a plan that stands.",
    "diff": "Show what one plan does otherwise than another, and the way there.",
    "replan": "Plan again from what is stored now, and list the steps.",
    "reprotect": "Protect every VM again after a recovery.",
    "drain": "List what must leave a server, in order.",
    "runbook": "Write a recovery, or the way to a plan, as a shell script.",
    "difftree": "Find which image is best stored as a difference on which.",
    "explain": "Say why a plan is as it is, or why there is none.",
    "capacity": "Count how many more VMs fit while everything stays protected.",
    "whatif": "Say what changes of the cluster would do to a plan.",
    "frontier": "Show what stored bytes buy.",
    "simulate": "Play months of a cluster's life, and compare ways to plan.",
    "generate": "Make up a cluster, the same one for the same seed.",
    "solvers": "List the solvers, which are here, and why one is not.",
    "schema": "Print the JSON Schema of a file format.",
    "completion": "Print the completion script of a shell.",
}
"""What each command does; the module ``<name>_command`` has it as ``command``."""

EXAMPLES = (
    ("Plan a cluster", "spareplace plan cluster.json -o plan.json"),
    ("Server s1 is down: what now", "spareplace recover cluster.json plan.json --failed s1"),
    ("Is everything still protected", "spareplace status cluster.json plan.json"),
)
"""What each is for, and the line to type."""


class Program(click.Group):
    """The commands. Showing the help loads none of them."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Give their names."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"spareplace.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them in the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what follows the commands."""
        write_examples(formatter, EXAMPLES)
        write_exits(formatter, {code: code.meaning for code in Exit})
        with formatter.section("Environment"):
            formatter.write_dl([(DEBUG, "If not empty, a defect is reported with its traceback.")])
        with formatter.section("See also"):
            formatter.write_text(f"{NAME} COMMAND --help, docs/command_line.md")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete their names and our options, and load none of them for it."""
        found = [
            CompletionItem(name, help=summary)
            for name, summary in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        """Read the words in front of the command's own."""
        as_json = _asks_for_json(args)
        try:
            ctx = super().make_context(info_name, args, parent, **extra)
        except click.UsageError as wrong:
            if not as_json:
                raise
            err = StandardError()
            err.tell_as("json", "")
            _tell(err, wrong)
        ctx.meta[AS_JSON] = as_json
        return ctx

    def invoke(self, ctx: click.Context) -> object:
        """Run one, and turn whatever ends it early into a message and an exit code."""
        err = StandardError()
        if ctx.meta[AS_JSON]:
            err.tell_as("json", "")  # before an option is read: another one may be wrong
        ctx.obj = err
        with err.listening():
            try:
                return super().invoke(ctx)
            except (click.exceptions.Exit, click.Abort):
                raise
            except click.ClickException as wrong:
                if not ctx.meta[AS_JSON]:
                    raise
                _tell(err, wrong)
            except (Exception, KeyboardInterrupt) as error:
                err.message(told(error))
                ctx.exit(exit_of(error))


def _asks_for_json(words: Sequence[str]) -> bool:
    """Tell whether progress is wanted as JSON, however wrong the command line may be."""
    forms = [after for word, after in pairwise(words) if word == "--progress"]
    forms += [word.partition("=")[2] for word in words if word.startswith("--progress=")]
    return "json" in forms


def _tell(err: StandardError, wrong: click.ClickException) -> NoReturn:
    """Tell wrong usage as any other message is told."""
    err.message(f"error: {wrong.format_message()}")
    raise click.exceptions.Exit(wrong.exit_code) from wrong


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")
def program() -> None:
    """Plan where the spare images of virtual machines are kept, so that recovery transfers
    least.

    A CLUSTER or PLAN of - is read from standard input. Results go to standard output, everything
    else to standard error.
    """


def main() -> NoReturn:
    """Run the command that the process was started with, and exit."""
    program.main(complete_var=COMPLETION_VARIABLE)
