"""What can go wrong, as exceptions that carry the same facts as data.

::

    SpareplaceError
    ├── InvalidInput        the cluster, the plan or an option is not usable      (ValueError)
    ├── Infeasible          proven: no plan protects every VM in every failure
    ├── NoPlan              the method ended, or was stopped, without a plan
    ├── OtherCluster        the plan was made for a cluster that is not this one  (ValueError)
    ├── SolverUnavailable   the solver asked for is not installed or cannot load
    └── Defect              a promise of this library was broken: please report it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

PROBLEMS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input.

    Parameters
    ----------
    path
        Where, as a path from the root: ``$.vms[3].server``.
    found
        What stands there.
    expected
        What was expected there.
    hint
        What was probably meant, or what to do next. May be empty.
    """

    path: str
    found: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: found {self.found}, expected {self.expected}"
        return f"{text}; {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """One reason why a cluster cannot be protected.

    Parameters
    ----------
    failure
        The failure in which it is short, or ``None`` if it is short without any.
    server
        The server that is short, or ``None`` for all surviving servers together.
    resource
        ``"disk"``, the name of a resource, or the rule that leaves no server:
        ``"anti-affinity"``, ``"allowed servers"``, ``"survivors"``.
    needed, available
        Amounts of the resource; bytes for disk. Available is what the running VMs leave, below
        0 where they take too much already.
    vms
        The VMs that cannot be rebuilt because of it, if they are known.
    """

    failure: str | None
    server: str | None
    resource: str
    needed: Decimal
    available: Decimal
    vms: tuple[str, ...] = ()

    @property
    def missing(self) -> Decimal:
        """By how much the resource is short."""
        return Context(prec=200).subtract(self.needed, self.available)

    def __str__(self) -> str:
        who_lacks = f"server {self.server!r} lacks"
        where = who_lacks if self.server else "all surviving servers together lack"
        when = f"failure {self.failure!r}" if self.failure else "without any failure"
        who = f" (for {_listed(self.vms)})" if self.vms else ""
        return (
            f"{when}: {where} {self.missing:f} of {self.resource}: "
            f"needed {self.needed:f}, available {self.available:f}{who}"
        )


class SpareplaceError(Exception):
    """The root of every exception that this library raises on purpose."""


class InvalidInput(SpareplaceError, ValueError):
    """An input is not usable; `problems` lists everything that is wrong with it.

    Parameters
    ----------
    problems
        At least one.
    source
        The file or value that was read, for the message. May be empty.
    """

    def __init__(self, problems: Sequence[Problem], source: str = "") -> None:
        super().__init__(problems, source)
        self.problems = tuple(problems)
        self.source = source

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:PROBLEMS_SHOWN]]
        if len(self.problems) > PROBLEMS_SHOWN:
            lines.append(f"and {len(self.problems) - PROBLEMS_SHOWN} more problems")
        return "\n".join(f"{self.source}: {line}" if self.source else line for line in lines)


class Infeasible(SpareplaceError):
    """No plan protects every VM in every failure, and that is proven.

    Parameters
    ----------
    shortages
        What is short, where, in which failure and by how much. May be empty when only the
        combination is impossible and no amount of one resource would mend it.
    """

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__(shortages)
        self.shortages = tuple(shortages)

    def __str__(self) -> str:
        lines = ["no plan protects every VM in every failure:"]
        lines += [f"  {shortage}" for shortage in self.shortages[:PROBLEMS_SHOWN]]
        if len(self.shortages) > PROBLEMS_SHOWN:
            lines.append(f"  and {len(self.shortages) - PROBLEMS_SHOWN} more shortages")
        lines.append("add what is missing, or allow VMs to be left unprotected")
        return "\n".join(lines)


class NoPlan(SpareplaceError):
    """The method ended without a plan and without a proof that there is none.

    Parameters
    ----------
    reason
        Why it ended, and what to try next.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OtherCluster(SpareplaceError, ValueError):
    """A plan was made for a cluster that is not the one given with it.

    Parameters
    ----------
    expected, found
        The ``cluster_sha256`` of the cluster given, and the one in the plan.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return (
            f"the plan is of another cluster: its cluster_sha256 is {self.found}, "
            f"expected {self.expected}; make a new plan for this cluster"
        )


class SolverUnavailable(SpareplaceError):
    """The solver asked for cannot be used here.

    Parameters
    ----------
    solver
        Its name.
    why
        The reason, and what would make it available.
    """

    def __init__(self, solver: str, why: str) -> None:
        super().__init__(solver, why)
        self.solver = solver
        self.why = why

    def __str__(self) -> str:
        return f"solver {self.solver!r} is not available: {self.why}"


class Defect(SpareplaceError):
    """A promise of this library was broken. Nothing wrong was returned; please report it.

    Parameters
    ----------
    what
        What was found, in one sentence.
    details
        The findings, one by one.
    """

    def __init__(self, what: str, details: Sequence[str] = ()) -> None:
        super().__init__(what, details)
        self.what = what
        self.details = tuple(details)

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.what}; this is a defect of spareplace, please report it"]
            + [f"  {detail}" for detail in self.details]
        )


def _listed(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
