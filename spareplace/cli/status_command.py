"""``spareplace status``: what a plan still protects, now that the cluster has changed."""

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
)
from spareplace.cli.described import Described
from spareplace.cli.exits import Exit
from spareplace.cli.printing import say
from spareplace.cli.sources import cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.status_summary import status_summary, warnings_of
from spareplace.failures import Kind
from spareplace.lifecycle.health import ProtectionStatus, protection_status
from spareplace.lifecycle.health.prometheus import prometheus_text
from spareplace.lifecycle.health.status_file import status_text


@click.command("status", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@failures_option
@json_option
@click.option(
    "--prometheus",
    "as_metrics",
    is_flag=True,
    help="Print metrics in Prometheus' text format, and nothing else.",
)
@verbose_option
@click.pass_context
def command(
    ctx: click.Context,
    cluster: str,
    plan: str,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    as_metrics: bool,
) -> None:
    """Say what a plan still protects, in a cluster that may have changed since.

    CLUSTER is the cluster as it is now; PLAN may have been made for an earlier state of it. One
    of them may be - for standard input.

    Ends with 0 if every VM that the plan protects can be rebuilt in every failure, with a warning
    if that takes other targets than planned; with 6 if one cannot be, or if stored extents put a
    disk over.
    """
    refuse_two_dashes(cluster, plan)
    if as_json and as_metrics:
        raise click.UsageError("give --json or --prometheus, not both")
    given = with_failures(cluster_from(cluster), kinds)
    status = protection_status(given, plan_from(plan))
    err = ctx.find_object(StandardError)
    assert err is not None
    for warning in warnings_of(status):
        err.message(f"warning: {warning}")
    if as_json:
        say(status_text(status).rstrip("\n").encode())
    elif as_metrics:
        say(prometheus_text(status).rstrip("\n").encode("utf-8", errors="backslashreplace"))
    else:
        say(status_summary(status))
    if not status.holds:
        err.message(f"error: {_fault(status)}")
        ctx.exit(Exit.RULE_BROKEN)


def _fault(status: ProtectionStatus) -> str:
    """Say in one line what does not hold."""
    over = sum(bool(one.overfull_bytes) for one in status.servers)
    found = []
    if status.broken:
        found.append(f"{_counted(len(status.broken), '(VM, failure) pair')} cannot be rebuilt")
    if over:
        found.append(f"stored extents put {_counted(over, 'disk')} over")
    return "; ".join(found)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
