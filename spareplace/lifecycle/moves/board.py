"""The state of a change half done: who holds what, who lacks what, and how much room is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from operator import attrgetter

from spareplace.cluster import Cluster
from spareplace.lifecycle.moves.asking import Asking
from spareplace.lifecycle.moves.losing import Lost
from spareplace.lifecycle.moves.ranges import Range
from spareplace.lifecycle.moves.steps import Action, Step

in_order = attrgetter("order")


class Board:
    """What is stored now and what is still to be done. Servers are numbers.

    Parameters
    ----------
    cluster, asking
        What the moves are for.
    ranges
        All that is stored or is to be stored, in order.
    lost
        By diff, the failures that the end does not survive: nothing has to be kept for them.
    room
        The bytes that each server has left; below 0 where it is over.
    """

    def __init__(
        self,
        cluster: Cluster,
        asking: Asking,
        ranges: Iterable[Range],
        lost: Lost,
        room: list[int],
    ) -> None:
        self.names = [server.name for server in cluster.servers]
        self.accepting = [server.accept_extents for server in cluster.servers]
        self.asking = asking
        self.lost: Mapping[str, frozenset[int]] = lost
        self.room = room
        count = len(self.names)
        self.wanting: list[dict[Range, None]] = [{} for _ in range(count)]
        self.leaving: list[dict[Range, None]] = [{} for _ in range(count)]
        self.staying: list[dict[Range, None]] = [{} for _ in range(count)]
        self.unsure: list[dict[Range, None]] = [{} for _ in range(count)]
        self.lacking = [0] * count
        self.sent = [0] * count
        self.steps: list[Step] = []
        self.done = 0
        self.touched: dict[int, None] = {}
        self.fresh: dict[Range, None] = {}
        for here in ranges:
            self._enter(here)

    def starves(self, server: int) -> bool:
        """Tell whether a server lacks the room for all that it still wants."""
        return self.lacking[server] > self.room[server]

    def senders(self, here: Range) -> set[int]:
        """Give the servers that can send bytes now."""
        return self.asking.senders(here.diff, here.holders)

    def safe(self, here: Range, server: int, with_too: int | None = None) -> bool:
        """Tell whether nothing is lost when a server deletes bytes.

        They must still survive every failure that they survive now, and there must be somebody
        to send them to whoever still wants them.

        Parameters
        ----------
        here
            The bytes.
        server
            Who would delete them.
        with_too
            A server to be counted as a holder, too.
        """
        too = () if with_too is None else (with_too,)
        return self.safe_of(here, here.holders.union(too), server)

    def safe_of(self, here: Range, holders: Set[int], server: int) -> bool:
        """Tell whether one of some holders may delete bytes; see `safe`."""
        others = holders - {server}
        if not here.goal <= others and not self.asking.senders(here.diff, others):
            return False
        survived = self.asking.failures[server] | self.lost.get(here.diff, frozenset())
        return all(failure in survived for failure in self.asking.lost(here.diff, others))

    def unlocks(self, here: Range, server: int) -> bool:
        """Tell whether a server without room may delete bytes once another has a copy."""
        return any(
            self.starves(holder) and self.safe(here, holder, with_too=server)
            for holder in here.holders - here.goal
        )

    def copy(self, here: Range, server: int) -> None:
        """Copy bytes to a server that has the room."""
        source = self._source(here, server)
        self.sent[source] += 0 if source == server else here.size
        self._note("copy", here, server, source)
        here.holders.add(server)
        self.room[server] -= here.size
        if server in here.goal:
            self.lacking[server] -= here.size
            del self.wanting[server][here]
            self.staying[server][here] = None
        else:
            self.leaving[server][here] = None
        for holder in here.holders - here.goal:
            self.unsure[holder][here] = None
        self.fresh[here] = None
        self.touched |= dict.fromkeys(sorted(here.goal | here.holders))

    def delete(self, here: Range, server: int) -> None:
        """Delete bytes from a server; those that it has to hold in the end, it wants again."""
        self._note("delete", here, server, None)
        here.holders.remove(server)
        self.room[server] += here.size
        if server in here.goal:
            self.lacking[server] += here.size
            del self.staying[server][here]
            self.wanting[server][here] = None
        else:
            del self.leaving[server][here]
            self.unsure[server].pop(here, None)
        self.touched[server] = None

    def cut(self, here: Range, size: int) -> None:
        """Make the first bytes of a range one of their own."""
        if size == here.size:
            return
        rest = here.cut(size)
        for server in sorted(here.goal | here.holders):
            self._list(rest, server)
            if here not in self.unsure[server]:
                self.unsure[server].pop(rest, None)
        if here in self.fresh:
            self.fresh[rest] = None

    def make_room(self, server: int) -> None:
        """Delete what a server need not hold and may delete, until it has room for all it wants."""
        for here in sorted(self.unsure[server], key=in_order):
            if not self.starves(server):
                return
            if self.safe(here, server):
                self.delete(here, server)
            else:
                del self.unsure[server][here]  # until there is another copy

    def sweep(self) -> None:
        """Delete everywhere what need not be held and may be deleted."""
        places = [(it, here.order, here) for here in self.fresh for it in here.holders - here.goal]
        for server, _, here in sorted(places, key=lambda place: place[:2]):
            if self.safe(here, server):
                self.delete(here, server)
        self.fresh.clear()

    def _enter(self, here: Range) -> None:
        for server in sorted(here.goal | here.holders):
            self._list(here, server)
            if server not in here.holders:
                self.lacking[server] += here.size
        self.fresh[here] = None

    def _list(self, here: Range, server: int) -> None:
        if server not in here.holders:
            self.wanting[server][here] = None
        elif server in here.goal:
            self.staying[server][here] = None
        else:
            self.leaving[server][here] = None
            self.unsure[server][here] = None

    def _source(self, here: Range, target: int) -> int:
        """Choose who sends: the target itself, or who has sent least; one for ranges in a row."""
        senders = self.senders(here)
        if target in senders:
            return target
        last = self.steps[-1] if self.steps else None
        place = ("copy", here.diff, self.names[target], here.start)
        if last and (last.action, last.diff, last.server, last.stop) == place:
            before = [sender for sender in senders if self.names[sender] == last.source]
            if before:
                return before[0]
        return min(senders, key=lambda sender: (self.sent[sender], sender))

    def _note(self, action: Action, here: Range, server: int, source: int | None) -> None:
        step = Step(
            action=action,
            diff=here.diff,
            server=self.names[server],
            start=here.start,
            stop=here.stop,
            source=None if source is None else self.names[source],
        )
        self.done += 1
        last = self.steps[-1] if self.steps else None
        if last and replace(last, start=step.start, stop=step.stop) == step:
            if last.stop == step.start:
                self.steps[-1] = replace(last, stop=step.stop)
                return
            if step.stop == last.start:
                self.steps[-1] = replace(last, start=step.start)
                return
        self.steps.append(step)
