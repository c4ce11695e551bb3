"""The options of every command that makes a plan, and how such a command runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, get_args

import click

from spareplace.cli.arguments import max_pieces_option, stored_limit_option, wrong_usage
from spareplace.cli.documents import infeasible_document, json_bytes
from spareplace.cli.interrupts import Interrupts, heard
from spareplace.cli.printing import say
from spareplace.cli.solver_names import complete_solver, read_solver
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import planner_told, progress_option
from spareplace.cli.values import read_seconds, read_size
from spareplace.errors import Infeasible, InvalidInput
from spareplace.goals import Goal
from spareplace.options import DEFAULT_TIME_LIMIT, DEFAULT_WORKERS, Method, Options, PlanOptions
from spareplace.solvers.names import DEFAULT
from spareplace.watching import Progress

Command = TypeVar("Command", bound=Callable[..., object])

_OPTIONS = (
    click.option(
        "--method",
        type=click.Choice(get_args(Method)),
        default="auto",
        show_default=True,
        help="auto: the best of what the time allows; search: for any size; milp: exact; greedy, "
        "level: fast.",
    ),
    click.option(
        "--objective",
        type=click.Choice(get_args(Goal)),
        default="transfer",
        show_default=True,
        help="What is to be least: the expected transfer, the worst failure's transfer, or the "
        "expected time of a recovery.",
    ),
    click.option(
        "--time-limit",
        callback=read_seconds,
        default=f"{DEFAULT_TIME_LIMIT:g}",
        show_default=True,
        metavar="S",
        help="Seconds for all of it, or none.",
    ),
    click.option(
        "--gap",
        type=float,
        default=0.0,
        show_default=True,
        metavar="G",
        help="The share of the objective that may be left unproven: 0.01 is 1 %.",
    ),
    click.option(
        "--seed",
        type=int,
        default=0,
        show_default=True,
        metavar="N",
        help="For all random choices.",
    ),
    click.option(
        "--solver",
        callback=read_solver,
        shell_complete=complete_solver,
        default=DEFAULT,
        show_default=True,
        metavar="X",
        help="For milp and auto: one that `spareplace solvers` lists.",
    ),
    click.option(
        "--workers",
        type=int,
        default=DEFAULT_WORKERS,
        show_default=True,
        metavar="N",
        help="Threads of a solver, and searches side by side (as many as cores at most).",
    ),
    click.option(
        "--iterations",
        type=int,
        default=None,
        metavar="N",
        help="Batches of neighbourhoods that a search may solve.  [default: as the time allows]",
    ),
    max_pieces_option,
    stored_limit_option,
    click.option(
        "--stored-cost",
        type=float,
        default=0.0,
        show_default=True,
        metavar="C",
        help="Expected transferred bytes that one more stored byte must save.",
    ),
    click.option(
        "--allow-unprotected",
        is_flag=True,
        help="Leave VMs out where not all can be protected: the fewest, by priority.",
    ),
    progress_option,
)

move_limit_option = click.option(
    "--move-limit",
    callback=read_size,
    metavar="SIZE",
    help="The most to copy to servers that do not hold it, such as 500GB.",
)


move_cost_option = click.option(
    "--move-cost",
    type=float,
    default=0.0,
    show_default=True,
    metavar="C",
    help="Expected transferred bytes that one byte copied must save.",
)


def planning_options(command: Command) -> Command:
    """Give a command the options of `PlanOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def refuse_unusable(options: PlanOptions, **more: float | None) -> None:
    """Refuse values that no plan can be made with, before anything is read.

    Raises
    ------
    click.UsageError
        If there is one.
    """
    try:
        Options(**options, **more)  # type: ignore[arg-type]
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad


@contextmanager
def answering(err: StandardError, as_json: bool) -> Iterator[Callable[[Progress], bool]]:
    """Plan with progress on the terminal, Ctrl-C as the end, and what is short as a document.

    Gives what the planner is to tell its progress to.
    """
    with heard() as interrupts, objective_refused():
        try:
            yield Watch(err, interrupts).told
        except Infeasible as infeasible:
            err.erase()
            if as_json:
                say(json_bytes(infeasible_document(infeasible.shortages)))
            raise
        finally:
            err.erase()


@contextmanager
def objective_refused() -> Iterator[None]:
    """Turn an objective that the cluster cannot have into wrong usage.

    Raises
    ------
    click.UsageError
        If it was that.
    """
    try:
        yield
    except InvalidInput as bad:
        if any(problem.path != "objective" for problem in bad.problems):
            raise
        raise wrong_usage(bad) from bad


class Watch:
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
        self.err.show(planner_told(progress))
        return self.interrupts.asked
