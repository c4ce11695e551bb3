"""``spareplace check``: whether a plan keeps every rule."""

from __future__ import annotations

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    max_pieces_option,
    refuse_two_dashes,
    stored_limit_option,
    verbose_option,
    with_failures,
)
from spareplace.cli.described import Described
from spareplace.cli.documents import check_document, json_bytes
from spareplace.cli.exits import Exit
from spareplace.cli.printing import one_line, say
from spareplace.cli.sources import cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.failures import Kind
from spareplace.placement import Plan
from spareplace.units import format_bytes
from spareplace.verify import check


@click.command("check", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@failures_option
@max_pieces_option
@stored_limit_option
@json_option
@verbose_option
@click.pass_context
def command(
    ctx: click.Context,
    cluster: str,
    plan: str,
    kinds: tuple[Kind, ...] | None,
    max_pieces: int,
    stored_limit: int | None,
    as_json: bool,
) -> None:
    """List every rule that a plan breaks.

    CLUSTER and PLAN are files; one of them may be - for standard input. The options must be
    those that the plan was made with.
    """
    refuse_two_dashes(cluster, plan)
    given = with_failures(cluster_from(cluster), kinds)
    chosen = plan_from(plan)
    violations = check(given, chosen, max_pieces=max_pieces, stored_limit=stored_limit)
    if as_json:
        say(json_bytes(check_document(violations)))
    elif violations:
        say("\n".join(one_line(str(violation)) for violation in violations))
    else:
        say(_praise(chosen))
    if violations:
        err = ctx.find_object(StandardError)
        assert err is not None
        err.message(f"error: the plan breaks a rule in {len(violations)} places")
        ctx.exit(Exit.RULE_BROKEN)


def _praise(plan: Plan) -> str:
    return (
        f"the plan keeps every rule in {len(plan.recoveries)} failures: "
        f"expected transfer {format_bytes(plan.expected_transfer_bytes)}, "
        f"stored {format_bytes(plan.stored_bytes)}"
    )
