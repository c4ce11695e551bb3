"""Policies: by which method is planned, and whether it is replanned month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from spareplace.errors import InvalidInput, Problem
from spareplace.fields import shown
from spareplace.references import nearly

PolicyMethod: TypeAlias = Literal["greedy", "level", "search"]
"""A method that needs no time limit, so that its plans depend on the seed alone."""

REPLAN = "+replan"

POLICIES: Mapping[str, tuple[PolicyMethod, bool]] = {
    method + (REPLAN if replans else ""): (method, replans)
    for method in get_args(PolicyMethod)
    for replans in (False, True)
}
"""What a policy can be called; by which method, and whether it replans."""

DEFAULT_POLICIES = ("greedy", "level", "search", "search+replan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One way to run a cluster.

    Parameters
    ----------
    name
        As the caller wrote it: ``"search"``, or ``"search+replan"``.
    method
        By which is planned.
    replans
        Whether it is replanned at the end of each month.
    """

    name: str
    method: PolicyMethod
    replans: bool


def policies_of(names: Sequence[str]) -> tuple[Policy, ...]:
    """Make policies of their names.

    Raises
    ------
    InvalidInput
        If there is none, or one that is not known or named twice.

    Examples
    --------
    >>> [(policy.method, policy.replans) for policy in policies_of(["level", "search+replan"])]
    [('level', False), ('search', True)]
    """
    given = [names] if isinstance(names, str) else list(names)
    bad = [
        Problem(
            path=f"policies[{at}]",
            found=shown(name),
            expected=f"one of {', '.join(POLICIES)}, each once",
            hint=nearly(name, dict.fromkeys(POLICIES, "")) if isinstance(name, str) else "",
        )
        for at, name in enumerate(given)
        if name not in POLICIES or name in given[:at]
    ]
    if not given:
        bad = [Problem(path="policies", found="none", expected="at least one policy")]
    if bad:
        raise InvalidInput(bad)
    return tuple(
        Policy(name=name, method=POLICIES[name][0], replans=POLICIES[name][1]) for name in given
    )
