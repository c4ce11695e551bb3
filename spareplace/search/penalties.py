"""What leaving a VM unprotected costs a search: more than anything that is counted in bytes."""

from __future__ import annotations

import math

from spareplace.instance import Instance

DEAREST = 1e200
"""The largest penalty: floats end soon above the sums of it."""


def penalties(instance: Instance, dearest: float) -> tuple[float, ...]:
    """Price VMs by priority: one more than all of the lower ones, as far as `DEAREST`.

    Powers of two, so that sums of them are exact as far as a float goes.
    """
    one = _power_of_two(2.0 * max(dearest, 1.0))
    most = _power_of_two(DEAREST)
    price: dict[int, float] = {}
    priorities = instance.priority
    pairs = _power_of_two(sum(map(len, instance.lost)) + 1)
    for priority in sorted(set(priorities)):
        price[priority] = one
        one = min(one * pairs, most)
    return tuple(price[priority] for priority in priorities)


def _power_of_two(least: float) -> float:
    return 2.0 ** math.ceil(math.log2(min(least, DEAREST)))
