"""``spareplace whatif``: what changes of the cluster would do to today's plan."""

from __future__ import annotations

from typing import Unpack

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    json_option,
    refuse_two_dashes,
    verbose_option,
)
from spareplace.cli.described import Described
from spareplace.cli.planning_options import answering, planning_options, refuse_unusable
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.supposed_changes import change_options, changes_of
from spareplace.cli.telling import tell_plan
from spareplace.cli.whatif_summary import whatif_summary
from spareplace.explaining.documents import WHATIF, WHATIF_FORMAT
from spareplace.explaining.supposing import what_if
from spareplace.files import save_plan, shaped_text
from spareplace.options import PlanOptions


@click.command("whatif", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@change_options
@click.option(
    "-o", "--output", type=FILE, metavar="PLAN", help="Write the plan of the changed cluster."
)
@planning_options
@json_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    plan: str,
    without: tuple[str, ...],
    disks: tuple[tuple[str, str], ...],
    added: tuple[str, ...],
    likes: tuple[str, ...],
    nets: tuple[tuple[str, str], ...],
    output: str | None,
    as_json: bool,
    **options: Unpack[PlanOptions],
) -> None:
    """Say what changes of CLUSTER would do to today's PLAN; nothing is changed.

    CLUSTER and PLAN are files; one of them may be - for standard input. The changed cluster is
    planned from what is stored now. Changes may be given together: what is added comes first,
    what is taken away last.

    Ends with 0 also where there would be no plan; then it says what is short.
    """
    refuse_two_dashes(cluster, plan)
    if output == STANDARD_INPUT:
        raise click.BadParameter("for standard output, use --json", param_hint="-o")
    refuse_unwritable(output, cluster, plan)
    refuse_unusable(options)
    given, current = cluster_from(cluster), plan_from(plan)
    changes = changes_of(given, without=without, disks=disks, added=added, likes=likes, nets=nets)
    if not changes:
        raise click.UsageError("give at least one of --without, --disk, --add-server and --net")
    with answering(err, as_json) as told:
        found = what_if(given, current, changes, progress=told, **options)
    if found.plan is not None:
        tell_plan(err, found.plan, options["objective"])
    if output is not None and found.plan is not None:
        with writing(output):
            save_plan(found.plan, output)
    if as_json:
        say(shaped_text(WHATIF, WHATIF_FORMAT, found).rstrip("\n").encode())
    else:
        say(whatif_summary(found))
