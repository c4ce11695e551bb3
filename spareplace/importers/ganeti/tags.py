"""What tags say: Ganeti's own on locations and exclusion, and ours for what it has no word for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LOCATION = "htools:nlocation:"
"""A cluster tag that names the start of the node tags which say where a node stands."""

EXCLUSION = "htools:iextags:"
"""A cluster tag that names the start of the instance tags of which a node takes each once."""

ZONE = "spareplace-zone"
GROUP = "spareplace-group"
"""The starts that an export uses."""

PRIORITY = "spareplace:priority:"
UNCOPIED = "spareplace:copy:no"
"""Instance tags of ours: how early it is protected, and that its image need not be kept."""

OTHERS = ("htools:migration:", "htools:allowmigration:", "htools:desiredlocation:")
"""Cluster tags that say what no plan keeps."""


def starts(tags: Iterable[str], prefix: str) -> list[str]:
    """Give what cluster tags name behind a prefix."""
    found = (tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix))
    return list(dict.fromkeys(start for start in found if start))


def zones_of(tags: Iterable[str], kinds: Sequence[str]) -> list[str]:
    """Give the locations of some kinds that a node's tags name.

    Examples
    --------
    >>> zones_of(["power:a", "other"], ["rack", "power"])
    ['a']
    """
    return [
        tag.removeprefix(f"{kind}:")
        for kind in kinds
        for tag in tags
        if tag.startswith(f"{kind}:") and tag != f"{kind}:"
    ]


def groups_of(tags: Iterable[str], kinds: Sequence[str]) -> tuple[str, ...]:
    """Give the exclusion groups that an instance's tags name.

    Examples
    --------
    >>> groups_of(["service:web", "spareplace-group:db", "x"], ["service", "spareplace-group"])
    ('service:web', 'db')
    """
    found = (tag for tag in tags if any(tag.startswith(kind) for kind in kinds))
    return tuple(dict.fromkeys(tag.removeprefix(f"{GROUP}:") or tag for tag in found))
