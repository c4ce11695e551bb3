"""What comes and goes, and what became of it, as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from spareplace.errors import InvalidInput, Problem
from spareplace.fields import names_of
from spareplace.parts import VM, Diff
from spareplace.placement import Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What comes to a cluster, and what leaves it, in one step.

    Parameters
    ----------
    diffs
        New diffs. One that the cluster has already must be the same.
    vms
        New VMs, and those that changed: one whose name the cluster has already replaces that VM,
        because it runs elsewhere, demands something else, or is of a new generation, with
        another last diff.
    leaving_vms
        Names of VMs that go.
    leaving_diffs
        Names of diffs that go, with their extents. No VM and no diff that stays may need them.

    Raises
    ------
    InvalidInput
        If a name stands in it twice.

    Examples
    --------
    >>> newer = Registration(diffs=(Diff(name="web-2", size=5, parent="web-1"),),
    ...                      vms=(VM(name="web", server="a", diff="web-2"),))
    >>> newer.leaving_vms
    ()
    """

    diffs: tuple[Diff, ...] = ()
    vms: tuple[VM, ...] = ()
    leaving_vms: tuple[str, ...] = ()
    leaving_diffs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        for field in fields(self):
            object.__setattr__(self, field.name, tuple(getattr(self, field.name)))
        for key in ("leaving_vms", "leaving_diffs"):
            names_of(bad, key, getattr(self, key))
        bad += _twice("diffs", self.diffs, "leaving_diffs", self.leaving_diffs)
        bad += _twice("vms", self.vms, "leaving_vms", self.leaving_vms)
        if bad:
            raise InvalidInput(bad)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """A rebuild that was added, or goes to another server than before.

    Parameters
    ----------
    failure, vm
        In which failure which VM.
    server
        Where it is rebuilt from now on.
    before
        Where it was to be rebuilt until now, or ``None`` if nowhere.
    """

    failure: str
    vm: str
    server: str
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a registration changed.

    Parameters
    ----------
    added, removed
        Ranges that are stored now and were not, and those that were and are not.
    rebuilds
        Those that are new or go elsewhere, failure by failure.
    expected_transfer_bytes_before, expected_transfer_bytes_after
        The objective of the plan that stood and of the one that stands.
    seconds
        From the call to the answer, the check included.
    """

    added: tuple[Extent, ...]
    removed: tuple[Extent, ...]
    rebuilds: tuple[NewTarget, ...]
    expected_transfer_bytes_before: float
    expected_transfer_bytes_after: float
    seconds: float


def _twice(
    key: str, coming: Sequence[VM | Diff], leaving_key: str, leaving: Sequence[str]
) -> Iterator[Problem]:
    """Find names that come twice, or come and go."""
    first: dict[str, str] = {}
    for position, part in enumerate(coming):
        path = f"{key}[{position}].name"
        if first.setdefault(part.name, path) != path:
            yield Problem(
                path=path,
                found=f"{part.name!r} again",
                expected="each name once",
                hint=f"it stands first at {first[part.name]}",
            )
    for position, name in enumerate(leaving):
        if name in first:
            yield Problem(
                path=f"{leaving_key}[{position}]",
                found=repr(name)[:80],
                expected=f"a name that does not come at {first[name]}",
                hint=f"what stands in {key} replaces what there was",
            )
