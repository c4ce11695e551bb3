"""``spareplace reprotect``: after a recovery, make every VM survive the next failure."""

from __future__ import annotations

from typing import Unpack

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    refuse_two_dashes,
    with_failures,
)
from spareplace.cli.change_summary import reprotection_summary
from spareplace.cli.changing_options import changing_options
from spareplace.cli.failed_option import FAILED, ManyFailed, failed_of, failed_option
from spareplace.cli.names import refuse_none_left
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
from spareplace.lifecycle.changeover import reprotect
from spareplace.lifecycle.changeover.documents import reprotection_document
from spareplace.options import PlanOptions


@click.command("reprotect", cls=ManyFailed)
@cluster_argument
@click.argument("plan", type=FILE)
@failed_option("The servers that failed")
@changing_options
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    plan: str,
    failed: tuple[str, ...],
    output: str | None,
    cluster_output: str | None,
    move_limit: int | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    **options: Unpack[PlanOptions],
) -> None:
    """Protect every VM again after servers failed and their VMs were rebuilt.

    CLUSTER and PLAN are what they were before the failure, the recovery is that of `spareplace
    recover` with the same seed. The servers that are left are a cluster of its own: the fewest
    bytes are copied that make every VM survive the next failure; with --move-limit, more where
    that lowers the expected transfer.
    """
    refuse_two_dashes(cluster, plan)
    refuse_unwritable_pair(output, cluster_output, plan, cluster)
    refuse_unusable(options, move_limit=move_limit)
    given = with_failures(cluster_from(cluster), kinds)
    gone = failed_of(given, failed)
    refuse_none_left((it.name for it in given.servers), gone, FAILED)
    chosen = plan_from(plan)
    with answering(err, as_json) as progress:
        done = reprotect(given, chosen, gone, move_limit=move_limit, progress=progress, **options)
    tell_plan(err, done.change.plan, options["objective"])
    if output is not None or cluster_output is not None:
        with writing(output or cluster_output or ""):
            save_pair(done.cluster, cluster_output, done.change.plan, output)
    if as_json:
        say(document_text(reprotection_document(done)).rstrip("\n").encode())
    else:
        say(reprotection_summary(done))
