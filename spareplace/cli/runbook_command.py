"""``spareplace runbook``: a recovery, or the way to a plan, as a shell script."""

from __future__ import annotations

from dataclasses import replace

import click

from spareplace.canonical import fingerprint
from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    refuse_two_dashes,
    verbose_option,
    with_failures,
)
from spareplace.cli.columns import name_shown, table
from spareplace.cli.exits import Exit
from spareplace.cli.failed_option import ManyFailed, failed_of, failed_option
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, bytes_from, cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cluster import Cluster
from spareplace.disks.chains import disks_in
from spareplace.errors import InvalidInput, OtherCluster
from spareplace.failures import Kind
from spareplace.files.storage import write_whole
from spareplace.lifecycle.moves.moves_file import moves_text
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.moves.steps import Moves
from spareplace.lifecycle.recovering import recover
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.recovering.schedule_file import recovery_text
from spareplace.lifecycle.runbook import VMDisks, read_disks, runbook_script, side_room
from spareplace.placement import Placement, Plan
from spareplace.units import format_bytes


@click.command("runbook", cls=ManyFailed)
@cluster_argument
@click.argument("plan", type=FILE, required=False)
@failed_option("Write a recovery. The servers that are down", required=False)
@click.option(
    "--to",
    "goal",
    type=FILE,
    metavar="PLAN",
    help="Write the moves from PLAN, or from nothing stored, to this plan.",
)
@click.option(
    "--disks",
    "disks_file",
    type=FILE,
    metavar="DISKS",
    help="For a recovery: the disks of VMs that have several (spareplace/disks/1).",
)
@click.option("-o", "--output", type=FILE, metavar="SCRIPT", help="Write the script to this file.")
@failures_option
@json_option
@verbose_option
@click.pass_context
def command(
    ctx: click.Context,
    cluster: str,
    plan: str | None,
    failed: tuple[str, ...],
    goal: str | None,
    disks_file: str | None,
    output: str | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
) -> None:
    """Write what is to be done as a shell script to be read, adapted and run.

    CLUSTER is a file, before the failure, or after the moves; PLAN says what is stored. One of
    the files may be - for standard input. They stand before --failed, or after -- when it is over.
    Without -o the script is printed; with --json, the document that it was made from.

    Ends with 4 if a VM that is protected cannot be rebuilt; the script is written then, too.
    """
    inputs = [cluster, *(path for path in (plan, goal, disks_file) if path is not None)]
    refuse_two_dashes(*inputs)
    if bool(failed) == (goal is not None):
        raise click.UsageError("give either --failed or --to")
    if failed and plan is None:
        raise click.UsageError("--failed needs the PLAN that says what is stored")
    if disks_file is not None and not failed:
        raise click.UsageError("--disks is for a recovery: moves need to know of no disks")
    if output == STANDARD_INPUT:
        raise click.BadParameter("the script is printed without it", param_hint="-o")
    refuse_unwritable(output, *inputs)
    given = with_failures(cluster_from(cluster), kinds)
    down = failed_of(given, failed) if failed else ()
    before = None if plan is None else plan_from(plan)
    disks = () if disks_file is None else _disks(given, disks_file)
    work: RecoverySchedule | Moves
    if before is not None and down:
        work = recover(given, before, down)
    else:
        assert goal is not None
        work = _moves(given, before, plan_from(goal))
    _give(given, work, disks, output, as_json)
    if isinstance(work, RecoverySchedule) and work.lost:
        err = ctx.find_object(StandardError)
        assert err is not None
        err.message(f"error: {len(work.lost)} protected VMs cannot be rebuilt")
        ctx.exit(Exit.INFEASIBLE)


def _disks(cluster: Cluster, path: str) -> tuple[VMDisks, ...]:
    content, source = bytes_from(path)
    disks = read_disks(content, source)
    try:
        disks_in(cluster, disks)
    except InvalidInput as bad:
        raise InvalidInput(
            [replace(it, path=f"$.{it.path}") for it in bad.problems], source
        ) from bad
    return disks


def _moves(cluster: Cluster, before: Plan | None, goal: Plan) -> Moves:
    if goal.cluster_sha256 != fingerprint(cluster):
        raise OtherCluster(fingerprint(cluster), goal.cluster_sha256)
    return moves_between(cluster, Placement() if before is None else before, goal)


def _give(
    cluster: Cluster,
    work: RecoverySchedule | Moves,
    disks: tuple[VMDisks, ...],
    output: str | None,
    as_json: bool,
) -> None:
    script = runbook_script(cluster, work, disks)
    document = recovery_text(work) if isinstance(work, RecoverySchedule) else moves_text(work)
    try:
        if output is not None:
            with writing(output):
                write_whole(output, script)
    finally:  # whatever happens to the file, the work was done
        if as_json:
            say(document.rstrip("\n").encode())
        elif output is None:
            say(script.rstrip("\n"))
        else:
            say("\n".join(_summary(cluster, work, disks)))


def _summary(
    cluster: Cluster, work: RecoverySchedule | Moves, disks: tuple[VMDisks, ...]
) -> list[str]:
    if isinstance(work, Moves):
        return [
            f"steps    {len(work.steps)}",
            f"copied   {format_bytes(work.copied_bytes)}",
            f"deleted  {format_bytes(work.deleted_bytes)}",
        ]
    told = [
        f"VMs   {len(work.rebuilds)} rebuilt",
        f"sent  {format_bytes(work.transfer_bytes)}",
    ]
    rooms = [
        [name_shown(server), format_bytes(side)]
        for server, side in side_room(cluster, work, disks).items()
        if side
    ]
    if rooms:
        told += ["", *table([["server", "room beside what the plan counts"], *rooms])]
    return told
