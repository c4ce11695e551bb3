"""``spareplace recover``: what to do now that some servers failed."""

from __future__ import annotations

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    refuse_two_dashes,
    verbose_option,
    with_failures,
    wrong_usage,
)
from spareplace.cli.exits import Exit
from spareplace.cli.failed_option import ManyFailed, failed_of, failed_option
from spareplace.cli.printing import say
from spareplace.cli.recovery_summary import recovery_summary
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.values import read_seconds
from spareplace.errors import InvalidInput
from spareplace.failures import Kind
from spareplace.lifecycle.recovering import recover
from spareplace.lifecycle.recovering.answering import DEFAULT_TIME_LIMIT
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.recovering.schedule_file import recovery_text, save_recovery
from spareplace.options import Options


@click.command("recover", cls=ManyFailed)
@cluster_argument
@click.argument("plan", type=FILE)
@failed_option("The servers that are down")
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FILE",
    help="Write the recovery to this file, too.",
)
@click.option(
    "--stale-plan",
    is_flag=True,
    help="Take what a plan of another cluster stores as what is stored.",
)
@click.option(
    "--time-limit",
    callback=read_seconds,
    default=f"{DEFAULT_TIME_LIMIT:g}",
    show_default=True,
    metavar="S",
    help="Seconds for the choice of targets, or none.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="For the search for better targets.",
)
@failures_option
@json_option
@verbose_option
@click.pass_context
def command(
    ctx: click.Context,
    cluster: str,
    plan: str,
    failed: tuple[str, ...],
    output: str | None,
    stale_plan: bool,
    time_limit: float | None,
    seed: int,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
) -> None:
    """Say where the VMs of failed servers are rebuilt, and what is sent when.

    CLUSTER and PLAN are files, the cluster as it was before the failure; one of them may be - for
    standard input. They stand before --failed, or after -- when it is over.

    Ends with 4 if a VM that is protected cannot be rebuilt; what can be done is printed then, too.
    """
    refuse_two_dashes(cluster, plan)
    if output == STANDARD_INPUT:
        raise click.BadParameter("for standard output, use --json", param_hint="-o")
    refuse_unwritable(output, cluster, plan)
    try:
        Options(time_limit=time_limit, seed=seed)
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad
    given = with_failures(cluster_from(cluster), kinds)
    down = failed_of(given, failed)
    chosen = plan_from(plan)
    found = recover(
        given,
        chosen.placement if stale_plan else chosen,
        down,
        time_limit=time_limit,
        seed=seed,
    )
    _give(found, output, as_json)
    if found.lost:
        err = ctx.find_object(StandardError)
        assert err is not None
        err.message(_told(given.servers, found))
        ctx.exit(Exit.INFEASIBLE)


def _give(found: RecoverySchedule, output: str | None, as_json: bool) -> None:
    try:
        if output is not None:
            with writing(output):
                save_recovery(found, output)
    finally:  # whatever happens to the file, the work was done
        say(recovery_text(found).rstrip("\n").encode() if as_json else recovery_summary(found))


def _told(servers: tuple[object, ...], found: RecoverySchedule) -> str:
    why = ": every server failed" if len(found.failed) == len(servers) else ""
    total = len(found.lost) + len(found.rebuilds)
    return f"error: {len(found.lost)} of {total} protected VMs cannot be rebuilt{why}"
