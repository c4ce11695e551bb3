"""The option on guests that do not run."""

from __future__ import annotations

from typing import get_args

import click

from spareplace.importers.stopped import Stopped

stopped_option = click.option(
    "--stopped",
    type=click.Choice(get_args(Stopped)),
    default="protect",
    show_default=True,
    help="Guests that do not run: protect their images, plan as if they ran, or neither.",
)
