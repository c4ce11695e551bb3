"""From a state to values of the columns of a part's model, and back."""

from __future__ import annotations

import numpy as np

from spareplace.milp.build import Model
from spareplace.milp.columns import Columns
from spareplace.milp.model import Ints
from spareplace.milp.read import write_transfers
from spareplace.search.keeping import estimate, tidy
from spareplace.search.part import Part
from spareplace.search.state import State


def hint(state: State, part: Part, model: Model) -> Ints:
    """Give the values of the model's columns that say what the state says."""
    columns = model.columns
    values = np.array(model.milp.lower)
    at_server = {server: number for number, server in enumerate(part.servers)}
    for (failure, vm), pair in part.pairs:
        if pair in state.skipped:
            values[columns.skip[failure, vm]] = 1
        else:
            values[columns.rebuild[failure, vm, at_server[state.target[pair]]]] = 1
    for number, atom in enumerate(part.atoms):
        for place, (size, holders) in enumerate(_by_holders(state, part, atom)):
            if (number, place) in columns.piece:
                values[columns.piece[number, place]] = size
                values[columns.used[number, place]] = 1
            for server in part.servers:
                if holders >> server & 1:
                    _keep(columns, (number, place, at_server[server]), size, values)
    for (failure, diff), column in columns.wanted.items():
        values[column] = any(
            diff in part.instance.chain[vm] and not values[columns.skip[failure, vm]]
            for vm in part.instance.lost[failure]
        )
    write_transfers(columns, part.instance, values)
    return values


def _by_holders(state: State, part: Part, atom: tuple[int, int]) -> list[tuple[int, int]]:
    """Give size and holders of the pieces that a diff of the model has, the largest first.

    Those that the same servers keep are one piece for the model.
    """
    sizes: dict[int, int] = {}
    for piece in part.pieces_of(state, atom):
        holders = state.holders[atom[0]][piece]
        sizes[holders] = sizes.get(holders, 0) + state.pieces[atom[0]][piece]
    return sorted(((size, holders) for holders, size in sizes.items()), key=lambda it: -it[0])


def _keep(columns: Columns, key: tuple[int, int, int], size: int, values: Ints) -> None:
    """Say that a server keeps a piece; counted in bytes, a diff has only one."""
    number, _, server = key
    kept = key if key in columns.keep or key in columns.part else (number, 0, server)
    if kept in columns.keep:
        values[columns.keep[kept]] = 1
    if kept in columns.part:
        values[columns.part[kept]] += size
    if kept in columns.keep or kept in columns.part:
        values[columns.stored[server]] += size


def apply(state: State, part: Part, model: Model, values: Ints) -> None:
    """Put into the state what values of the model's columns say."""
    columns = model.columns
    for atom in part.atoms:
        for piece in part.pieces_of(state, atom):
            for server in part.servers:
                if state.holders[atom[0]][piece] >> server & 1:
                    state.drop(atom[0], piece, server)
    for diff in part.loose:
        tidy(state, diff)  # nobody keeps any of its pieces: they are one
    for (failure, vm), pair in part.pairs:
        if pair not in state.skipped:
            state.take(pair)
        elif not values[columns.skip[failure, vm]]:
            state.unskip(pair)
    chosen = {key[:2]: key[2] for key, column in columns.rebuild.items() if values[column]}
    for key, pair in part.pairs:
        if key in chosen:
            state.place(pair, part.servers[chosen[key]])
        elif pair not in state.skipped:
            state.skip(pair)
    _cut(state, part, model, values)


def _cut(state: State, part: Part, model: Model, values: Ints) -> None:
    """Cut diffs as the model does, and keep their pieces."""
    columns = model.columns
    keepers: dict[tuple[int, int], list[int]] = {}
    for (number, piece, server), column in columns.keep.items():
        if values[column]:
            keepers.setdefault((number, piece), []).append(part.servers[server])
    for number, (diff, own) in enumerate(part.atoms):
        places = {0: own}
        piece = 1
        while (number, piece) in columns.used:
            size = int(values[columns.piece[number, piece]])
            if size:
                state.cut(diff, own, size)
                places[piece] = len(state.pieces[diff]) - 1
            piece += 1
        for piece, place in places.items():
            for server in keepers.get((number, piece), ()):
                state.keep(diff, place, server)
    for diff in dict.fromkeys(diff for diff, _ in part.atoms):
        tidy(state, diff)
    for server in part.servers:
        estimate(state, server)
