"""``spareplace report``: a plan as one HTML page."""

from __future__ import annotations

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    refuse_two_dashes,
    verbose_option,
    with_failures,
)
from spareplace.cli.described import Described
from spareplace.cli.exits import Exit
from spareplace.cli.planning_options import answering
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import progress_option
from spareplace.explaining.trading import frontier
from spareplace.failures import Kind
from spareplace.files.storage import write_whole
from spareplace.options import MOST_PIECES
from spareplace.reporting import report
from spareplace.reporting.page import TITLE
from spareplace.verify import check


@click.command("report", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    metavar="FILE",
    help="Write the page to this file, or to - for standard output.",
)
@click.option(
    "--frontier",
    "frontier_seconds",
    type=click.FloatRange(min=0, min_open=True, max=10**6),
    metavar="S",
    help="Add what stored bytes buy, planning for so many seconds.",
)
@click.option(
    "--title", default=TITLE, show_default=True, metavar="TEXT", help="The title of the page."
)
@failures_option
@progress_option
@verbose_option
@click.pass_context
def command(
    ctx: click.Context,
    cluster: str,
    plan: str,
    output: str,
    frontier_seconds: float | None,
    title: str,
    kinds: tuple[Kind, ...] | None,
) -> None:
    """Write a page to look at: figures, servers, diffs, transfers, and what each failure does.

    CLUSTER and PLAN are files; one of them may be - for standard input. The page is one file that
    needs no network. Its figures are checked first: no page is made of a plan that breaks a rule.
    """
    refuse_two_dashes(cluster, plan)
    to_file = output != STANDARD_INPUT
    refuse_unwritable(output if to_file else None, cluster, plan)
    given = with_failures(cluster_from(cluster), kinds)
    chosen = plan_from(plan)
    err = ctx.find_object(StandardError)
    assert err is not None
    violations = check(given, chosen, max_pieces=MOST_PIECES)
    if violations:
        count = "1 place" if len(violations) == 1 else f"{len(violations)} places"
        err.message(f"error: the plan breaks a rule in {count}; spareplace check says which")
        ctx.exit(Exit.RULE_BROKEN)
    found = None
    if frontier_seconds is not None:
        with answering(err, as_json=False) as told:
            found = frontier(given, time_limit=frontier_seconds, progress=told)
    page = report(given, chosen, frontier=found, title=title)
    if not to_file:
        say(page.rstrip("\n").encode())
        return
    with writing(output):
        write_whole(output, page)
