"""The plan under change: every step updates what it costs and leaves, and can be taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from spareplace.amounts import DISK, Amounts
from spareplace.search.ground import NOWHERE, Floats, Ground, Ints, servers_in
from spareplace.search.survival import Survival


class State:
    """Where each pair is rebuilt and what each server keeps, with all that follows from it.

    The steps trust their caller that no rule is broken; `undo` takes back the latest ones. Each
    costs time in proportion to the chain, not to the size of the cluster; only where a take
    lowers the peak of a server's disk it looks at all failures once.

    Attributes
    ----------
    target
        For each pair, its server or `NOWHERE`; `here` has the pairs of each server.
    users
        How many VMs rebuilt on a server need a row, shape (rows, servers).
    worth
        The weights of the failures in which a diff is needed on a server: what keeping one byte
        of it there saves; shape (diffs, servers). `wanted` counts those failures.
    missing
        The bytes of each diff that each server does not hold, shape (diffs, servers).
    left
        Of every resource but the disk, shape (failures, resources - 1, servers).
    load, peak, slack
        Disk of rebuilt VMs, (failures, servers); the most of it; what is free in every failure.
    members
        The servers taken by a group's VMs in a failure, by (failure, group).
    pieces, holders
        For each diff, the sizes of its pieces, and the servers that keep each, as bits. Which
        bytes they are is settled at the end. `held` counts the pieces on each server.
    skipped
        The pairs that are left unprotected.
    transfer, stored, moved, penalty
        Weighted bytes; bytes kept in all, and not there today; the price of skipped pairs, exact.
    price, spare
        What a byte of a server's disk is worth to whoever wants it, and how many bytes could be
        freed: estimates that `keeping` brings up to date.
    changes
        How often each server changed.
    """

    def __init__(self, ground: Ground) -> None:
        instance = ground.instance
        failures, servers = instance.down.shape
        self.ground = ground
        self.target = [NOWHERE] * len(ground.pairs)
        self.users = np.zeros((len(ground.diff_of), servers), dtype=np.int32)
        self.worth: Floats = np.zeros((len(instance.size), servers))
        sizes = np.array(instance.size, dtype=np.int64)
        self.missing: Ints = np.where(instance.resident, 0, sizes[:, None])
        free = instance.free.T[DISK + 1 :]
        self.left: Amounts = np.repeat(free[None, :, :], failures, axis=0)
        self.load: Amounts = np.zeros((failures, servers), dtype=instance.free.dtype)
        self.peak: Amounts = np.zeros(servers, dtype=instance.free.dtype)
        self.slack: Amounts = instance.free[:, DISK].copy()
        self.members: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.pieces = [[size] for size in instance.size]
        self.holders = [[0] for _ in instance.size]
        self.here: list[dict[int, None]] = [{} for _ in range(servers)]
        self.changes = [0] * servers
        self.held: list[dict[int, int]] = [{} for _ in range(servers)]
        self.wanted: list[dict[int, int]] = [{} for _ in range(servers)]
        self.survival = Survival(ground)
        self.skipped: set[int] = set()
        self.transfer = 0.0
        self.stored = self.moved = 0
        self.penalty = 0
        self.price: Floats = np.zeros(servers)
        self.spare: Amounts = np.zeros(servers, dtype=instance.free.dtype)
        self._steps: list[tuple[Callable[..., None], tuple[int, ...]]] = []
        for pair in range(len(ground.pairs)):
            self.survival.ask(pair)

    @property
    def value(self) -> float:
        """What is to be least."""
        return self.penalty + self.transfer + self.ground.price_of(self.stored, self.moved)

    def mark(self) -> int:
        """Give the point to which `undo` returns."""
        return len(self._steps)

    def undo(self, mark: int) -> None:
        """Take back all steps since a mark."""
        while len(self._steps) > mark:
            step, arguments = self._steps.pop()
            step(*arguments)

    def commit(self) -> None:
        """Forget how to take back what was done."""
        self._steps.clear()

    def place(self, pair: int, server: int) -> None:
        """Rebuild a pair, which has no server, on one."""
        self._place(pair, server)
        self._steps.append((self._take, (pair,)))

    def take(self, pair: int) -> int:
        """Take a pair off its server; give the server."""
        server = self.target[pair]
        self._take(pair)
        self._steps.append((self._place, (pair, server)))
        return server

    def keep(self, diff: int, piece: int, server: int) -> None:
        """Keep a piece on a server that does not hold it."""
        self._keep(diff, piece, server)
        self._steps.append((self._drop, (diff, piece, server)))

    def drop(self, diff: int, piece: int, server: int) -> None:
        """Keep a piece no longer."""
        self._drop(diff, piece, server)
        self._steps.append((self._keep, (diff, piece, server)))

    def cut(self, diff: int, piece: int, size: int) -> None:
        """Cut `size` bytes off a piece: they are a new one, the last of the diff."""
        self._cut(diff, piece, size)
        self._steps.append((self._join, (diff, piece)))

    def join(self, diff: int, piece: int) -> None:
        """Join the last piece of a diff to another one that the same servers keep."""
        size = self.pieces[diff][-1]
        self._join(diff, piece)
        self._steps.append((self._cut, (diff, piece, size)))

    def swap(self, diff: int, piece: int) -> None:
        """Let the last piece of a diff and another change places in its list."""
        self._swap(diff, piece)
        self._steps.append((self._swap, (diff, piece)))

    def skip(self, pair: int) -> None:
        """Leave a pair, which has no server, unprotected."""
        self._skip(pair)
        self._steps.append((self._unskip, (pair,)))

    def unskip(self, pair: int) -> None:
        """Protect a pair again: it wants a server, and its diffs have to survive."""
        self._unskip(pair)
        self._steps.append((self._skip, (pair,)))

    def _place(self, pair: int, server: int) -> None:
        ground, users, worth = self.ground, self.users, self.worth
        failure, vm = ground.pairs[pair]
        weight, wanted = ground.weight[failure], self.wanted[server]
        for row, diff in zip(ground.rows[pair], ground.chain[pair], strict=True):
            if not users[row, server]:
                wanted[diff] = wanted.get(diff, 0) + 1
                worth[diff, server] += weight
                self.transfer += weight * float(self.missing[diff, server])
            users[row, server] += 1
        self.left[failure, :, server] -= ground.demand[vm]
        if ground.disk[vm]:
            load = self.load[failure, server] + ground.disk[vm]
            self.load[failure, server] = load
            if load > self.peak[server]:
                self.slack[server] -= load - self.peak[server]
                self.peak[server] = load
        for group in ground.instance.groups[vm]:
            self.members[failure, group].add(server)
        self.target[pair] = server
        self.here[server][pair] = None
        self.changes[server] += 1

    def _take(self, pair: int) -> None:
        ground, users, worth = self.ground, self.users, self.worth
        failure, vm = ground.pairs[pair]
        server = self.target[pair]
        weight, wanted = ground.weight[failure], self.wanted[server]
        for row, diff in zip(ground.rows[pair], ground.chain[pair], strict=True):
            users[row, server] -= 1
            if not users[row, server]:
                wanted[diff] -= 1
                if not wanted[diff]:
                    del wanted[diff]
                worth[diff, server] -= weight
                self.transfer -= weight * float(self.missing[diff, server])
        self.left[failure, :, server] += ground.demand[vm]
        if ground.disk[vm]:
            before = self.load[failure, server]
            self.load[failure, server] = before - ground.disk[vm]
            if before == self.peak[server]:
                peak = self.load[:, server].max()
                self.slack[server] += before - peak
                self.peak[server] = peak
        for group in ground.instance.groups[vm]:
            self.members[failure, group].discard(server)
        self.target[pair] = NOWHERE
        del self.here[server][pair]
        self.changes[server] += 1

    def _keep(self, diff: int, piece: int, server: int) -> None:
        size = self.pieces[diff][piece]
        self.holders[diff][piece] |= 1 << server
        self.held[server][diff] = self.held[server].get(diff, 0) + 1
        self._store(diff, server, size)

    def _drop(self, diff: int, piece: int, server: int) -> None:
        size = self.pieces[diff][piece]
        self.holders[diff][piece] &= ~(1 << server)
        self.held[server][diff] -= 1
        if not self.held[server][diff]:
            del self.held[server][diff]
        self._store(diff, server, -size)

    def _store(self, diff: int, server: int, size: int) -> None:
        self.changes[server] += 1
        self.missing[diff, server] -= size
        self.slack[server] -= size
        self.stored += size
        self.moved += size * (not self.ground.is_there(diff, server))
        self.transfer -= float(self.worth[diff, server]) * size

    def _cut(self, diff: int, piece: int, size: int) -> None:
        self.pieces[diff][piece] -= size
        self.pieces[diff].append(size)
        self.holders[diff].append(self.holders[diff][piece])
        self._count(diff, self.holders[diff][piece], 1)

    def _join(self, diff: int, piece: int) -> None:
        self.pieces[diff][piece] += self.pieces[diff].pop()
        self._count(diff, self.holders[diff].pop(), -1)

    def _count(self, diff: int, servers: int, more: int) -> None:
        for server in servers_in(servers):
            self.held[server][diff] += more

    def _swap(self, diff: int, piece: int) -> None:
        for parts in (self.pieces[diff], self.holders[diff]):
            parts[piece], parts[-1] = parts[-1], parts[piece]

    def _skip(self, pair: int) -> None:
        self.survival.forget(pair)
        self.skipped.add(pair)
        self.penalty += int(self.ground.penalty[self.ground.pairs[pair][1]])

    def _unskip(self, pair: int) -> None:
        self.survival.ask(pair)
        self.skipped.discard(pair)
        self.penalty -= int(self.ground.penalty[self.ground.pairs[pair][1]])
