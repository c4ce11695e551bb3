"""The kinds of values that are text, true or false, or lists of names."""

from __future__ import annotations

from dataclasses import replace

from spareplace.canonical import JSON
from spareplace.errors import InvalidInput
from spareplace.files.problems import refused, wrong
from spareplace.files.shapes import Kind
from spareplace.references import nearly

MOST_NAMES = 100_000
"""Names in one list, and resources of one server or VM: a bound on the work."""

_SOME_TEXT: dict[str, JSON] = {"type": "string", "minLength": 1}
_ARRAY: dict[str, JSON] = {
    "type": "array",
    "items": _SOME_TEXT,
    "uniqueItems": True,
    "maxItems": MOST_NAMES,
}


def _text(value: object) -> str:
    if type(value) is not str:
        raise refused(value, "text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise refused(value, "valid Unicode text") from None
    return value


def _name(value: object) -> str:
    if not value or type(value) is not str:
        raise refused(value, NAME.expected)
    return value if value.isascii() else _text(value)


def _names(value: object) -> tuple[str, ...]:
    if type(value) is not list:
        raise refused(value, NAMES.expected)
    if len(value) > MOST_NAMES:
        raise refused(value, f"at most {MOST_NAMES:,} names")
    if bad := [
        wrong(name, NAME.expected, f"[{position}]")
        for position, name in enumerate(value)
        if type(name) is not str
    ]:
        raise InvalidInput(bad)
    return tuple(value)


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise refused(value, FLAG.expected)
    return value


def maybe(kind: Kind) -> Kind:
    """Allow null beside what a kind allows."""

    def read(value: object) -> object:
        return None if value is None else kind.read(value)

    return Kind(
        read=read,
        expected=f"{kind.expected}; or null",
        schema={"anyOf": [dict(kind.schema), {"type": "null"}]},
        items=kind.items,
        part=kind.part,
    )


def one_of(*texts: str) -> Kind:
    """Allow some texts and nothing else."""
    expected = " or ".join(repr(text) for text in texts)

    def read(value: object) -> str:
        if type(value) is not str or value not in texts:
            hint = nearly(value, dict.fromkeys(texts, "")) if isinstance(value, str) else ""
            raise InvalidInput([replace(wrong(value, expected), hint=hint)])
        return value

    return Kind(read=read, expected=expected, schema={"enum": list(texts)})


NAME = Kind(read=_name, expected="a name: text that is not empty", schema=_SOME_TEXT)
TEXT = Kind(read=_text, expected="text", schema={"type": "string"})
FLAG = Kind(read=_flag, expected="true or false", schema={"type": "boolean"})
NAMES = Kind(read=_names, expected="a list of names", schema=_ARRAY)
SOME_NAMES = Kind(
    read=_names, expected="a list of at least one name", schema={**_ARRAY, "minItems": 1}
)
