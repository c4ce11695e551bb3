"""``spareplace register``: new VMs and diffs, and leaving ones, in a plan that stands."""

from __future__ import annotations

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    max_pieces_option,
    verbose_option,
    with_failures,
)
from spareplace.cli.described import Described
from spareplace.cli.pair_of_files import refuse_unwritable_pair, save_pair
from spareplace.cli.printing import say
from spareplace.cli.registered_summary import registered_summary
from spareplace.cli.results import writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from, plan_from
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.failures import Kind
from spareplace.files import LARGEST_FILE
from spareplace.lifecycle.registering import Registration, Standing
from spareplace.lifecycle.registering.registration_file import read_registration, registered_text


@click.command("register", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE)
@click.argument("registration", type=FILE)
@click.option("-o", "--output", type=FILE, metavar="PLAN", help="Write the new plan to this file.")
@click.option(
    "--cluster-output",
    type=FILE,
    metavar="CLUSTER",
    help="Write the new cluster to this file.",
)
@failures_option
@max_pieces_option
@json_option
@verbose_option
def command(
    cluster: str,
    plan: str,
    registration: str,
    output: str | None,
    cluster_output: str | None,
    kinds: tuple[Kind, ...] | None,
    max_pieces: int,
    as_json: bool,
) -> None:
    """Take new VMs and diffs, and leaving ones, into a plan; the rest stays where it is.

    CLUSTER and PLAN are what stands, REGISTRATION is a file of the format
    spareplace/registration/1. One of them may be - for standard input. The options must be those
    that the plan was made with.

    Without -o and --cluster-output nothing is written: what would change is printed. They may
    name PLAN and CLUSTER themselves; on any error both files are as they were.
    """
    if (cluster, plan, registration).count(STANDARD_INPUT) > 1:
        raise click.UsageError(
            "only one of CLUSTER, PLAN and REGISTRATION can be read from standard input"
        )
    refuse_unwritable_pair(output, cluster_output, plan, cluster, registration)
    given = with_failures(cluster_from(cluster), kinds)
    chosen, news = plan_from(plan), _registration_from(registration, given)
    standing = Standing.of(given, chosen, max_pieces=max_pieces)
    done = standing.register(news)
    after = standing.plan
    if output is not None or cluster_output is not None:
        with writing(output or cluster_output or ""):
            save_pair(standing.cluster, cluster_output, after, output)
    if as_json:
        say(registered_text(done).rstrip("\n").encode())
    else:
        say(registered_summary(news, done))


def _registration_from(argument: str, cluster: Cluster) -> Registration:
    source = "standard input" if argument == STANDARD_INPUT else argument
    try:
        with click.open_file(argument, "rb") as file:
            content = file.read(LARGEST_FILE + 1)  # one more than is allowed: it is too long
    except OSError as error:
        why = error.strerror or str(error)
        problem = Problem(path="$", found=why[:1].lower() + why[1:], expected="a file to read")
        raise InvalidInput([problem], source) from error
    return read_registration(content, source, cluster)
