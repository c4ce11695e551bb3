"""``spareplace diff``: what one plan does otherwise than another."""

from __future__ import annotations

import click

from spareplace.canonical import fingerprint
from spareplace.cli.arguments import (
    FILE,
    failures_option,
    json_option,
    refuse_two_dashes,
    verbose_option,
    with_failures,
)
from spareplace.cli.described import Described
from spareplace.cli.difference_summary import difference_summary
from spareplace.cli.printing import say
from spareplace.cli.sources import cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.failures import Kind
from spareplace.lifecycle.moves.difference import plan_difference
from spareplace.lifecycle.moves.difference_file import difference_text


@click.command("diff", cls=Described)
@click.argument("before", type=FILE, metavar="PLAN")
@click.argument("after", type=FILE, metavar="PLAN")
@click.option(
    "--cluster",
    type=FILE,
    metavar="CLUSTER",
    help="List the steps from the first plan to the second, in an order safe for this cluster.",
)
@failures_option
@json_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    before: str,
    after: str,
    cluster: str | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
) -> None:
    """Show what the second plan stores and rebuilds otherwise than the first.

    The plans may be of any clusters. One of the files may be - for standard input. With a
    cluster, the steps keep every VM protected that the second plan protects, after each of
    them: --failures must be those that this plan was made with.
    """
    refuse_two_dashes(before, after, *([] if cluster is None else [cluster]))
    if kinds is not None and cluster is None:
        raise click.UsageError("--failures needs --cluster")
    given = None if cluster is None else with_failures(cluster_from(cluster), kinds)
    first, second = plan_from(before), plan_from(after)
    if given is not None and fingerprint(given) != second.cluster_sha256:
        err.message("warning: the second plan is of another cluster than CLUSTER")
    difference = plan_difference(first, second, given)
    if as_json:
        say(difference_text(difference).rstrip("\n").encode())
    else:
        say(difference_summary(difference))
