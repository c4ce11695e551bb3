from __future__ import annotations

import click
import pytest

from spareplace.cli.values import read_kinds, read_seconds, read_size

CONTEXT = click.Context(click.Command("plan"))
OPTION = click.Option(["--it"])


def test_sizes_are_read_with_a_unit_or_as_bytes() -> None:
    sizes = {"0": 0, "40": 40, "40GB": 40 * 10**9, "1.5 KiB": 1536, "2B": 2}
    assert {text: read_size(CONTEXT, OPTION, text) for text in sizes} == sizes
    assert read_size(CONTEXT, OPTION, None) is None


@pytest.mark.parametrize("text", ["", "-1", "1e3", "40Gb", "0.5B", "\u0664", "9" * 50, "1_000"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_size(CONTEXT, OPTION, text)


def test_kinds_are_read_in_order_and_once() -> None:
    assert read_kinds(CONTEXT, OPTION, "zones, single,zones") == ("zones", "single")
    assert read_kinds(CONTEXT, OPTION, None) is None
    with pytest.raises(click.BadParameter, match="did you mean 'single'"):
        read_kinds(CONTEXT, OPTION, "singel")


def test_seconds_may_be_none() -> None:
    assert read_seconds(CONTEXT, OPTION, "none") is None
    assert read_seconds(CONTEXT, OPTION, "1.5") == 1.5
