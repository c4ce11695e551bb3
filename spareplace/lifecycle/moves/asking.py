"""Which failures ask for a diff, and who can send it: all that its copies have to survive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from spareplace.cluster import Cluster, chain_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asking:
    """What a cluster asks of the copies of each diff. Servers and failures are numbers.

    Parameters
    ----------
    downs
        For each failure, the servers that fail.
    failures
        For each server, the failures in which it is down.
    homes
        By diff, the servers whose loss asks for it: a protected VM there needs the diff.
    savers
        By diff, the servers that can save it anew: a VM there has it in its chain.
    resident
        By diff, the servers that hold it anyway.
    """

    downs: tuple[frozenset[int], ...]
    failures: tuple[frozenset[int], ...]
    homes: Mapping[str, frozenset[int]]
    savers: Mapping[str, tuple[int, ...]]
    resident: Mapping[str, frozenset[int]]

    @staticmethod
    def of(cluster: Cluster) -> Asking:
        """Look up what a cluster asks for."""
        at = {server.name: position for position, server in enumerate(cluster.servers)}
        downs = tuple(frozenset(at[name] for name in it.servers) for it in cluster.failures)
        failures: list[set[int]] = [set() for _ in at]
        for failure, gone in enumerate(downs):
            for server in gone:
                failures[server].add(failure)
        diffs = {diff.name: diff for diff in cluster.diffs}
        running = dict.fromkeys((vm.diff, at[vm.server], vm.protect) for vm in cluster.vms)
        homes: dict[str, set[int]] = defaultdict(set)
        savers: dict[str, set[int]] = defaultdict(set)
        for last, server, protect in running:
            for diff in chain_of(last, diffs):
                savers[diff].add(server)
                if protect:
                    homes[diff].add(server)
        resident: dict[str, set[int]] = defaultdict(set)
        for server, host in enumerate(cluster.servers):
            for diff in host.resident:
                resident[diff].add(server)
        return Asking(
            downs=downs,
            failures=tuple(map(frozenset, failures)),
            homes={diff: frozenset(servers) for diff, servers in homes.items()},
            savers={diff: tuple(sorted(servers)) for diff, servers in savers.items()},
            resident={diff: frozenset(servers) for diff, servers in resident.items()},
        )

    def lost(self, diff: str, holders: Iterable[int]) -> Iterator[int]:
        """Give the failures that ask for a diff and leave none of the holders of its bytes up.

        Resident copies count as holders.

        Parameters
        ----------
        diff
            The diff.
        holders
            The servers that store the bytes.
        """
        homes = self.homes.get(diff)
        if not homes:
            return
        down = [self.failures[server] for server in {*holders, *self.resident.get(diff, ())}]
        if not down:
            told: set[int] = set()
            for home in sorted(homes):
                yield from sorted(self.failures[home] - told)
                told |= self.failures[home]
            return
        for failure in sorted(frozenset.intersection(*down)):
            if not homes.isdisjoint(self.downs[failure]):
                yield failure

    def senders(self, diff: str, holders: Iterable[int]) -> set[int]:
        """Give the servers that can send bytes of a diff that some servers store."""
        return {*holders, *self.resident.get(diff, ()), *self.savers.get(diff, ())}
