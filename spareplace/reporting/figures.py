"""Figures as readers see them: three digits that matter, and the exact value beside them."""

from __future__ import annotations

from decimal import Decimal

from spareplace.lifecycle.tightness import DISK
from spareplace.reporting.markup import Markup, tag
from spareplace.units import format_bytes


def bytes_of(count: float) -> Markup:
    """Show bytes; the page can show the exact number instead.

    Examples
    --------
    >>> bytes_of(27_500_000_000)
    '<data value="27500000000" title="27,500,000,000 B">27.5 GB</data>'
    """
    exact = int(count) if count == int(count) else count
    return tag("data", bytes_shown(count), value=exact, title=f"{exact:,} B")


def bytes_shown(count: float) -> str:
    """Write bytes, of which there may be too few: then the figure is below 0."""
    return f"-{format_bytes(-count)}" if count < 0 else format_bytes(count)


def amount_of(resource: str, amount: Decimal) -> Markup:
    """Show an amount of a resource; only of the disk the unit is known.

    Examples
    --------
    >>> amount_of("cpu", Decimal("2.5")), amount_of("memory", Decimal(64_000_000_000))
    ('2.5', '<data value="64000000000" title="64,000,000,000">64 G</data>')
    """
    if resource == DISK:
        return bytes_of(int(amount))
    exact, short = f"{amount:f}", amount_shown(amount)
    if exact == short:
        return Markup(exact)
    return tag("data", short, value=exact, title=f"{amount:,f}")


def amount_shown(amount: Decimal) -> str:
    """Write an amount without a unit.

    Examples
    --------
    >>> amount_shown(Decimal("0.25")), amount_shown(Decimal(52_600_000_000))
    ('0.25', '52.6 G')
    """
    exact = f"{amount:f}"
    return exact if len(exact) <= 4 else bytes_shown(float(amount)).rstrip("B ")


def percent_shown(share: float) -> str:
    """Write a share as percent.

    Examples
    --------
    >>> percent_shown(0.12345), percent_shown(0.0), percent_shown(1e-9)
    ('12.3 %', '0 %', 'under 0.01 %')
    """
    return "under 0.01 %" if 0 < share < 0.0001 else f"{100 * share:.3g} %"


def counted(count: int, thing: str) -> str:
    """Write how many there are of something.

    Examples
    --------
    >>> counted(1, "server"), counted(2000, "VM")
    ('1 server', '2,000 VMs')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
