"""What can go wrong, as exceptions that carry the same facts as data.

::

    SpareplaceError
    ├── InvalidInput        the cluster, the plan or an option is not usable      (ValueError)
    ├── Infeasible          proven: no plan protects every VM in every failure
    ├── NoPlan              the method ended, or was stopped, without a plan
    ├── NoRoom              no order of moves was found in which every step has room
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
        ``"disk"``, the name of a resource, ``"stored_limit"``, ``"move_limit"``, or the rule that
        leaves no server: ``"anti-affinity"``, ``"allowed servers"``, ``"servers that accept
        rebuilds"``, ``"survivors"``.
    needed, available
        Amounts of the resource; bytes for disk. Available is what the running VMs leave, below
        0 where they take too much already.
    vms
        The VMs that cannot be rebuilt because of it, if they are known. Behind a server: they
        fit on none, and this one comes nearest.
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
        when = f"failure {self.failure!r}" if self.failure else "without any failure"
        who = f" (for {_listed(self.vms)})" if self.vms else ""
        if self.resource in _RULES:
            return f"{when}: {_RULES[self.resource]}{who}"
        if self.resource in ("stored_limit", "move_limit"):
            return (
                f"{self.resource} is {self.missing:,f} bytes too low: "
                f"needed {self.needed:,f}, found {self.available:,f}"
            )
        lacking = f"server {self.server!r} lacks"
        where = lacking if self.server else "all surviving servers together lack"
        return (
            f"{when}: {where} {self.missing:,f} of {self.resource}: "
            f"needed {self.needed:,f}, available {self.available:,f}{who}"
        )


_RULES = {
    "survivors": "no server survives",
    "servers that accept rebuilds": "no surviving server accepts rebuilds",
    "allowed servers": "no surviving server that is allowed accepts rebuilds",
    "anti-affinity": "a VM of the same group is on every server that could be the target",
}
"""What a shortage says that is not one of an amount on a server."""


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
    """No plan within the options protects every VM in every failure, and that is proven.

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
        lines.append(
            "add what is missing (more may be found short then), allow more pieces of a diff, "
            "or allow VMs to be left unprotected"
        )
        return "\n".join(lines)


class NoPlan(SpareplaceError):
    """The method ended without a plan and without a proof that there is none.

    `reason` says why it ended, `advice` what to try next; the advice may be empty.
    """

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason}; {self.advice}" if self.advice else self.reason


class NoRoom(SpareplaceError):
    """No order of moves was found in which every step has room: no proof that there is none.

    The step that lacks least copies `diff`, from `start` to `stop`, to `server`; `missing`: bytes.
    """

    def __init__(self, diff: str, server: str, start: int, stop: int, missing: int) -> None:
        super().__init__(diff, server, start, stop, missing)
        self.diff = diff
        self.server = server
        self.start = start
        self.stop = stop
        self.missing = missing

    def __str__(self) -> str:
        return (
            f"no order of moves found: to copy bytes {self.start} to {self.stop} of diff "
            f"{self.diff!r}, server {self.server!r} lacks {self.missing} bytes of disk; make "
            "room there, or on another server that accepts extents (more may be found short then)"
        )


class OtherCluster(SpareplaceError, ValueError):
    """A plan was made for a cluster that is not the one given with it.

    `expected` is the ``cluster_sha256`` of the cluster given, `found` the one in the plan.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return (
            f"the plan is of another cluster: its cluster_sha256 is {self.found}, "
            f"expected {self.expected}; make a new plan for this cluster, or give the failures "
            "that the plan was made with, in the same order"
        )


class SolverUnavailable(SpareplaceError):
    """The solver asked for cannot be used here; `why` also says what would make it available."""

    def __init__(self, solver: str, why: str) -> None:
        super().__init__(solver, why)
        self.solver = solver
        self.why = why

    def __str__(self) -> str:
        return f"solver {self.solver!r} is not available: {self.why}"


class Defect(SpareplaceError):
    """A promise of this library was broken. Nothing wrong was returned; please report it.

    `what` says in one sentence what was found, `details` lists the findings.
    """

    def __init__(self, what: str, details: Sequence[str] = ()) -> None:
        super().__init__(what, details)
        self.what = what
        self.details = tuple(details)

    def __str__(self) -> str:
        first = f"{self.what}; this is a defect of spareplace, please report it"
        return "\n".join([first, *(f"  {detail}" for detail in self.details)])


def _listed(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
