"""``spareplace simulate``: months of a cluster's life under several policies."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict, Unpack

import click

from spareplace.cli.arguments import (
    FILE,
    cluster_argument,
    failures_option,
    json_option,
    verbose_option,
    with_failures,
    wrong_usage,
)
from spareplace.cli.described import Described
from spareplace.cli.printing import say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.simulating_options import simulating_options
from spareplace.cli.simulation_summary import how_far, simulation_summary
from spareplace.cli.sources import STANDARD_INPUT, cluster_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import progress_option
from spareplace.errors import InvalidInput
from spareplace.failures import Kind
from spareplace.files import write_whole
from spareplace.lifecycle.simulating.rates import Rates
from spareplace.lifecycle.simulating.running import SimulationProgress, simulate
from spareplace.lifecycle.simulating.simulation import Simulation
from spareplace.lifecycle.simulating.simulation_file import (
    events_csv,
    policies_csv,
    simulation_text,
)
from spareplace.options import Options


class RateOptions(TypedDict):
    """The options that are the fields of `Rates`."""

    months: int
    failures_per_month: float
    repair_hours: float
    registrations_per_day: float
    generations_per_day: float
    departures_per_day: float
    drains_per_month: float
    drain_hours: float


@click.command("simulate", cls=Described)
@cluster_argument
@simulating_options
@click.option(
    "--csv", "table_path", type=FILE, metavar="FILE", help="Write a row for each policy, too."
)
@click.option(
    "--events-csv",
    "events_path",
    type=FILE,
    metavar="FILE",
    help="Write a row for each event under each policy, too.",
)
@failures_option
@json_option
@progress_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    policies: tuple[str, ...],
    seed: int,
    move_limit: int | None,
    iterations: int,
    table_path: str | None,
    events_path: str | None,
    kinds: tuple[Kind, ...] | None,
    as_json: bool,
    **rates: Unpack[RateOptions],
) -> None:
    """Play months of a cluster's life under several policies, and count what each costs.

    Failures, repairs, new VMs and diffs, and drains are drawn from the seed, the same ones for
    every policy. A policy is the method of its plans, with +replan behind it if it also plans
    anew each month. After every event every rule is checked.
    """
    _refuse_unusable_files(table_path, events_path, cluster)
    try:
        Rates(**rates)
        Options(seed=seed, iterations=iterations, move_limit=move_limit)
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad
    given = with_failures(cluster_from(cluster), kinds)
    log = logging.getLogger("spareplace")
    if log.level > logging.INFO:
        log.setLevel(logging.ERROR)  # a warning of one plan would come with each of hundreds

    def told(progress: SimulationProgress) -> None:
        err.show(how_far(progress))

    found = simulate(
        given,
        policies=policies,
        seed=seed,
        move_limit=move_limit,
        iterations=iterations,
        progress=told,
        **rates,
    )
    err.erase()
    _give(found, table_path, events_path, as_json)


def _give(
    found: Simulation, table_path: str | None, events_path: str | None, as_json: bool
) -> None:
    try:
        if table_path is not None:
            with _about("--csv"), writing(table_path):
                write_whole(table_path, policies_csv(found))
        if events_path is not None:
            with _about("--events-csv"), writing(events_path):
                write_whole(events_path, events_csv(found))
    finally:  # whatever happens to the files, the work was done
        say(simulation_text(found).rstrip("\n").encode() if as_json else simulation_summary(found))


def _refuse_unusable_files(table_path: str | None, events_path: str | None, cluster: str) -> None:
    for option, path in (("--csv", table_path), ("--events-csv", events_path)):
        if path == STANDARD_INPUT:
            raise click.BadParameter("for standard output, use --json", param_hint=option)
        with _about(option):
            refuse_unwritable(path, cluster)
    both = table_path is not None and events_path is not None
    if both and os.path.realpath(str(table_path)) == os.path.realpath(str(events_path)):
        raise click.UsageError("--csv and --events-csv name the same file")


@contextmanager
def _about(option: str) -> Iterator[None]:
    """Let what is said about a file name the option that named it."""
    try:
        yield
    except click.BadParameter as bad:
        bad.param_hint = option
        raise
