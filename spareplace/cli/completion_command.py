"""``spareplace completion``: the script by which a shell completes our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from spareplace.cli.printing import say
from spareplace.cli.program import COMPLETION_VARIABLE, NAME


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash: eval "$(spareplace completion bash)"
    zsh:  eval "$(spareplace completion zsh)"
    fish: spareplace completion fish | source
    """  # noqa: D301  # click looks for the control character itself
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, NAME, COMPLETION_VARIABLE).source()
    say(script.rstrip("\n"))
