"""``spareplace solvers``: which are here."""

from __future__ import annotations

import textwrap

import click

from spareplace.cli.arguments import json_option
from spareplace.cli.columns import WIDTH, table
from spareplace.cli.described import Described
from spareplace.cli.documents import json_bytes, solvers_document
from spareplace.cli.printing import printable, say
from spareplace.solvers import available_solvers


@click.command("solvers", cls=Described)
@json_option
def command(as_json: bool) -> None:
    """List the solvers, which are here, and why one is not.

    A name of this list is what --solver takes; pulp:NAME is any other that PuLP finds.
    """
    solvers = available_solvers()
    if as_json:
        say(json_bytes(solvers_document(solvers)))
        return
    rows = [("solver", "here", "version")]
    rows += [
        (solver.name, "yes" if solver.available else "no", solver.version or "-")
        for solver in solvers
    ]
    lines = table(rows)
    for solver in solvers:
        if solver.why:
            lines += ["", textwrap.fill(f"{solver.name}: {solver.why}", WIDTH)]
    say(printable("\n".join(lines)))
