"""How the values of options are read where click knows no such kind of value."""

from __future__ import annotations

from typing import cast, get_args

import click

from spareplace.failures import Kind
from spareplace.references import nearly
from spareplace.units import parse_bytes


def read_size(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | None:
    """Read bytes, with a unit or without."""
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 40:
        return int(text)
    try:
        return parse_bytes(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def read_seconds(_ctx: click.Context, _param: click.Parameter, text: str) -> float | None:
    """Read a number of seconds, or ``none``."""
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError as error:
        raise click.BadParameter(f"found {text!r}, expected a number, or none") from error


def read_kinds(
    _ctx: click.Context, _param: click.Parameter, text: str | None
) -> tuple[Kind, ...] | None:
    """Read kinds of failures, with commas between them."""
    if text is None:
        return None
    kinds = tuple(dict.fromkeys(kind.strip() for kind in text.split(",")))
    for kind in kinds:
        if kind not in get_args(Kind):
            raise unknown(kind, *get_args(Kind))
    return cast("tuple[Kind, ...]", kinds)


def complete_kinds(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Complete the last kind of a list."""
    before, comma, last = begun.rpartition(",")
    listed = before.split(",")
    kinds = [kind for kind in get_args(Kind) if kind.startswith(last) and kind not in listed]
    return [f"{before}{comma}{kind}" for kind in kinds]


def unknown(found: str, *known: str) -> click.BadParameter:
    """Refuse a word, and suggest the one that was probably meant."""
    text = f"found {found!r}, expected one of {', '.join(known)}"
    hint = nearly(found, dict.fromkeys(known, ""))
    return click.BadParameter(f"{text}; {hint}" if hint else text)
