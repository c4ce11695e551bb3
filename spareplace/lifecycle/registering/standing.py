"""A placement that stands, prepared for registrations; and `register` for a single one."""

from __future__ import annotations

import time
from dataclasses import replace

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import Defect, InvalidInput
from spareplace.holding import merged
from spareplace.lifecycle.registering.admission import broken_rule, problems_with
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.changes import delta_of, registered_of
from spareplace.lifecycle.registering.opening import open_books
from spareplace.lifecycle.registering.registration import Registered, Registration
from spareplace.lifecycle.registering.taking_in import take_in
from spareplace.lifecycle.registering.writing_down import placement_of
from spareplace.parts import VM, Diff
from spareplace.placement import DEFAULT_MAX_PIECES, Plan
from spareplace.recovery import expected_transfer, recoveries
from spareplace.verify import Violation, check
from spareplace.verify.ledger import Ledger


def register(
    cluster: Cluster,
    plan: Plan,
    registration: Registration,
    *,
    max_pieces: int = DEFAULT_MAX_PIECES,
) -> tuple[Cluster, Plan]:
    """Take new VMs and diffs, and leaving ones, into a plan; what is stored stays where it is.

    Only what is new is placed, and only rebuilds that it affects change. For many registrations
    one after the other, `Standing` does the same without starting anew each time.

    Parameters
    ----------
    cluster, plan
        What stands. The plan keeps every rule.
    registration
        What comes and what leaves.
    max_pieces
        Into how many pieces a diff may be cut.

    Returns
    -------
    tuple
        The cluster and the plan that stand then, the plan checked.

    Raises
    ------
    InvalidInput
        If the plan breaks a rule, or the registration does not fit to the cluster.
    OtherCluster
        If the plan is of another cluster.
    NoPlan
        If there is no room while everything else stays where it is.

    Examples
    --------
    >>> from spareplace.parts import Server
    >>> from spareplace.planning import plan
    >>> cluster = Cluster(servers=tuple(Server(name=name, disk=100) for name in "abc"))
    >>> news = Registration(diffs=(Diff(name="base", size=40),),
    ...                     vms=(VM(name="web", server="a", diff="base", disk=40),))
    >>> cluster, found = register(cluster, plan(cluster), news)
    >>> found.recovery("a").rebuilds, found.stored
    ((Rebuild(vm='web', server='b'),), (Extent(diff='base', server='b', start=0, stop=40),))
    """
    standing = Standing.of(cluster, plan, max_pieces=max_pieces)
    standing.register(registration)
    return standing.cluster, standing.plan


class Standing:
    """A cluster and its plan, prepared so that a registration takes milliseconds.

    It is not safe to use from several threads at once.

    Examples
    --------
    >>> from spareplace.parts import Server
    >>> from spareplace.planning import plan
    >>> cluster = Cluster(servers=tuple(Server(name=name, disk=100) for name in "abc"))
    >>> standing = Standing.of(cluster, plan(cluster))
    >>> news = Registration(diffs=(Diff(name="base", size=40),),
    ...                     vms=(VM(name="web", server="a", diff="base", disk=40),))
    >>> standing.register(news).rebuilds
    (NewTarget(failure='a', vm='web', server='b', before=None),)
    >>> standing.plan.expected_transfer_bytes, len(standing.cluster.vms)
    (0.0, 1)
    """

    __slots__ = (
        "_books", "_cluster", "_diffs", "_ledger", "_max_pieces", "_plan", "_seconds",
        "_seed", "_unprotected", "_vms",
    )  # fmt: skip

    def __init__(self, cluster: Cluster, plan: Plan, books: Books, ledger: Ledger) -> None:
        self._books = books
        self._ledger = ledger
        self._cluster: Cluster | None = cluster
        self._plan: Plan | None = plan
        self._diffs: dict[str, Diff] = {diff.name: diff for diff in cluster.diffs}
        self._vms: dict[str, VM] = {vm.name: vm for vm in cluster.vms}
        self._unprotected = plan.unprotected
        self._max_pieces = ledger.max_pieces
        self._seed = plan.seed
        self._seconds = plan.seconds

    @staticmethod
    def of(cluster: Cluster, plan: Plan, *, max_pieces: int = DEFAULT_MAX_PIECES) -> Standing:
        """Prepare a cluster and a plan of it.

        Parameters
        ----------
        cluster, plan
            What stands.
        max_pieces
            Into how many pieces a diff may be cut.

        Raises
        ------
        OtherCluster
            If the plan is of another cluster.
        InvalidInput
            If it breaks a rule.
        """
        broken = check(cluster, plan, max_pieces=max_pieces)
        if broken:
            raise InvalidInput([broken_rule(one) for one in broken], source="plan")
        joined = replace(plan, stored=merged(plan.stored))
        ledger = Ledger.of(cluster, joined, max_pieces=max_pieces)
        return Standing(cluster, plan, open_books(cluster, plan), ledger)

    def register(self, registration: Registration) -> Registered:
        """Take new VMs and diffs, and leaving ones, in; what is stored stays where it is.

        New and changed VMs get a target in every failure that loses them, what is new or would
        not survive for them is stored, and rebuilds that no longer fit get another target. The
        rules are judged anew where anything changed.

        Parameters
        ----------
        registration
            What comes and what leaves.

        Raises
        ------
        InvalidInput
            If it does not fit to the cluster. It lists every problem.
        NoPlan
            If there is no room while everything else stays where it is. It names what is short.
        Defect
            If a rule was broken: please report it. In every case all stands as before.
        """
        started = time.perf_counter()
        books = self._books
        problems = problems_with(registration, books.site.servers, self._diffs, self._vms)
        if problems:
            raise InvalidInput(problems, source="registration")
        before = books.expected
        try:
            take_in(books, registration, self._max_pieces)
            self._judge(registration)
            done = registered_of(books, before, started)
        except BaseException:
            books.undo()
            books.settle()
            raise
        self._settle(registration, done)
        return done

    @property
    def cluster(self) -> Cluster:
        """The cluster that stands."""
        if self._cluster is None:
            site = self._books.site
            self._cluster = Cluster(
                servers=site.servers,
                diffs=tuple(self._diffs.values()),
                vms=tuple(self._vms.values()),
                failures=site.failures,
            )
        return self._cluster

    @property
    def plan(self) -> Plan:
        """The plan that stands, its figures worked out from it and checked in full."""
        if self._plan is None:
            placement = placement_of(self._books, self._vms, self._unprotected)
            recovered = recoveries(self.cluster, placement)
            found = Plan(
                cluster_sha256=fingerprint(self.cluster),
                status="feasible",
                method="register",
                solver=None,
                seed=self._seed,
                seconds=self._seconds,
                expected_transfer_bytes=float(expected_transfer(recovered)),
                lower_bound_bytes=None,
                stored=placement.stored,
                recoveries=recovered,
                unprotected=placement.unprotected,
            )
            _refuse_broken(check(self.cluster, found, max_pieces=self._max_pieces))
            self._plan = found
        return self._plan

    def _judge(self, registration: Registration) -> None:
        """Judge the rules where anything changed; the ledger stays as it was if one is broken."""
        delta = delta_of(self._books, registration, self._unprotected)
        broken = self._ledger.apply(delta)
        if broken or self._ledger.expected != self._books.expected:
            self._ledger.take_back()
            _refuse_broken(broken)
            raise Defect("the expected transfer of a registration was not counted right")

    def _settle(self, registration: Registration, done: Registered) -> None:
        self._books.settle()
        for name in registration.leaving_vms:
            del self._vms[name]
        for name in registration.leaving_diffs:
            del self._diffs[name]
        self._vms.update((vm.name, vm) for vm in registration.vms)
        self._diffs.update((diff.name, diff) for diff in registration.diffs)
        self._unprotected = self._ledger.unprotected
        self._seconds = done.seconds
        self._cluster = self._plan = None


def _refuse_broken(broken: tuple[Violation, ...]) -> None:
    if broken:
        raise Defect("a registration broke a rule", [str(one) for one in broken])
