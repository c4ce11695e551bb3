"""``spareplace replan``: from what is stored now to a better plan, or one for a new state."""

from __future__ import annotations

from typing import Unpack

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    refuse_two_dashes,
    verbose_option,
    with_failures,
)
from spareplace.cli.change_summary import change_summary
from spareplace.cli.described import Described
from spareplace.cli.planning_options import (
    answering,
    move_cost_option,
    move_limit_option,
    planning_options,
    refuse_unusable,
)
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import tell_plan
from spareplace.failures import Kind
from spareplace.files import document_text, save_plan
from spareplace.lifecycle.changeover import replan
from spareplace.lifecycle.changeover.documents import change_document
from spareplace.options import PlanOptions


@click.command("replan", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@click.option(
    "-o", "--output", type=FILE, metavar="PLAN", help="Write the next plan to this file, too."
)
@move_limit_option
@move_cost_option
@planning_options
@failures_option
@json_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    plan: str,
    output: str | None,
    move_limit: int | None,
    move_cost: float,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    **options: Unpack[PlanOptions],
) -> None:
    """Plan again from what is stored now, and list the steps that lead there.

    CLUSTER is the cluster as it is now; PLAN what runs, also if it was made for an earlier state
    of it. One of them may be - for standard input. -o may name PLAN itself.

    A plan of this very cluster that its method made is its own answer: nothing is moved. With
    --move-limit or --move-cost a better one is looked for, within them. A plan does not say which
    --objective it was made for: with any but transfer, a better one is looked for in any case.
    """
    refuse_two_dashes(cluster, plan)
    if output == STANDARD_INPUT:
        raise click.BadParameter("for standard output, use --json", param_hint="-o")
    refuse_unwritable(output, cluster)
    refuse_unusable(options, move_limit=move_limit, move_cost=move_cost)
    given = with_failures(cluster_from(cluster), kinds)
    chosen = plan_from(plan)
    with answering(err, as_json) as progress:
        change = replan(
            given,
            chosen,
            move_limit=move_limit,
            move_cost=move_cost,
            progress=progress,
            **options,
        )
    tell_plan(err, change.plan, options["objective"])
    if output is not None:
        with writing(output):
            save_plan(change.plan, output)
    if as_json:
        say(document_text(change_document(change)).rstrip("\n").encode())
    else:
        say(change_summary(given, change))
        if change.plan is chosen:
            say("a plan does not say what it was made for: to improve it, give --move-limit")
