"""The grammar of Prometheus' text format 0.0.4, as a reader that refuses all else.

From the words of the format: lines end with a line feed, the last one too; a comment is HELP, TYPE
or anything; a sample is a name, labels in braces if any, and a value; in a label's value a
backslash, a quote and a line feed are escaped, in a HELP text a backslash and a line feed. All
lines of a metric stand together, its HELP and TYPE once and first; no sample is there twice.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Samples: TypeAlias = dict[str, dict[tuple[tuple[str, str], ...], float]]
"""By metric and sorted labels."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|(?=\}))')
_VALUE = re.compile(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|Inf)|NaN")
_HELP = re.compile(r"(?:[^\\\n]|\\\\|\\n)*")
_UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def read_exposition(text: str) -> Samples:
    """Read all samples; an AssertionError names the first line that is none."""
    assert text.endswith("\n")
    found: Samples = {}
    helped: set[str] = set()
    typed: set[str] = set()
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            _, word, name, rest = line.split(" ", 3)
            assert _NAME.fullmatch(name), line
            assert name not in found, f"{line}: after its samples"
            if word == "HELP":
                assert name not in helped, line
                assert _HELP.fullmatch(rest), line
                helped.add(name)
            else:
                assert (word, rest) == ("TYPE", "gauge"), line
                assert name not in typed, line
                typed.add(name)
        else:
            name, labels, value = _sample(line)
            assert name in typed, line
            assert name in helped, line
            assert name not in found or name == list(found)[-1], f"{line}: apart from the others"
            assert labels not in found.setdefault(name, {}), f"{line}: twice"
            found[name][labels] = value
    assert typed == helped == found.keys()
    return found


def _sample(line: str) -> tuple[str, tuple[tuple[str, str], ...], float]:
    name = _NAME.match(line)
    assert name, line
    rest = line[name.end() :]
    labels: dict[str, str] = {}
    if rest.startswith("{"):
        rest = rest[1:]
        while not rest.startswith("}"):
            label = _LABEL.match(rest)
            assert label, line
            assert label[1] not in labels, line
            labels[label[1]] = re.sub(r"\\.", lambda found: _UNESCAPED[found[0]], label[2])
            rest = rest[label.end() :]
        rest = rest[1:]
    assert rest.startswith(" "), line
    assert _VALUE.fullmatch(rest[1:]), line
    return name[0], tuple(sorted(labels.items())), float(rest[1:])
