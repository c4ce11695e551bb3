"""``spareplace plan``: from a cluster to a plan."""

from __future__ import annotations

from typing import Unpack

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    verbose_option,
    with_failures,
)
from spareplace.cli.described import Described
from spareplace.cli.documents import infeasible_document, json_bytes
from spareplace.cli.interrupts import heard
from spareplace.cli.planning_options import (
    Watch,
    objective_refused,
    planning_options,
    refuse_unusable,
)
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.summary import summary
from spareplace.cli.telling import tell_plan
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible
from spareplace.failures import Kind
from spareplace.files import plan_text, save_plan
from spareplace.options import PlanOptions
from spareplace.placement import Plan
from spareplace.planning import plan


@click.command("plan", cls=Described)
@cluster_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PLAN",
    help="Write the plan to this file, too.",
)
@planning_options
@failures_option
@json_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    output: str | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    **options: Unpack[PlanOptions],
) -> None:
    """Decide what to store where, and where VMs are rebuilt in each failure.

    CLUSTER is a file of the format spareplace/cluster/1, or - for standard input.

    Ctrl-C ends the search with the best plan so far; a second one ends at once.
    """
    if output == STANDARD_INPUT:
        raise click.BadParameter("for standard output, use --json", param_hint="-o")
    refuse_unwritable(output, cluster)
    refuse_unusable(options)
    given = with_failures(cluster_from(cluster), kinds)
    with heard() as interrupts:  # to the end: once there is a plan, it is given
        try:
            found = _planned(given, Watch(err, interrupts), options)
        except Infeasible as infeasible:
            if as_json:
                say(json_bytes(infeasible_document(infeasible.shortages)))
            raise
        tell_plan(err, found, options["objective"])
        try:
            if output is not None:
                with writing(output):
                    save_plan(found, output)
        finally:  # whatever happens to the file, the work was done
            say(plan_text(found).rstrip("\n").encode() if as_json else summary(given, found))


def _planned(cluster: Cluster, watch: Watch, options: PlanOptions) -> Plan:
    try:
        with objective_refused():
            return plan(cluster, progress=watch.told, **options)
    finally:
        watch.err.erase()
