"""A change of a cluster and its placement, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spareplace.parts import VM, Diff
from spareplace.placement import Extent, Rebuild, Unprotected


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What a change consists of.

    Parameters
    ----------
    diffs, vms
        Those that come; one of a name that is there already replaces it.
    gone_diffs, gone_vms
        The names of those that go.
    added, removed
        Extents. Each removed one was there.
    rebuilds
        By failure, all rebuilds of those in which any changed.
    unprotected
        All pairs that are given up from now on, or ``None`` if they are the same.
    """

    diffs: tuple[Diff, ...] = ()
    vms: tuple[VM, ...] = ()
    gone_diffs: tuple[str, ...] = ()
    gone_vms: tuple[str, ...] = ()
    added: tuple[Extent, ...] = ()
    removed: tuple[Extent, ...] = ()
    rebuilds: Mapping[str, tuple[Rebuild, ...]] = field(default_factory=dict, hash=False)
    unprotected: tuple[Unprotected, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a change touches, by name.

    Parameters
    ----------
    failures, diffs
        Those that are judged anew.
    servers, stores
        Those on which what runs changed, and those on which what is stored did.
    places
        By server, the failures in which its rebuilds changed.
    asked
        By failure, the diffs that a rebuild needs now and none needed before.
    """

    failures: set[str] = field(default_factory=set)
    servers: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    diffs: set[str] = field(default_factory=set)
    places: dict[str, set[str]] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)
