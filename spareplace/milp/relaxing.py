"""The block of storage in bytes: how many of each diff a server keeps, not which.

Whoever cuts diffs into pieces keeps every row here, so the model is a relaxation for every number
of pieces, and far smaller than the one with pieces: its only choices are the targets of rebuilds.
"""

from __future__ import annotations

import numpy as np

from spareplace.amounts import DISK
from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft
from spareplace.milp.storing import (
    add_whole,
    keepers,
    pieces_of,
    survive,
    to_store,
    within_disk,
)
from spareplace.placement import least_piece


def add_bytes(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels, *, max_pieces: int
) -> None:
    """Add ``part[d,0,s]``, the bytes of a diff that a server keeps, with survival and disk.

    Diffs that may not be cut are kept as in the exact model.
    """
    dependents = instance.dependents()
    cut = []
    for diff in to_store(instance, dependents):
        if pieces_of(instance, diff, max_pieces) > 1:
            cut.append(diff)
            _add_parts(draft, columns, instance, labels, diff)
        else:
            add_whole(draft, columns, instance, labels, diff)
    survive(draft, columns, instance, labels, dependents, but=cut)
    within_disk(draft, columns, instance, labels)


def _add_parts(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels, diff: int
) -> None:
    """Add the bytes of a diff; as many as it has outlive every failure that asks for them."""
    size = instance.size[diff]
    kept: dict[int, int] = {}
    for server in keepers(draft, instance, diff, least_piece(size)):
        name = label("part", labels.diff[diff], 0, labels.server[server])
        most = size if draft.elastic else min(size, int(instance.free[server, DISK]))
        kept[server] = columns.part[diff, 0, server] = draft.amount(name, 0, most)
    stated: set[tuple[int, ...]] = set()
    for failure in instance.asked[diff]:
        up = tuple(column for server, column in kept.items() if not instance.down[failure, server])
        if up not in stated:
            stated.add(up)
            name = label("cover", labels.failure[failure], labels.diff[diff], 0)
            draft.at_least(name, [(column, 1) for column in up], size)
    _twice(draft, instance, labels, diff, kept)


def _twice(
    draft: Draft, instance: Instance, labels: Labels, diff: int, kept: dict[int, int]
) -> None:
    """Say that what one of the failures can take is kept twice, as ``cover`` alone does not.

    A server inside a failure that asks for the diff is not enough for any byte of it: so each is
    on one server outside of all of them, or on two inside.
    """
    inside = {
        server
        for failure in instance.asked[diff]
        for server in np.flatnonzero(instance.down[failure]).tolist()
    }
    if len(instance.asked[diff]) > 1:
        terms = [(column, 1 if server in inside else 2) for server, column in kept.items()]
        draft.at_least(label("twice", labels.diff[diff]), terms, 2 * instance.size[diff])
