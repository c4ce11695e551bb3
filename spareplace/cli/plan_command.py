"""``spareplace plan``: from a cluster to a plan."""

from __future__ import annotations

from typing import TypedDict, Unpack, get_args

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    max_pieces_option,
    stored_limit_option,
    verbose_option,
    with_failures,
    wrong_usage,
)
from spareplace.cli.documents import infeasible_document, json_bytes
from spareplace.cli.interrupts import Interrupts, heard
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.solver_names import complete_solver, read_solver
from spareplace.cli.sources import STANDARD_INPUT, cluster_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.summary import progress_line, summary
from spareplace.cli.values import read_seconds
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput
from spareplace.failures import Kind
from spareplace.files import plan_text, save_plan
from spareplace.options import DEFAULT_TIME_LIMIT, DEFAULT_WORKERS, Method, Options
from spareplace.placement import Plan
from spareplace.planning import plan
from spareplace.solvers.names import DEFAULT
from spareplace.watching import Progress


class _Options(TypedDict):
    """What `spareplace.plan` takes beside the cluster."""

    method: Method
    time_limit: float | None
    gap: float
    seed: int
    solver: str
    workers: int
    iterations: int | None
    max_pieces: int
    stored_limit: int | None
    stored_cost: float
    allow_unprotected: bool


@click.command("plan")
@cluster_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PLAN",
    help="Write the plan to this file, too.",
)
@click.option(
    "--method",
    type=click.Choice(get_args(Method)),
    default="auto",
    show_default=True,
    help="auto: the best of what the time allows; search; milp: exact; greedy, level: fast.",
)
@click.option(
    "--time-limit",
    callback=read_seconds,
    default=f"{DEFAULT_TIME_LIMIT:g}",
    show_default=True,
    metavar="S",
    help="Seconds for all of it, or none.",
)
@click.option(
    "--gap",
    type=float,
    default=0.0,
    show_default=True,
    metavar="G",
    help="The share of the expected transfer that may be left unproven.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="For all random choices.",
)
@click.option(
    "--solver",
    callback=read_solver,
    shell_complete=complete_solver,
    default=DEFAULT,
    show_default=True,
    metavar="X",
    help="For milp and auto: one that `spareplace solvers` lists.",
)
@click.option(
    "--workers",
    type=int,
    default=DEFAULT_WORKERS,
    show_default=True,
    metavar="N",
    help="Threads of the solver.",
)
@click.option(
    "--iterations",
    type=int,
    default=None,
    metavar="N",
    help="Batches of neighbourhoods that a search may solve.  [default: as the time allows]",
)
@max_pieces_option
@stored_limit_option
@click.option(
    "--stored-cost",
    type=float,
    default=0.0,
    show_default=True,
    metavar="C",
    help="Expected transferred bytes that one more stored byte must save.",
)
@failures_option
@click.option(
    "--allow-unprotected",
    is_flag=True,
    help="Leave VMs out where not all can be protected: the fewest, by priority.",
)
@json_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    output: str | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    **options: Unpack[_Options],
) -> None:
    """Decide what to store where, and where VMs are rebuilt in each failure.

    CLUSTER is a file of the format spareplace/cluster/1, or - for standard input.

    Ctrl-C ends the search with the best plan so far; a second one ends at once.
    """
    if output == STANDARD_INPUT:
        raise click.BadParameter("for standard output, use --json", param_hint="-o")
    refuse_unwritable(output, cluster)
    _refuse_unusable(options)
    given = with_failures(cluster_from(cluster), kinds)
    if kinds and not given.failures:
        err.message(f"warning: the cluster has no failures of the kinds {', '.join(kinds)}")
    with heard() as interrupts:  # to the end: once there is a plan, it is given
        try:
            found = _planned(given, _Watch(err, interrupts), options)
        except Infeasible as infeasible:
            if as_json:
                say(json_bytes(infeasible_document(infeasible.shortages)))
            raise
        try:
            if output is not None:
                with writing(output):
                    save_plan(found, output)
        finally:  # whatever happens to the file, the work was done
            say(plan_text(found).rstrip("\n").encode() if as_json else summary(given, found))


def _refuse_unusable(options: _Options) -> None:
    """Refuse values that no plan can be made with, before anything is read."""
    try:
        Options(**options)
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad


def _planned(cluster: Cluster, watch: _Watch, options: _Options) -> Plan:
    try:
        return plan(cluster, progress=watch.told, **options)
    finally:
        watch.err.erase()


class _Watch:
    """Passes progress to the terminal, and Ctrl-C to the planner."""

    def __init__(self, err: StandardError, interrupts: Interrupts) -> None:
        self.err = err
        self.interrupts = interrupts
        self.answered = False

    def told(self, progress: Progress) -> bool:
        """Show progress, and tell whether to stop."""
        if self.interrupts.asked and not self.answered:
            self.answered = True
            self.err.message("stopping with the best plan so far; Ctrl-C again ends at once")
        self.err.show(progress_line(progress))
        return self.interrupts.asked
