"""What has to outlive which failures: for each diff, who asks, and which holders are enough."""

from __future__ import annotations

from spareplace.search.ground import Ground

REMEMBERED = 1000
"""For each diff, the sets of servers that are known to be enough or not."""


class Survival:
    """Whether what some servers hold survives every failure in which somebody asks for it.

    Attributes
    ----------
    asked
        For each diff, how many pairs ask for it, by failure.
    """

    def __init__(self, ground: Ground) -> None:
        self.asked: list[dict[int, int]] = [{} for _ in ground.instance.size]
        self._ground = ground
        self._known: list[dict[int, bool]] = [{} for _ in ground.instance.size]

    def ask(self, pair: int) -> None:
        """Count in a pair that is to be protected."""
        failure = self._ground.pairs[pair][0]
        for diff in self._ground.chain[pair]:
            asked = self.asked[diff]
            if failure not in asked:
                asked[failure] = 0
                self._known[diff].clear()
            asked[failure] += 1

    def forget(self, pair: int) -> None:
        """Count out a pair that is left unprotected."""
        failure = self._ground.pairs[pair][0]
        for diff in self._ground.chain[pair]:
            asked = self.asked[diff]
            asked[failure] -= 1
            if not asked[failure]:
                del asked[failure]
                self._known[diff].clear()

    def outlives(self, diff: int, servers: int) -> bool:
        """Tell whether what is held on some servers, given as bits, survives where it must."""
        known = self._known[diff]
        answer = known.get(servers)
        if answer is None:
            up = servers | self._ground.resident[diff]
            downs = self._ground.downs
            answer = up.bit_count() > self._ground.widest or all(
                up & ~downs[failure] for failure in self.asked[diff]
            )
            if len(known) > REMEMBERED:
                known.clear()
            known[servers] = answer
        return answer
