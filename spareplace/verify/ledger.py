"""The rules on a placement under change: after each change only what it touches is judged anew.

What is judged anew is judged by the rules of the full check, on a ground of what was touched alone.
Left out are ``stored-limit``, ``transfers`` and ``figures``, which are about a plan as it is
written. The expected transfer is counted along, in a way of its own.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from spareplace.cluster import Cluster
from spareplace.placement import DEFAULT_MAX_PIECES, Plan, Unprotected
from spareplace.verify.delta import Delta
from spareplace.verify.layout import Layout
from spareplace.verify.touched import (
    judge_diff,
    judge_failure,
    judge_server,
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

    __slots__ = ("_found", "_layout", "_surviving", "_undo", "max_pieces")

    def __init__(self, cluster: Cluster, max_pieces: int = DEFAULT_MAX_PIECES) -> None:
        self.max_pieces = max_pieces
        self._layout = Layout(cluster)
        self._found: dict[tuple[str, str], tuple[Violation, ...]] = {}
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
        return tuple(one for some in self._found.values() for one in some) + tuple(
            one for some in self._surviving.values() for one in some.values()
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
        for server in touched.servers:
            self._note("server", server, judge_server(layout, server))
        for diff in touched.diffs:
            self._note("diff", diff, judge_diff(layout, diff, self.max_pieces))
            for failure in layout.asking.get(diff, set()) - touched.failures:
                self._note_survival(failure, diff)
        for failure in touched.failures:
            self._note("failure", failure, judge_failure(layout, failure))
            self._surviving.pop(failure, None)
            for broken in judge_survival(layout, failure):
                self._surviving[failure][broken.item] = broken
        self._note("strangers", "", judge_strangers(layout))

    def _note(self, kind: str, name: str, broken: tuple[Violation, ...]) -> None:
        if broken:
            self._found[kind, name] = broken
        else:
            self._found.pop((kind, name), None)

    def _note_survival(self, failure: str, diff: str) -> None:
        if failure in self._surviving:
            self._surviving[failure].pop(diff, None)
        for broken in judge_survival(self._layout, failure, diff):
            self._surviving[failure][diff] = broken

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
