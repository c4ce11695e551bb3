"""The parts of the scripts that are the same in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from textwrap import wrap

from spareplace.filenames import file_name

WIDTH = 98


def shell_part(name: str) -> str:
    """Give a part that is a file of this package, and an empty line."""
    return (files(__package__) / "shell" / f"{name}.sh").read_text(encoding="utf-8") + "\n"


def rule(title: str) -> str:
    """Write a heading."""
    return f"# ---- {title} ".ljust(WIDTH, "-") + "\n"


def comment(*paragraphs: str) -> str:
    """Write paragraphs as comments; one that begins with spaces stays so."""
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph)]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _wrapped(paragraph: str) -> list[str]:
    indent = " " * (len(paragraph) - len(paragraph.lstrip()))
    return wrap(
        paragraph,
        WIDTH,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [""]


def function(name: str, lines: Iterable[str], told: str = "") -> str:
    """Write a shell function of some commands."""
    body = "".join(f"    {line}\n" for line in lines) or "    :\n"
    return f"\n{comment(told) if told else ''}{name}() {{\n{body}}}\n"


def scrubbing(servers: Iterable[str]) -> str:
    """Write the function that compares what servers store with its sums."""
    lines = [f"on {file_name(server)} scrub || bad=1" for server in sorted(servers)]
    return function("scrub", ["bad=0", *lines, 'exit "$bad"'])


def identity(kind: str, *facts: str) -> str:
    """Name a run, such that the same work has the same name, and no other work has it."""
    return f"{kind}-{sha256(chr(0).join(facts).encode()).hexdigest()[:16]}"
