"""Text stands out from what is behind it in both themes: a contrast of 4.5, as WCAG counts."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = files("spareplace.reporting").joinpath("report.css").read_text(encoding="utf-8")

DARKEST = 0.4
"""The shade of the darkest cell that has a figure on it."""

Colour = tuple[float, float, float]


def theme(name: str) -> dict[str, Colour]:
    """Give the colours of the light or the dark theme."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.S)
    text = light if name == "light" else dark
    found = {
        key: tuple(int(value[at : at + 2], 16) / 255 for at in (0, 2, 4))
        for key, value in re.findall(r"--([a-z]+): #([0-9a-f]{6})", text)
    }
    (heat,) = re.findall(r"--heat: (\d+), (\d+), (\d+)", text)
    found["heat"] = tuple(int(part) / 255 for part in heat)
    return {key: (value[0], value[1], value[2]) for key, value in found.items()}


def over(colour: Colour, ground: Colour, share: float) -> Colour:
    """Lay a colour that lets some of the ground through on it."""
    mixed = [share * top + (1 - share) * below for top, below in zip(colour, ground, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def contrast(one: Colour, other: Colour) -> float:
    """Give the ratio of the relative luminances, as WCAG 2 defines it."""

    def luminance(colour: Colour) -> float:
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read(name: str) -> None:
    colours = theme(name)
    chips = ("whole", "duplicated", "split", "resident", "none")
    pairs = [("text", ground) for ground in ("page", "box", *chips)]
    pairs += [(text, ground) for text in ("quiet", "link", "bad") for ground in ("page", "box")]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert not {pair: ratio for pair, ratio in found.items() if ratio < 4.5}
    heated = over(colours["heat"], colours["page"], DARKEST)
    assert contrast(colours["text"], heated) >= 4.5


def test_the_darkest_shade_is_the_one_that_is_tested() -> None:
    shades = re.findall(r"td\.h\d \{ background: rgba\(var\(--heat\), ([0-9.]+)\)", CSS)
    assert max(map(float, shades)) == DARKEST
    assert len(shades) == 5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_parts_of_a_bar_are_told_from_what_is_free(name: str) -> None:
    """WCAG asks 3 of what is no text; every figure also stands beside its bar."""
    colours = theme(name)
    for part in ("running", "stored", "rebuilt"):
        assert contrast(colours[part], colours["free"]) >= 1.8
