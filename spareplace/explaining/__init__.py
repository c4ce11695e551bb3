"""Say why: plans and infeasible clusters explained, capacity, what if, and what disk buys."""

from spareplace.explaining.asking import explain
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.explanation import Explanation
from spareplace.explaining.fitting import Capacity, capacity
from spareplace.explaining.supposing import WhatIf, what_if
from spareplace.explaining.trading import Frontier, frontier

__all__ = [
    "Capacity",
    "ClusterChange",
    "Explanation",
    "Frontier",
    "WhatIf",
    "capacity",
    "explain",
    "frontier",
    "what_if",
]
