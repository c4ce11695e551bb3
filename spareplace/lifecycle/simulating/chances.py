"""Chances drawn from a seed: the same ones on every Python.

Only `Random.random` promises its sequence to stay, so all else is made from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

Value = TypeVar("Value")


def moments(random: Random, per_hour: float, until: float) -> Iterator[float]:
    """Give the hours, up to an end, at which something happens that has a rate and no memory."""
    now = waited(random, 1 / per_hour) if per_hour else until
    while now < until:
        yield now
        now += waited(random, 1 / per_hour)


def waited(random: Random, mean: float) -> float:
    """Draw how long something takes that may end at any moment alike."""
    return -mean * math.log(1.0 - random.random())


def chosen(random: Random, values: Sequence[Value]) -> Value:
    """Draw one value, all alike."""
    return values[int(random.random() * len(values))]


def weighted(random: Random, values: Sequence[Value], weights: Sequence[float]) -> Value:
    """Draw one value, each as often as its weight says; one of them is above 0."""
    total = math.fsum(weights)
    share = random.random() * total
    likely = [
        (value, reached)
        for value, weight, reached in zip(values, weights, accumulate(weights), strict=True)
        if weight
    ]
    return next((value for value, reached in likely if share < reached), likely[-1][0])


def shuffled(random: Random, values: Sequence[Value]) -> tuple[Value, ...]:
    """Give the values in an order that is drawn."""
    return tuple(sorted(values, key=lambda _: random.random()))
