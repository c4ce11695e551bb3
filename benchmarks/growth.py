"""How the time of one iteration of the search grows with the cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.tables import markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many iterations a search made in how many seconds.

    Parameters
    ----------
    by
        What made them.
    servers, vms
        Of the cluster.
    chain
        Diffs in each chain.
    iterations, seconds
        What was counted.
    """

    by: str
    servers: int
    vms: int
    chain: int
    iterations: int
    seconds: float

    @property
    def each(self) -> float:
        """Seconds for one iteration."""
        return self.seconds / self.iterations


def growth(rows: Iterable[Pace]) -> str:
    """Write the paces, each maker's apart, shortest chains and smallest clusters first.

    Time that grows as servers times chain length gives the same last column in every row.
    """
    table = []
    for pace in sorted(rows, key=lambda pace: (pace.by, pace.chain, pace.servers)):
        share = pace.each / (pace.servers * pace.chain)
        table.append(
            (
                pace.by,
                str(pace.servers),
                str(pace.vms),
                str(pace.chain),
                f"{1e6 * pace.each:.1f}",
                f"{1e9 * share:.1f}",
            )
        )
    head = ("by", "servers", "VMs", "diffs in a chain", "µs an iteration", "ns by servers x chain")
    return markdown(head, table)
