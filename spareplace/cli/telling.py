"""The option by which every long command tells how far it is, and what it tells."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast, get_args

import click

from spareplace.cli.progress_lines import Form, HowFar
from spareplace.cli.recovery_summary import seconds_shown
from spareplace.cli.standard_error import StandardError
from spareplace.cli.summary import gap_shown, progress_line
from spareplace.placement import Plan
from spareplace.watching import Progress

BEAT_SECONDS = 1.0
"""How often work that tells nothing itself is said to go on."""


def _tell_as(ctx: click.Context, _param: click.Parameter, form: str) -> None:
    err = ctx.find_object(StandardError)
    if err is not None:  # there is none while a shell completes a line
        err.tell_as(cast("Form", form), ctx.info_name or "")


progress_option = click.option(
    "--progress",
    type=click.Choice(get_args(Form)),
    default="auto",
    show_default=True,
    metavar="FORM",
    expose_value=False,
    callback=_tell_as,
    help="How progress is told on standard error: auto (a live line on a terminal, elsewhere a "
    "plain one every 10 s), plain, json (JSON lines) or none.",
)


def planner_told(progress: Progress) -> HowFar:
    """Take what a planner tells, in the unit of its objective."""
    text = _in_seconds(progress) if progress.objective == "time" else progress_line(progress)
    return HowFar(
        text=text,
        objective=progress.objective,
        incumbent=progress.incumbent,
        bound=progress.bound,
        gap=progress.gap,
        method=progress.method or None,
    )


def tell_plan(err: StandardError, plan: Plan, objective: str = "transfer") -> None:
    """Let the last line agree with the plan that is given.

    A plan has no figures of other objectives; then the last ones of the planner stand, and they
    are exact.
    """
    if objective != "transfer":
        return
    err.give(
        HowFar(
            text="",
            objective=objective,
            incumbent=plan.expected_transfer_bytes,
            bound=plan.lower_bound_bytes,
            gap=plan.gap,
            method=plan.method,
        )
    )


@contextmanager
def beating(
    err: StandardError, time_limit: float | None, every: float = BEAT_SECONDS
) -> Iterator[None]:
    """Tell how long it has taken, for work that tells nothing itself."""
    ended = threading.Event()
    limit = "" if time_limit is None else f" of at most {time_limit:g} s"

    def beat() -> None:
        seconds = 0.0
        while True:
            err.show(HowFar(text=f"{seconds:.0f} s{limit}"))
            if ended.wait(every):
                return
            seconds += every

    thread = threading.Thread(target=beat, name="spareplace beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        err.erase()


def _in_seconds(progress: Progress) -> str:
    """Say in one line how far the planner is where times of recoveries are to be least."""
    best = "none yet" if progress.incumbent is None else seconds_shown(progress.incumbent)
    return (
        f"{progress.seconds:.1f} s  best {best}  bound {seconds_shown(progress.bound)}  "
        f"gap {gap_shown(progress.gap)}"
    )
