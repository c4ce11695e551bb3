"""The axes that plots are drawn on, and the only place that loads Matplotlib."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spareplace.reporting.markup import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GB = 10**9
"""What the axes of bytes count in."""

LONGEST_LABEL = 24
"""Letters of a name at an axis."""


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Give the axes to draw on: those given, or else the ones of a new figure.

    Parameters
    ----------
    ax
        The caller's, or ``None``.
    width, height
        Of a new figure, in inches.

    Raises
    ------
    ModuleNotFoundError
        If Matplotlib is not there.
    """
    if ax is not None:
        return ax
    try:
        pyplot = import_module("matplotlib.pyplot")
    except ModuleNotFoundError as absent:
        if (absent.name or "").split(".")[0] != "matplotlib":
            raise
        raise ModuleNotFoundError(
            "plots need Matplotlib: pip install 'spareplace[plotting]'", name="matplotlib"
        ) from absent
    _, made = pyplot.subplots(figsize=(width, height), layout="constrained")
    found: Axes = made
    return found


def plain(name: str) -> str:
    r"""Make a name a label that is shown as it is: no formula, nothing that does not print.

    Examples
    --------
    >>> plain("a$x$"), plain("b\n")
    ('a\\$x\\$', 'b\\n')
    """
    return shown(name, LONGEST_LABEL).replace("$", r"\$")
