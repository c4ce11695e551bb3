"""Reading XML that nobody has looked at, in bounded time and memory.

Expat of the standard library reads it. A document type declaration is refused where it starts:
without one there are no entities to expand and no external files to name, so neither a billion
laughs nor a file of this machine gets in. Nothing is fetched or opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from spareplace.importers.sources import Source, refuse_empty, refused, text_of

LARGEST_XML = 4 * 2**20
"""Bytes of one document. The definition of a domain takes some 10 KiB."""

DEEPEST = 2_000
"""Elements in each other: libvirt puts each backing file of a chain into the one above."""

MOST_ELEMENTS = 100_000
"""Elements in one document."""

_BETWEEN = " "
"""Stands between a namespace and a name; neither can hold it."""


@dataclass(slots=True, kw_only=True)
class Element:
    """One element.

    Parameters
    ----------
    name
        Its name; after the namespace and a space, if it has one.
    attributes
        By name, likewise.
    line
        Where it starts.
    text
        The text right in it, in one piece.
    children
        The elements right in it.
    """

    name: str
    attributes: Mapping[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """Give the children of a name."""
        return [child for child in self.children if child.name == name]

    def first(self, *names: str) -> Element | None:
        """Follow a path of names, each to the first child that has it."""
        here: Element | None = self
        for name in names:
            here = next(iter(here.all(name)), None) if here is not None else None
        return here

    def below(self) -> Iterator[Element]:
        """Give this element and all in it."""
        waiting = [self]
        while waiting:
            here = waiting.pop()
            yield here
            waiting += here.children


def parse_xml(source: Source) -> Element:
    """Read an XML document and give its outermost element.

    Raises
    ------
    InvalidInput
        If it is too long, not UTF-8, not XML, nested too deeply, or has a document type
        declaration.
    """
    if len(source.content) > LARGEST_XML:
        raise refused(source, "$", f"{len(source.content):,} bytes", f"at most {LARGEST_XML:,}")
    refuse_empty(source, "an XML document")
    reading = _Reading(source)
    try:
        reading.parser.Parse(text_of(source).encode("utf-8"), True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise refused(source, f"line {error.lineno}", what, "XML") from None
    finally:
        reading.close()
    return reading.outermost


class _Reading:
    """Builds the elements while expat reads."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[Element] = []
        self.texts: list[list[str]] = []
        self.count = 0
        # The encoding is given, so that the document cannot ask for another one.
        self.parser = expat.ParserCreate("utf-8", _BETWEEN)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.outermost = Element(name="", attributes={}, line=0)

    def close(self) -> None:
        """Let go of the parser, which knows us as we know it."""
        self.parser.StartDoctypeDeclHandler = None
        self.parser.EntityDeclHandler = None
        self.parser.StartElementHandler = None
        self.parser.EndElementHandler = None
        self.parser.CharacterDataHandler = None

    def _refuse_doctype(self, *_declared: object) -> None:
        self._refuse("a document type declaration", "none: it could define entities")

    def _refuse_entity(self, *_declared: object) -> None:
        self._refuse("the declaration of an entity", "none")

    def _refuse(self, found: str, expected: str) -> None:
        raise refused(self.source, f"line {self.parser.CurrentLineNumber}", found, expected)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= DEEPEST:
            self._refuse("elements nested too deeply", f"at most {DEEPEST:,} in each other")
        if self.count > MOST_ELEMENTS:
            self._refuse("too many elements", f"at most {MOST_ELEMENTS:,}")
        element = Element(name=name, attributes=attributes, line=self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.outermost = element
        self.open.append(element)
        self.texts.append([])

    def _end(self, _name: str) -> None:
        self.open.pop().text = "".join(self.texts.pop())

    def _text(self, text: str) -> None:
        self.texts[-1].append(text)
