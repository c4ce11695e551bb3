"""HTML that is safe by default: whatever is not made by `tag` is text, and is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

WITHOUT_END = {"br", "col", "input", "link", "meta"}
"""The elements that have no end tag."""

LONGEST_NAME = 120
"""Letters of a name that are shown."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"
"""What may stand in an element: markup, text, a number, nothing, or several of these."""


def tag(element: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """Make an element.

    Parameters
    ----------
    element
        Its name, which is trusted.
    children
        What stands in it; text is escaped.
    attributes
        Their values are escaped. ``True`` stands for an attribute without a value; ``False`` and
        ``None`` leave it out. An underscore at the end of a name is dropped, others become
        dashes.

    Examples
    --------
    >>> tag("p", "a < b", tag("b", 1), class_="note", hidden=True)
    '<p class="note" hidden>a &lt; b<b>1</b></p>'
    """
    start = "".join(_attribute(key, value) for key, value in attributes.items())
    if element in WITHOUT_END:
        return Markup(f"<{element}{start}>")
    return Markup(f"<{element}{start}>{joined(children)}</{element}>")


def joined(children: Child) -> Markup:
    """Put one piece of markup after the other; text among it is escaped."""
    if children is None:
        return Markup("")
    if isinstance(children, Markup):
        return children
    if isinstance(children, str | int):
        return Markup(escape(str(children)))
    return Markup("".join(joined(child) for child in children))


def name_of(name: str) -> Markup:
    """Show a name such that it turns nothing around it, whatever its script.

    Examples
    --------
    >>> name_of("<b>")
    '<bdi>&lt;b&gt;</bdi>'
    """
    return tag("bdi", shown(name))


def shown(name: str, most: int = LONGEST_NAME) -> str:
    r"""Make a name readable: control characters are spelled out, the middle of a long one is cut.

    Examples
    --------
    >>> shown("a\x1b\u202eb"), shown("x" * 50 + "y" * 50, most=9)
    ('a\\x1b\\u202eb', 'xxxx…yyyy')
    """
    if len(name) > most:
        side = most // 2
        name = f"{name[:side]}\N{HORIZONTAL ELLIPSIS}{name[-side:]}"
    if name.isprintable():
        return name
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name)


def _attribute(key: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{escape(str(value))}"'
