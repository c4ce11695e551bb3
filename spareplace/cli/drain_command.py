"""``spareplace drain``: what must leave a server, in order, before it can go."""

from __future__ import annotations

from typing import Unpack

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    refuse_two_dashes,
    with_failures,
)
from spareplace.cli.change_summary import drain_summary
from spareplace.cli.changing_options import changing_options
from spareplace.cli.described import Described
from spareplace.cli.names import refuse_none_left, refuse_unknown
from spareplace.cli.pair_of_files import refuse_unwritable_pair, save_pair
from spareplace.cli.planning_options import (
    answering,
    refuse_unusable,
)
from spareplace.cli.printing import say
from spareplace.cli.results import writing
from spareplace.cli.sources import cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import tell_plan
from spareplace.failures import Kind
from spareplace.files import document_text
from spareplace.lifecycle.changeover import drain
from spareplace.lifecycle.changeover.documents import drain_document
from spareplace.options import PlanOptions


@click.command("drain", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@click.argument("server")
@changing_options
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    plan: str,
    server: str,
    output: str | None,
    cluster_output: str | None,
    move_limit: int | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    **options: Unpack[PlanOptions],
) -> None:
    """List what must leave SERVER, in order, so that it can be taken out of the cluster.

    First copies and deletions, after which every VM is protected where it is and where it is to
    go; then the migrations of the VMs that run there. -o and --cluster-output write what is left
    without the server.
    """
    refuse_two_dashes(cluster, plan)
    refuse_unwritable_pair(output, cluster_output, plan, cluster)
    refuse_unusable(options, move_limit=move_limit)
    given = with_failures(cluster_from(cluster), kinds)
    servers = [it.name for it in given.servers]
    refuse_unknown([server], servers, "server", "SERVER")
    refuse_none_left(servers, [server], "SERVER")
    chosen = plan_from(plan)
    with answering(err, as_json) as progress:
        done = drain(given, chosen, server, move_limit=move_limit, progress=progress, **options)
    tell_plan(err, done.plan, options["objective"])
    if output is not None or cluster_output is not None:
        with writing(output or cluster_output or ""):
            save_pair(done.cluster, cluster_output, done.plan, output)
    if as_json:
        say(document_text(drain_document(done)).rstrip("\n").encode())
    else:
        say(drain_summary(done))
