"""The options of ``spareplace simulate`` that say what is simulated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from spareplace.cli.planning_options import move_limit_option
from spareplace.cli.values import unknown
from spareplace.lifecycle.simulating.policies import DEFAULT_POLICIES, POLICIES
from spareplace.lifecycle.simulating.rates import Rates
from spareplace.lifecycle.simulating.running import DEFAULT_ITERATIONS

Command = TypeVar("Command", bound=Callable[..., object])

_RATES = Rates()


def _read_policies(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[str, ...]:
    """Read names of policies, with commas between them."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in POLICIES:
            raise unknown(name, *POLICIES)
    return names


def _complete_policies(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Complete the last name of a list."""
    before, comma, last = begun.rpartition(",")
    listed = before.split(",")
    names = [name for name in POLICIES if name.startswith(last) and name not in listed]
    return [f"{before}{comma}{name}" for name in names]


def _rate(name: str, meaning: str) -> Callable[[Command], Command]:
    """Give the option for a field of `Rates`."""
    return click.option(
        "--" + name.replace("_", "-"),
        type=float,
        default=getattr(_RATES, name),
        show_default=True,
        metavar="X",
        help=meaning,
    )


_OPTIONS: tuple[Callable[[Callable[..., object]], Callable[..., object]], ...] = (
    click.option(
        "--months",
        type=int,
        default=_RATES.months,
        show_default=True,
        metavar="N",
        help="How long, in months of 730 hours.",
    ),
    click.option(
        "--policy",
        "policies",
        callback=_read_policies,
        shell_complete=_complete_policies,
        default=",".join(DEFAULT_POLICIES),
        show_default=True,
        metavar="NAMES",
        help="greedy, level or search, with or without +replan; commas between them.",
    ),
    click.option(
        "--seed",
        type=int,
        default=0,
        show_default=True,
        metavar="N",
        help="For the events and all random choices.",
    ),
    _rate("failures_per_month", "Failures, drawn by their weights."),
    _rate("repair_hours", "Mean time until failed servers are back."),
    _rate("registrations_per_day", "New VMs, each with a diff of its own."),
    _rate("generations_per_day", "VMs that get a new diff."),
    _rate("departures_per_day", "VMs that leave."),
    _rate("drains_per_month", "Servers that are emptied and taken away for a while."),
    _rate("drain_hours", "Mean time until they are back."),
    move_limit_option,
    click.option(
        "--iterations",
        type=int,
        default=DEFAULT_ITERATIONS,
        show_default=True,
        metavar="N",
        help="Batches of neighbourhoods that a search solves for each plan.",
    ),
)


def simulating_options(command: Command) -> Command:
    """Give a command the options of `simulate`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
