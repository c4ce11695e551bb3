"""What stands, in numbers: every step updates what follows from it, and can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.holding import Span
from spareplace.lifecycle.registering.guests import Guest, Units, tally
from spareplace.lifecycle.registering.journal import Journal
from spareplace.lifecycle.registering.ranges import Spans, bytes_of, joined
from spareplace.lifecycle.registering.site import Site
from spareplace.parts import Diff


@dataclass(slots=True, kw_only=True, eq=False)
class Books(Journal):
    """Who runs, is rebuilt and is kept where, and what that leaves; the steps trust their caller.

    A step costs time in proportion to a chain or to the failures, not to the VMs. What is below 0
    in `left` is lacking: as given, or until a step to come.

    Parameters
    ----------
    site
        The servers and the failures.
    units
        How amounts are counted.
    capacity
        What each server has, shape (servers, resources).
    left
        Of it, beside what runs and is stored, and what is rebuilt in each failure; the last row is
        the time without one. Shape (failures + 1, servers, resources).
    worst
        The least disk in `left` on each server, shape (servers,).
    missing
        The bytes of each diff that each server does not hold; a row for each diff, and spare ones.
    diffs, row
        The diffs by name, and their rows; `names` are the names by row, `age` how many diffs
        came before it.
    kept
        For each row, by server, the ranges stored; `held` are the rows stored on each server.
    resident
        For each row, the servers that hold the diff anyway.
    asked
        For each row, by failure, how many VMs that need it are to be rebuilt.
    guests
        The VMs by name.
    rebuilt
        For each failure, by server, the names of the VMs rebuilt there.
    users
        By (failure, row), how many VMs rebuilt on a server need the diff, by server.
    serves
        For each row, by server, what the failures weigh in which it has users there, in parts.
    beside
        By group, how many of its VMs run on a server; `taken` the same for those rebuilt, by
        (failure, group).
    stored
        Bytes stored on each server.
    sent
        The objective, in parts of a byte.
    largest
        The bytes of the largest VM.
    kept_before, target_before
        What stood when all was settled, for each (row, server) and (failure, VM) that was changed.
    """

    site: Site
    units: Units
    capacity: Amounts
    left: Amounts
    worst: Amounts
    missing: NDArray[np.int64]
    diffs: dict[str, Diff] = field(default_factory=dict)
    row: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    age: list[int] = field(default_factory=list)
    kept: list[dict[int, Spans]] = field(default_factory=list)
    resident: list[set[int]] = field(default_factory=list)
    asked: list[dict[int, int]] = field(default_factory=list)
    serves: list[dict[int, int]] = field(default_factory=list)
    guests: dict[str, Guest] = field(default_factory=dict)
    rebuilt: list[dict[int, dict[str, None]]]
    held: list[set[int]]
    users: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict)
    beside: dict[str, dict[int, int]] = field(default_factory=dict)
    taken: dict[tuple[int, str], dict[int, int]] = field(default_factory=dict)
    stored: list[int]
    sent: int = 0
    largest: int = 0
    kept_before: dict[tuple[int, int], Spans] = field(default_factory=dict)
    target_before: dict[tuple[int, str], int | None] = field(default_factory=dict)
    entered: int = 0
    spare: list[int] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)

    @property
    def expected(self) -> Fraction:
        """The objective."""
        return Fraction(self.sent, self.site.whole)

    def settle(self) -> None:
        """Forget how to take back what was done; the rows of diffs that left are free again."""
        self.spare += self.leaving
        self.steps.clear()
        self.leaving.clear()
        self.kept_before.clear()
        self.target_before.clear()

    def size(self, row: int) -> int:
        """Give the bytes of a diff."""
        return self.diffs[self.names[row]].size

    def enter(self, diff: Diff, resident: Sequence[int] = ()) -> None:
        """Add a diff of which nothing is stored."""
        if not self.spare:
            self._grow()
        row = self.spare.pop()
        self.diffs[diff.name] = diff
        self.row[diff.name] = row
        self.names[row], self.age[row] = diff.name, self.entered
        self.entered += 1
        self.missing[row] = diff.size
        self.missing[row, list(resident)] = 0
        self.resident[row] = set(resident)
        self.steps.append(lambda: self.spare.append(self._forget(diff.name)))

    def leave(self, name: str) -> None:
        """Take a diff out that nobody needs and of which nothing is stored."""
        diff = self.diffs[name]
        row = self._forget(name)
        self.leaving.append(row)
        self.steps.append(lambda: self._come_back(diff, row))

    def _forget(self, name: str) -> int:
        del self.diffs[name]
        return self.row.pop(name)

    def _come_back(self, diff: Diff, row: int) -> None:
        self.diffs[diff.name], self.row[diff.name] = diff, row
        self.leaving.remove(row)

    def _grow(self) -> None:
        rows, servers = self.missing.shape
        more = max(rows, 16)
        self.missing = np.concatenate([self.missing, np.zeros((more, servers), dtype=np.int64)])
        self.names += [""] * more
        self.age += [0] * more
        self.kept += [{} for _ in range(more)]
        self.resident += [set() for _ in range(more)]
        self.asked += [{} for _ in range(more)]
        self.serves += [{} for _ in range(more)]
        self.spare += range(rows + more - 1, rows - 1, -1)

    def run(self, guest: Guest) -> None:
        """Let a VM run, which has no targets; it asks for its diffs where it has to be rebuilt."""
        self.guests[guest.vm.name] = guest
        self._running(guest, 1)
        self.steps.append(lambda: self._stop(guest))

    def stop(self, name: str) -> None:
        """Take a VM out that has no targets."""
        guest = self.guests[name]
        self._stop(guest)
        self.steps.append(lambda: self.run(guest))

    def _stop(self, guest: Guest) -> None:
        del self.guests[guest.vm.name]
        self._running(guest, -1)

    def _running(self, guest: Guest, sign: int) -> None:
        if sign > 0:
            self.largest = max(self.largest, guest.vm.disk)
        elif guest.vm.disk == self.largest:
            self.largest = max((other.vm.disk for other in self.guests.values()), default=0)
        self.left[:, guest.home] -= sign * guest.demand
        self.worst[guest.home] -= sign * guest.demand[DISK]
        for group in guest.vm.groups:
            tally(self.beside.setdefault(group, {}), guest.home, sign)
        for row in guest.chain:
            for failure in guest.failures:
                tally(self.asked[row], failure, sign)

    def place(self, name: str, failure: int, server: int) -> None:
        """Rebuild a VM, which has no target in a failure, on a server."""
        guest = self.guests[name]
        self.target_before.setdefault((failure, name), None)
        self._change_target(guest, failure, server, 1)
        self.steps.append(lambda: self._change_target(guest, failure, server, -1))

    def take(self, name: str, failure: int) -> int:
        """Take a VM off its target in a failure; give the server."""
        guest = self.guests[name]
        server = guest.targets[failure]
        self.target_before.setdefault((failure, name), server)
        self._change_target(guest, failure, server, -1)
        self.steps.append(lambda: self._change_target(guest, failure, server, 1))
        return server

    def _change_target(self, guest: Guest, failure: int, server: int, sign: int) -> None:
        name, there = guest.vm.name, self.rebuilt[failure]
        if sign > 0:
            guest.targets[failure] = server
            there.setdefault(server, {})[name] = None
        else:
            del guest.targets[failure]
            del there[server][name]
            if not there[server]:
                del there[server]
        self.left[failure, server] -= sign * guest.demand
        if guest.demand[DISK]:
            self.worst[server] = self.left[:, server, DISK].min()
        for group in guest.vm.groups:
            tally(self.taken.setdefault((failure, group), {}), server, sign)
        weight = sign * self.site.parts[failure]
        for row in guest.chain:
            count = tally(self.users.setdefault((failure, row), {}), server, sign)
            if weight and count == (1 if sign > 0 else 0):
                tally(self.serves[row], server, weight)
                self.sent += weight * int(self.missing[row, server])

    def keep(self, row: int, server: int, spans: Sequence[Span]) -> None:
        """Store ranges of a diff on a server; those that it stores already change nothing."""
        self.put(row, server, joined([*self.kept[row].get(server, ()), *spans]))

    def put(self, row: int, server: int, spans: Spans) -> None:
        """Say anew what a server stores of a diff."""
        before = self.kept[row].get(server, ())
        self.kept_before.setdefault((row, server), before)
        self._put(row, server, spans)
        self.steps.append(lambda: self._put(row, server, before))

    def _put(self, row: int, server: int, spans: Spans) -> None:
        kept = self.kept[row]
        more = bytes_of(spans) - bytes_of(kept.pop(server, ()))
        self.held[server].discard(row)
        if spans:
            kept[server] = spans
            self.held[server].add(row)
        self.stored[server] += more
        self.left[:, server, DISK] -= more
        self.worst[server] -= more
        if server not in self.resident[row]:
            self.missing[row, server] -= more
            self.sent -= more * self.serves[row].get(server, 0)
