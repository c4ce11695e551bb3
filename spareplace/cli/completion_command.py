"""``spareplace completion``: the script by which a shell completes our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from spareplace.cli.described import Described
from spareplace.cli.printing import say
from spareplace.cli.program import COMPLETION_VARIABLE, NAME


@click.command("completion", cls=Described)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    A line below completes commands, options and values in the shell that it is typed in; in the
    file that the shell reads at its start, in every one.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, NAME, COMPLETION_VARIABLE).source()
    say(script.rstrip("\n"))
