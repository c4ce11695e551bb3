"""The rules on a placement under change: after each change only what it touches is judged anew.

What is judged anew is judged by the rules of the full check, on a ground of what was touched alone.
Left out are ``stored-limit``, ``transfers`` and ``figures``, which are about a plan as it is
written. The expected transfer is counted along, in a way of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from fractions import Fraction

from spareplace.cluster import Cluster
from spareplace.placement import DEFAULT_MAX_PIECES, Plan, Unprotected
from spareplace.verify.delta import Delta
from spareplace.verify.layout import Layout
from spareplace.verify.touched import (
    judge_diff,
    judge_disk,
    judge_failure,
    judge_guests,
    judge_strangers,
    judge_survival,
)
from spareplace.verify.violation import Violation


class Ledger:
    """What a placement breaks, kept up to date.

    Examples
    --------
    >>> from spareplace.parts import VM, Server
    >>> from spareplace.placement import Rebuild
    >>> cluster = Cluster(servers=(Server(name="a", disk=50), Server(name="b", disk=50)))
    >>> ledger = Ledger(cluster)
    >>> news = Delta(vms=(VM(name="web", server="a"),),
    ...              rebuilds={"a": (Rebuild(vm="web", server="a"),)})
    >>> [violation.rule for violation in ledger.apply(news)]
    ['targets']
    """

    __slots__ = ("_found", "_layout", "_room", "_surviving", "_undo", "max_pieces")

    def __init__(self, cluster: Cluster, max_pieces: int = DEFAULT_MAX_PIECES) -> None:
        self.max_pieces = max_pieces
        self._layout = Layout(cluster)
        self._found: dict[tuple[str, str], tuple[Violation, ...]] = {}
        self._room: dict[tuple[str, str], dict[str | None, list[Violation]]] = {}
        self._surviving: dict[str, dict[str, Violation]] = defaultdict(dict)
        self._undo: Delta | None = None

    @staticmethod
    def of(cluster: Cluster, plan: Plan, *, max_pieces: int = DEFAULT_MAX_PIECES) -> Ledger:
        """Lay out a cluster and a plan, and judge all of it.

        Parameters
        ----------
        cluster, plan
            What stands. Of the plan, what it decides. Recoveries for failures that the cluster
            does not have are left out.
        max_pieces
            Into how many pieces a diff may be cut.
        """
        ledger = Ledger(cluster, max_pieces)
        failures = {failure.name for failure in cluster.failures}
        ledger.apply(
            Delta(
                diffs=cluster.diffs,
                vms=cluster.vms,
                added=plan.stored,
                rebuilds={
                    recovery.failure: recovery.rebuilds
                    for recovery in plan.recoveries
                    if recovery.failure in failures
                },
                unprotected=plan.unprotected,
            )
        )
        return ledger

    @property
    def expected(self) -> Fraction:
        """The expected transfer of what stands."""
        return self._layout.expected

    @property
    def unprotected(self) -> tuple[Unprotected, ...]:
        """The pairs that are given up."""
        return self._layout.unprotected

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All that is broken now, in no order."""
        return (
            *(one for some in self._found.values() for one in some),
            *(one for there in self._room.values() for some in there.values() for one in some),
            *(one for some in self._surviving.values() for one in some.values()),
        )

    def apply(self, delta: Delta) -> tuple[Violation, ...]:
        """Take a change in, judge what it touches, and give all that is broken now.

        Parameters
        ----------
        delta
            The change. The cluster must still fit together after it: chains end at masters, VMs
            run on servers that exist.
        """
        self._undo = self._inverse(delta)
        self._take(delta)
        return self.violations

    def take_back(self) -> None:
        """Return to what stood before the last change; only once for each."""
        assert self._undo is not None, "there is no change to take back"
        delta, self._undo = self._undo, None
        self._take(delta)

    def _take(self, delta: Delta) -> None:
        layout = self._layout
        touched = layout.change(delta)
        everywhere = layout.failures.keys()
        for server in touched.servers | touched.stores | touched.places.keys():
            some: Set[str] = touched.places.get(server, set())
            if server in touched.servers:
                some = everywhere
            if some:
                self._note_room("guests", server, some, judge_guests(layout, server, some))
            if server in touched.stores:
                some = everywhere
            self._note_room("disk", server, some, judge_disk(layout, server, some))
        surviving = dict(touched.asked)
        for diff in touched.diffs:
            self._note("diff", diff, judge_diff(layout, diff, self.max_pieces))
            for failure in layout.asking.get(diff, ()):
                surviving.setdefault(failure, set()).add(diff)
        for failure, diffs in surviving.items():
            self._note_survival(failure, diffs)
        for failure in touched.failures:
            self._note("failure", failure, judge_failure(layout, failure))
        self._note("strangers", "", judge_strangers(layout))

    def _note(self, kind: str, name: str, broken: tuple[Violation, ...]) -> None:
        if broken:
            self._found[kind, name] = broken
        else:
            self._found.pop((kind, name), None)

    def _note_room(
        self, kind: str, server: str, failures: Set[str], broken: tuple[Violation, ...]
    ) -> None:
        """Note what is broken on a server, without a failure and in some."""
        there = self._room.pop((kind, server), {})
        found: dict[str | None, list[Violation]] = {
            at: some for at, some in there.items() if at is not None and at not in failures
        }
        for one in broken:
            found.setdefault(one.failure, []).append(one)
        if found:
            self._room[kind, server] = found

    def _note_survival(self, failure: str, diffs: set[str]) -> None:
        """Judge some diffs, and those that did not survive: another VM may ask for them now."""
        lost = self._surviving.pop(failure, {})
        for broken in judge_survival(self._layout, failure, diffs | lost.keys()):
            self._surviving[failure][broken.item] = broken

    def _inverse(self, delta: Delta) -> Delta:
        """Give the change that takes another one back."""
        layout = self._layout
        coming_vms = [vm.name for vm in delta.vms]
        coming_diffs = [diff.name for diff in delta.diffs]
        return Delta(
            diffs=tuple(
                layout.diffs[name]
                for name in (*delta.gone_diffs, *coming_diffs)
                if name in layout.diffs
            ),
            vms=tuple(
                layout.vms[name] for name in (*delta.gone_vms, *coming_vms) if name in layout.vms
            ),
            gone_diffs=tuple(name for name in coming_diffs if name not in layout.diffs),
            gone_vms=tuple(name for name in coming_vms if name not in layout.vms),
            added=delta.removed,
            removed=delta.added,
            rebuilds={
                failure: layout.outages[failure].recovery.rebuilds
                for failure in delta.rebuilds
                if failure in layout.failures
            },
            unprotected=layout.unprotected,
        )
