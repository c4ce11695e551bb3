"""The block of storage: whole, duplicated and split diffs, survival, and the disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from spareplace.amounts import DISK
from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft, Limit, Term
from spareplace.placement import least_piece


def add_storage(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels, *, max_pieces: int
) -> None:
    """Add what may be kept where, and the rules of survival and disk."""
    dependents = instance.dependents()
    for diff in to_store(instance, dependents):
        pieces = pieces_of(instance, diff, max_pieces)
        if pieces > 1:
            servers = keepers(draft, instance, diff, least_piece(instance.size[diff]))
            # Bytes that the same servers keep are one piece, wherever they lie.
            pieces = min(pieces, 2 ** len(servers))
        if pieces > 1:
            _add_pieces(draft, columns, instance, labels, diff, pieces, servers)
        else:
            add_whole(draft, columns, instance, labels, diff)
    survive(draft, columns, instance, labels, dependents)
    within_disk(draft, columns, instance, labels)


def to_store(instance: Instance, dependents: Iterable[int]) -> list[int]:
    """List the diffs that a VM may need, or of which a copy has to survive."""
    survivors = (diff for diff, failures in enumerate(instance.asked) if failures)
    return list(dict.fromkeys([*dependents, *survivors]))


def pieces_of(instance: Instance, diff: int, max_pieces: int) -> int:
    """Give into how many pieces a diff may be cut."""
    size = instance.size[diff]
    if diff in instance.uncut:
        return 1
    return max(1, min(max_pieces, size // max(least_piece(size), 1)))


def keepers(draft: Draft, instance: Instance, diff: int, least: int) -> list[int]:
    """List the servers that may keep a diff, and have room for that many bytes."""
    room = (instance.free[:, DISK] >= (0 if draft.elastic else least)).astype(bool)
    servers = np.flatnonzero(instance.keeps & ~instance.resident[diff] & room)
    return [int(server) for server in servers]


def add_whole(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels, diff: int
) -> None:
    """Let the diff be kept in whole copies only."""
    for server in keepers(draft, instance, diff, instance.size[diff]):
        name = label("keep", labels.diff[diff], 0, labels.server[server])
        columns.keep[diff, 0, server] = draft.choose(name)


def _add_pieces(
    draft: Draft,
    columns: Columns,
    instance: Instance,
    labels: Labels,
    diff: int,
    pieces: int,
    servers: Sequence[int],
) -> None:
    """Cut the diff into pieces that shrink; a piece that is not used has no bytes."""
    size, least = instance.size[diff], least_piece(instance.size[diff])
    for number in range(pieces):
        names = (labels.diff[diff], number)
        used = draft.amount(label("used", *names), int(number == 0), 1, choice=True)
        piece = draft.amount(label("piece", *names), 0, size // (number + 1))
        columns.used[diff, number], columns.piece[diff, number] = used, piece
        draft.at_least(label("least", *names), [(piece, 1), (used, -least)], 0)
        draft.at_most(label("empty", *names), [(piece, 1), (used, -size)], 0)
        if number:
            before = columns.piece[diff, number - 1]
            draft.at_most(label("order", *names), [(piece, 1), (before, -1)], 0)
        for server in servers:
            _add_part(draft, columns, labels, (diff, number, server), size)
    whole = [(columns.piece[diff, number], 1) for number in range(pieces)]
    draft.equal(label("whole", labels.diff[diff]), whole, size)


def _add_part(
    draft: Draft, columns: Columns, labels: Labels, key: tuple[int, int, int], size: int
) -> None:
    """Say ``part = piece x keep`` by rows."""
    diff, number, server = key
    names = (labels.diff[diff], number, labels.server[server])
    piece, used = columns.piece[diff, number], columns.used[diff, number]
    keep = columns.keep[key] = draft.choose(label("keep", *names))
    part = columns.part[key] = draft.amount(label("part", *names), 0, draft.upper[piece])
    draft.at_most(label("exists", *names), [(keep, 1), (used, -1)], 0)
    draft.at_most(label("within", *names), [(part, 1), (piece, -1)], 0)
    draft.at_most(label("kept", *names), [(part, 1), (keep, -size)], 0)
    draft.at_least(label("entire", *names), [(part, 1), (piece, -1), (keep, -size)], -size)


def survive(
    draft: Draft,
    columns: Columns,
    instance: Instance,
    labels: Labels,
    dependents: dict[int, list[tuple[int, int]]],
    *,
    but: Collection[int] = (),
) -> None:
    """Rule 1: of every piece a copy survives every failure that asks for it.

    For all diffs but those given.
    """
    keeping: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (diff, number, server), column in columns.keep.items():
        keeping.setdefault((diff, number), []).append((server, column))
    for diff, failures in enumerate(instance.asked):
        if diff in but:
            continue
        users = _by_failure(dependents.get(diff, ()))
        stated: set[tuple[int, ...]] = set()
        for failure in failures:
            names = (labels.failure[failure], labels.diff[diff])
            wanted = []
            if (diff, failure) not in instance.fixed:
                vms = users.get(failure, [])
                wanted = _add_wanted(draft, columns, names, (failure, diff), vms)
            for number in range(pieces_in(columns, diff)):
                up = [
                    (server, column)
                    for server, column in keeping.get((diff, number), ())
                    if not instance.down[failure, server]
                ]
                copies = tuple(column for _, column in up)
                if wanted or copies not in stated:
                    used = columns.used.get((diff, number))
                    conditions = wanted if used is None else [*wanted, used]
                    terms = [(column, 1) for column in copies]
                    terms += [(column, -1) for column in conditions]
                    draft.at_least(label("survive", *names, number), terms, 1 - len(conditions))
                    if used is not None:
                        parts = [columns.part[diff, number, server] for server, _ in up]
                        _cover(draft, columns, instance, (*names, number), diff, parts, wanted)
                if not wanted:
                    stated.add(copies)


def _by_failure(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    users: dict[int, list[int]] = {}
    for failure, vm in pairs:
        users.setdefault(failure, []).append(vm)
    return users


def _cover(
    draft: Draft,
    columns: Columns,
    instance: Instance,
    names: tuple[str, str, int],
    diff: int,
    parts: list[int],
    wanted: list[int],
) -> None:
    """Say survival in bytes too: implied by whole choices, but not by fractions of them."""
    size = instance.size[diff]
    terms = [(part, 1) for part in parts] + [(columns.piece[diff, names[2]], -1)]
    terms += [(column, -size) for column in wanted]
    draft.at_least(label("cover", *names), terms, -size * len(wanted))


def pieces_in(columns: Columns, diff: int) -> int:
    """Give how many pieces of a diff the model has."""
    number = 1
    while (diff, number) in columns.used:
        number += 1
    return number


def _add_wanted(
    draft: Draft,
    columns: Columns,
    names: tuple[str, str],
    key: tuple[int, int],
    vms: list[int],
) -> list[int]:
    """Where VMs may be skipped: add a choice that is 1 unless all dependents are."""
    skips = [columns.skip[key[0], vm] for vm in vms if (key[0], vm) in columns.skip]
    if not skips:
        return []
    wanted = columns.wanted[key] = draft.choose(label("wanted", *names))
    for skip in skips:
        count = draft.upper[skip]  # more than 1 where a VM stands for several
        draft.at_least(label("wants", *names, skip), [(wanted, count), (skip, 1)], count)
    return [wanted]


def within_disk(draft: Draft, columns: Columns, instance: Instance, labels: Labels) -> None:
    """Rule 3, without any failure by the bounds of ``stored[s]``, and in each failure by rows."""
    kept: dict[int, list[Term]] = {}
    for key in columns.keep | columns.part:
        whole = key not in columns.part
        term = (columns.keep[key], instance.size[key[0]]) if whole else (columns.part[key], 1)
        kept.setdefault(key[2], []).append(term)
    for server, terms in kept.items():
        free = int(instance.free[server, DISK])
        name = label("stored", labels.server[server])
        most = sum(size * draft.upper[column] for column, size in terms)
        stored = draft.amount(name, 0, most if draft.elastic else min(most, free))
        columns.stored[server] = stored
        draft.equal(name, [*terms, (stored, -1)], 0)
        calm = Limit(failure=None, server=server, resource="disk", available=free)
        draft.capacity(label("disk", labels.server[server]), [(stored, 1)], calm)
    for (failure, server), users in columns.users().items():
        terms = [
            (column, int(instance.demand[vm, DISK]))
            for vm, column in users
            if instance.demand[vm, DISK]
        ]
        if terms and server in columns.stored:
            terms.append((columns.stored[server], 1))
        free = int(instance.free[server, DISK])
        limit = Limit(failure=failure, server=server, resource="disk", available=free)
        draft.capacity(label("disk", labels.failure[failure], labels.server[server]), terms, limit)
