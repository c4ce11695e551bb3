"""The options of commands that lead to another cluster and the plan for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from spareplace.cli.arguments import FILE, failures_option, json_option, verbose_option
from spareplace.cli.planning_options import move_limit_option, planning_options

Command = TypeVar("Command", bound=Callable[..., object])

_OPTIONS = (
    click.option(
        "-o", "--output", type=FILE, metavar="PLAN", help="Write the next plan to this file, too."
    ),
    click.option(
        "--cluster-output",
        type=FILE,
        metavar="CLUSTER",
        help="Write the cluster that it is for to this file, too.",
    ),
    move_limit_option,
    planning_options,
    failures_option,
    json_option,
    verbose_option,
)


def changing_options(command: Command) -> Command:
    """Give a command where its results go, the limit on moves, and the options of planning."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
