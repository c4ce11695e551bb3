"""Drawing from a seed with the same outcome on every Python.

Only `Random.random` promises its sequence to stay, so all else is made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

Value = TypeVar("Value")


def whole(random: Random, least: int, most: int) -> int:
    """Draw an integer from `least` to `most`, all alike."""
    return least + int(random.random() * (most - least + 1))


def one_of(random: Random, values: Sequence[Value]) -> Value:
    """Draw one value, all alike."""
    return values[whole(random, 0, len(values) - 1)]


def shuffled(random: Random, values: Iterable[Value]) -> list[Value]:
    """Give the values in an order that is drawn."""
    return sorted(values, key=lambda _: random.random())
