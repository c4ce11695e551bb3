"""How the problems of a file are told: what stands there, on which path, and how many at most."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from spareplace.errors import InvalidInput, Problem
from spareplace.files.json_text import Repeating
from spareplace.references import nearly

MOST_PROBLEMS = 100_000
"""After so many problems the rest of a file is not looked at."""

_LONGEST_SHOWN = 80


def shown(value: object) -> str:
    """Say in a few words what stands in a file.

    Examples
    --------
    >>> shown(None), shown("s1"), shown([])
    ('null', "'s1'", 'an empty list')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = repr(value[: _LONGEST_SHOWN + 1]) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def step(key: str) -> str:
    """Write one key as a step of a path.

    Examples
    --------
    >>> step("disk"), step("disk io")
    ('.disk', "['disk io']")
    """
    plain = key.isascii() and key.isidentifier() and len(key) <= _LONGEST_SHOWN
    return f".{key}" if plain else f"[{shown(key)}]"


def wrong(found: object, expected: str, path: str = "") -> Problem:
    """Tell that something else was expected."""
    return Problem(path=path, found=shown(found), expected=expected)


def refused(found: object, expected: str, path: str = "") -> InvalidInput:
    """Refuse one value."""
    return InvalidInput([wrong(found, expected, path)])


def missing(key: str, expected: str) -> Problem:
    """Tell that a key is not there."""
    return Problem(path=step(key), found="no such key", expected=expected)


def unknown(key: str, known: Collection[str]) -> Problem:
    """Tell that a key means nothing here."""
    return Problem(
        path=step(key),
        found="an unknown key",
        expected="one of " + ", ".join(known),
        hint=nearly(key, dict.fromkeys(known, "")),
    )


def repeated(document: Mapping[str, object]) -> list[Problem]:
    """Tell of the keys that an object has more than once."""
    if not isinstance(document, Repeating):
        return []
    return [
        Problem(path=step(key), found=f"this key {count} times", expected="each key once")
        for key, count in islice(document.times.items(), MOST_PROBLEMS)
    ]


def within(path: str, problems: Iterable[Problem]) -> list[Problem]:
    """Put a path before the paths of problems that start there."""
    return [replace(problem, path=path + problem.path) for problem in problems]


def refusal(problems: Sequence[Problem], source: str, cut_short: bool = False) -> InvalidInput:
    """Make the error that lists the problems of a file.

    A name may hold anything, a line break too; the paths are made fit to be printed.

    Parameters
    ----------
    problems
        At least one.
    source
        What was read.
    cut_short
        Whether the rest of the file was not looked at.
    """
    told = [
        problem if problem.path.isprintable() else replace(problem, path=repr(problem.path)[1:-1])
        for problem in problems
    ]
    if cut_short:
        many = f"{len(told):,} problems and read no further"
        told.insert(0, Problem(path="$", found=many, expected=f"fewer than {MOST_PROBLEMS:,}"))
    return InvalidInput(told, source)
