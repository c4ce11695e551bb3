"""Reading a report as a browser would: elements that all end, figures, and what is embedded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser

from spareplace.reporting.markup import WITHOUT_END


@dataclass(kw_only=True)
class Page:
    """What is in a report.

    Parameters
    ----------
    elements
        The name and attributes of every element, in order.
    text
        All text that is not in a script or a style sheet.
    scripts
        The content of the scripts; JSON among them.
    styles
        The content of the style sheets.
    """

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)

    def having(self, name: str) -> list[dict[str, str | None]]:
        """Give the attributes of every element of a name."""
        return [attributes for element, attributes in self.elements if element == name]

    @property
    def later(self) -> dict[str, str]:
        """What is shown when asked for."""
        found = json.loads(self.scripts[0])
        assert isinstance(found, dict)
        return {key: value for key, value in found.items() if isinstance(value, str)}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)
        if tag in ("script", "style"):
            (self.page.scripts if tag == "script" else self.page.styles).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> ends nothing"
        assert self.open[-1] == tag, f"</{tag}> ends <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.page.scripts[-1] += data
        elif self.open[-1:] == ["style"]:
            self.page.styles[-1] += data
        else:
            self.page.text += data


def read_page(html: str) -> Page:
    """Read HTML; it fails if an element does not end, or ends in another one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"not ended: {reader.open}"
    return reader.page


def figures(page: Page) -> list[float]:
    """Give the exact values of all figures."""
    return [float(it["value"] or "") for it in page.having("data")]
