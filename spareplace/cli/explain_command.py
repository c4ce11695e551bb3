"""``spareplace explain``: why a plan is as it is, or why there is none."""

from __future__ import annotations

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    max_pieces_option,
    refuse_two_dashes,
    verbose_option,
    with_failures,
    wrong_usage,
)
from spareplace.cli.described import Described
from spareplace.cli.explanation_summary import explanation_summary
from spareplace.cli.printing import say
from spareplace.cli.sources import cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import beating, progress_option
from spareplace.cli.values import read_seconds
from spareplace.errors import InvalidInput
from spareplace.explaining.asking import DEFAULT_TIME_LIMIT, explain
from spareplace.explaining.explanation_file import explanation_text
from spareplace.failures import Kind


@click.command("explain", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE, required=False)
@click.option("--vm", metavar="VM", help="Why this VM is rebuilt where it is.")
@click.option("--failure", metavar="F", help="In this failure alone; without --vm, every VM of it.")
@click.option("--server", metavar="S", help="Why not on this server; with --vm or --failure.")
@click.option(
    "--time-limit",
    callback=read_seconds,
    default=f"{DEFAULT_TIME_LIMIT:g}",
    show_default=True,
    metavar="S",
    help="Seconds for the causes and remedies of an infeasible cluster, or none.",
)
@max_pieces_option
@failures_option
@json_option
@progress_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    plan: str | None,
    vm: str | None,
    failure: str | None,
    server: str | None,
    time_limit: float | None,
    max_pieces: int,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
) -> None:
    """Say why a plan is as it is, or why there is none.

    With PLAN: which failures cost most, what each copy of a diff costs and saves, where it is
    tightest; with --vm, --failure or --server, why a VM is rebuilt there and not elsewhere.

    Without PLAN: causes for which CLUSTER has no plan, not one of them in vain, and remedies,
    each confirmed by a plan. Ends with 0, also where the cluster turns out to be feasible.
    """
    refuse_two_dashes(cluster, plan or "")
    given = with_failures(cluster_from(cluster), kinds)
    made = None if plan is None else plan_from(plan)
    try:
        with beating(err, time_limit):
            found = explain(
                given,
                made,
                vm=vm,
                failure=failure,
                server=server,
                time_limit=time_limit,
                max_pieces=max_pieces,
            )
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad
    if as_json:
        say(explanation_text(found).rstrip("\n").encode())
    else:
        say(explanation_summary(found))
