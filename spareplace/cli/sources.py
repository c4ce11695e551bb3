"""Reading a cluster or a plan from where the command line says, in bounded time and memory."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.files import LARGEST_FILE, read_cluster, read_plan
from spareplace.placement import Plan

STANDARD_INPUT = "-"

WRITER_SECONDS = 5.0
"""How long a named pipe may have no writer."""

T = TypeVar("T")


def cluster_from(argument: str) -> Cluster:
    """Read a cluster from a file, or from standard input.

    Raises
    ------
    InvalidInput
        If it cannot be read, or anything is wrong with it.
    """
    return _read(argument, read_cluster)


def plan_from(argument: str) -> Plan:
    """Read a plan from a file, or from standard input.

    Raises
    ------
    InvalidInput
        If it cannot be read, or its form is wrong.
    """
    return _read(argument, read_plan)


def bytes_from(argument: str) -> tuple[bytes, str]:
    """Read what stands in a file, or comes from standard input, and say what messages call it.

    Raises
    ------
    InvalidInput
        If it cannot be read.
    """
    return _read(argument, lambda content, source: (content, source))


def _read(argument: str, parse: Callable[[bytes, str], T]) -> T:
    source = "standard input" if argument == STANDARD_INPUT else argument
    try:
        content = _standard_input() if argument == STANDARD_INPUT else _content(argument)
    except OSError as error:
        raise _unreadable(error.strerror or str(error), source) from error
    return parse(content, source)


def _unreadable(why: str, source: str) -> InvalidInput:
    problem = Problem(path="$", found=why[:1].lower() + why[1:], expected="a file to read")
    return InvalidInput([problem], source)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise OSError("it is closed")
    return sys.stdin.buffer.read(LARGEST_FILE + 1)


def _content(path: str) -> bytes:
    if stat.S_ISFIFO(os.stat(path).st_mode):
        return _from_pipe(path)
    with open(path, "rb") as file:
        return file.read(LARGEST_FILE + 1)  # one more than is allowed tells that it is too long


def _from_pipe(path: str) -> bytes:
    """Read a named pipe. To open one like a file would wait for a writer for ever."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(number, "rb") as pipe:
        first = _first_bytes(number)
        os.set_blocking(number, True)
        return first + pipe.read(LARGEST_FILE + 1 - len(first))


def _first_bytes(number: int) -> bytes:
    """Wait until somebody writes, or has it open for writing."""
    deadline = time.monotonic() + WRITER_SECONDS
    while time.monotonic() < deadline:
        ready, _, _ = select.select([number], [], [], 0.05)
        try:
            first = os.read(number, LARGEST_FILE)
        except BlockingIOError:  # a writer is there and has not written yet
            return b""
        if first or ready:
            return first
    raise OSError("a pipe to which nobody writes")
