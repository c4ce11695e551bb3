"""What ``virsh`` prints about a host: ``domstats``, ``nodeinfo`` and ``pool-info``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spareplace.importers.images import ImageFile
from spareplace.importers.imported import Note
from spareplace.importers.sources import Source, lines_of, refuse_empty, refused
from spareplace.units import LARGEST, parse_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainStats:
    """What ``domstats --state --block --backing`` says of one domain.

    Parameters
    ----------
    name
        The domain.
    running
        Whether it runs, or is paused, or ``None`` if it was not asked for.
    chains
        By target, the files of each disk, the one that is written to first; none if the domain
        does not run.
    line
        Where it starts.
    """

    name: str
    running: bool | None
    chains: Mapping[str, tuple[ImageFile, ...]]
    line: int


_DOMAIN = re.compile(r"Domain: '(.*)'")
_PAIR = re.compile(r"  ([a-z]+(?:\.[0-9a-z-]+)*(?:\.[A-Za-z-]+)?)=(.*)")

_SHUT_OFF = ("5",)
"""The value of ``state.state`` of a domain that does not run."""


def read_domstats(source: Source) -> list[DomainStats]:
    """Read what ``virsh domstats --state --block --backing`` printed; an empty line is no domain.

    Raises
    ------
    InvalidInput
        If it is not of that form.
    """
    if not source.content:
        refuse_empty(source, "what virsh domstats prints")
    found: list[DomainStats] = []
    name, start = "", 0
    values: dict[str, tuple[int, str]] = {}
    for number, line in lines_of(source):
        domain, pair = _DOMAIN.fullmatch(line), _PAIR.fullmatch(line)
        if domain is not None:
            if start:
                found.append(_stats(source, name, start, values))
            name, start, values = domain[1], number, {}
        elif pair is not None and start:
            if pair[1] in values:
                raise refused(source, f"line {number}", f"{pair[1]} again", "each once a domain")
            values[pair[1]] = (number, pair[2])
        elif line.strip():
            expected = "what virsh domstats prints: Domain: 'NAME', and KEY=VALUE after it"
            raise refused(source, f"line {number}", f"{line!r:.80}", expected)
    if not start:
        return []
    return [*found, _stats(source, name, start, values)]


def _stats(
    source: Source, name: str, line: int, values: Mapping[str, tuple[int, str]]
) -> DomainStats:
    if not name:
        raise refused(source, f"line {line}", "a domain without a name", "Domain: 'NAME'")
    state = values.get("state.state")
    running = None if state is None else state[1] not in _SHUT_OFF
    chains: dict[str, list[ImageFile]] = {}
    numbers = [key.split(".")[1] for key in values if re.fullmatch(r"block\.\d+\.name", key)]
    if running is False:  # its chains are left out, and what it calls physical is a file's length
        numbers = []
    for number in numbers:
        at, target = values[f"block.{number}.name"]
        path = values.get(f"block.{number}.path")
        if path is None:  # an empty drive
            continue
        if not path[1]:
            raise refused(source, f"line {path[0]}", "an empty path", "the path of an image")
        if f"block.{number}.backingIndex" not in values:
            raise refused(
                source,
                f"line {path[0]}",
                f"no block.{number}.backingIndex",
                "what virsh domstats --state --block --backing prints of a domain that runs",
                "without --backing a difference looks like a master",
            )
        chains.setdefault(target, []).append(
            ImageFile(
                host=source.host or "",
                path=path[1],
                virtual_size=_count(source, at, values, f"block.{number}.capacity"),
                actual_size=_count(source, at, values, f"block.{number}.physical"),
                backing=None,
                told=(source.path, f"line {path[0]}"),
            )
        )
    return DomainStats(
        name=name,
        running=running,
        chains={target: tuple(chain) for target, chain in chains.items()},
        line=line,
    )


def _count(source: Source, line: int, values: Mapping[str, tuple[int, str]], key: str) -> int:
    at, text = values.get(key, (line, "nothing"))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST):
        expected = "whole bytes from 0 to 2^53"
        raise refused(source, f"line {at}, {key}", f"{text!r:.80}", expected)
    return int(text)


def read_nodeinfo(source: Source) -> tuple[int, int]:
    """Read what ``virsh nodeinfo`` printed: CPUs, and bytes of memory.

    Raises
    ------
    InvalidInput
        If it is not of that form.
    """
    table = _table(source)
    return (
        int(_amount(source, table, "CPU(s)", unit="B")),
        int(_amount(source, table, "Memory size")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A storage pool that is active: its size and what is free, in bytes."""

    name: str
    capacity: int
    available: int


def read_pool(source: Source, notes: list[Note]) -> Iterator[Pool]:
    """Read what ``virsh pool-info`` printed of one pool; nothing if it is not active.

    Raises
    ------
    InvalidInput
        If it is not of that form.
    """
    table = _table(source)
    name = table.get("Name", (0, ""))[1]
    if not name:
        raise refused(source, "$", "no line 'Name:'", "what virsh pool-info prints")
    about = f"pool {name!r} of host {source.host!r}"
    if table.get("State", (0, "running"))[1] != "running":
        notes.append(Note(about=about, assumed="it is not active: passed over"))
        return
    capacity = _amount(source, table, "Capacity")
    if not table["Capacity"][1].isdigit():
        assumed = "its sizes are rounded"
        notes.append(Note(about=about, assumed=assumed, give="ask for pool-info --bytes"))
    yield Pool(name=name, capacity=capacity, available=_amount(source, table, "Available"))


def _table(source: Source) -> dict[str, tuple[int, str]]:
    refuse_empty(source, "what virsh prints")
    table: dict[str, tuple[int, str]] = {}
    for number, line in lines_of(source):
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        if not colon or key in table:
            raise refused(source, f"line {number}", f"{line!r:.80}", "KEY: VALUE, each key once")
        table[key] = (number, value.strip())
    return table


def _amount(source: Source, table: Mapping[str, tuple[int, str]], key: str, unit: str = "") -> int:
    line, text = table.get(key, (0, ""))
    if not text:
        raise refused(source, "$", f"no line '{key}:'", "what virsh prints")
    try:
        plain = text.isascii() and text.isdigit()
        count = parse_amount(text + "B" if plain else text)
    except ValueError:
        count = None
    if count is None or count > LARGEST or (unit and not plain):
        raise refused(source, f"line {line}", f"{text!r:.80}", "a number from 0 to 2^53")
    return int(count)
