"""The block of transfers: what a target needs and does not keep, and what that costs."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft, Term


def add_transfers(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels
) -> list[tuple[int, Fraction]]:
    """Add ``need[f,d,s]`` and ``fetch[f,d,s]``; give the objective in bytes, by column.

    Failures of weight 0 cost nothing and get no columns.
    """
    _add_needs(draft, columns, instance, labels)
    parts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (diff, _, server), column in columns.part.items():
        parts[diff, server].append(column)
    for key, need in columns.need.items():
        failure, diff, server = key
        size = instance.size[diff]
        names = (labels.failure[failure], labels.diff[diff], labels.server[server])
        if (diff, server) in parts:
            fetch = columns.fetch[key] = draft.amount(label("fetch", *names), 0, size)
            held: list[Term] = [(column, 1) for column in parts[diff, server]]
            draft.at_least(label("missing", *names), [(fetch, 1), (need, -size), *held], 0)
            columns.missing[key] = (fetch, 1)
        elif (diff, 0, server) in columns.keep:
            fetch = columns.fetch[key] = draft.amount(label("fetch", *names), 0, 1)
            keep = columns.keep[diff, 0, server]
            draft.at_least(label("missing", *names), [(fetch, 1), (need, -1), (keep, 1)], 0)
            columns.missing[key] = (fetch, size)
        else:
            columns.missing[key] = (need, size)
    return [
        (column, instance.weight[failure] * bytes_)
        for (failure, _, _), (column, bytes_) in columns.missing.items()
    ]


def _add_needs(draft: Draft, columns: Columns, instance: Instance, labels: Labels) -> None:
    """Let each rebuild ask for its last diff, and each diff for the next above it.

    Resident diffs are passed over: they never have to be fetched.
    """
    linked: set[tuple[int, int]] = set()
    for (failure, vm, server), column in columns.rebuild.items():
        if not instance.weight[failure]:
            continue
        asking = column
        for diff in reversed(instance.chain[vm]):
            if instance.resident[diff, server]:
                continue
            key = (failure, diff, server)
            known = key in columns.need
            if not known:
                names = (labels.failure[failure], labels.diff[diff], labels.server[server])
                columns.need[key] = draft.amount(label("need", *names), 0, 1)
            need = columns.need[key]
            if (asking, need) not in linked:
                linked.add((asking, need))
                name = f"{draft.columns[asking]} needs {labels.diff[diff]}"
                most = draft.upper[asking]  # more than 1 where a VM stands for several
                draft.choice[need] |= most > 1
                draft.at_least(name, [(need, most), (asking, -1)], 0)
            if known:
                break  # what it builds on was asked for when it was
            asking = need
