"""From a state to values of the columns of a part's model, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spareplace.exact.laying import Pieces, amounts_of, laid_out
from spareplace.milp.build import Model
from spareplace.milp.columns import Columns
from spareplace.milp.model import Ints
from spareplace.milp.read import write_transfers
from spareplace.milp.storing import pieces_in, pieces_of
from spareplace.placement import least_piece
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


def cut_in(part: Part, model: Model, values: Ints) -> list[Pieces]:
    """Give the pieces of each diff of an exact model, with those who keep them."""
    columns = model.columns
    keepers: dict[tuple[int, int], list[int]] = {}
    for (number, piece, server), column in columns.keep.items():
        if values[column]:
            keepers.setdefault((number, piece), []).append(server)
    result: list[Pieces] = []
    for number, size in enumerate(part.instance.size):
        sizes = [size]
        if (number, 0) in columns.piece:
            there = range(pieces_in(columns, number))
            sizes = [int(values[columns.piece[number, piece]]) for piece in there]
        result.append(
            [
                (bytes_, tuple(keepers.get((number, piece), ())))
                for piece, bytes_ in enumerate(sizes)
                if bytes_ or not piece
            ]
        )
    return result


def laid(part: Part, model: Model, values: Ints, max_pieces: int) -> list[Pieces] | None:
    """Give the same for a model in bytes; ``None`` where no way to cut is found."""
    instance, amounts = part.instance, amounts_of(model, values)
    result: list[Pieces] = []
    for number, size in enumerate(instance.size):
        pieces = laid_out(
            [size],
            amounts.get(number, {}),
            [set(np.flatnonzero(instance.down[f]).tolist()) for f in instance.asked[number]],
            most=[pieces_of(instance, number, max_pieces)],
            least=[least_piece(size)],
        )
        if pieces is None:
            return None
        result += pieces
    return result


def apply(state: State, part: Part, model: Model, values: Ints, pieces: Sequence[Pieces]) -> None:
    """Put into the state the rebuilds that values of the model say, and the pieces given."""
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
    for (diff, own), cut in zip(part.atoms, pieces, strict=True):
        _cut(state, part, diff, own, cut)
    for diff in dict.fromkeys(diff for diff, _ in part.atoms):
        tidy(state, diff)
    for server in part.servers:
        estimate(state, server)


def _cut(state: State, part: Part, diff: int, own: int, pieces: Pieces) -> None:
    """Cut one piece of the state, and keep what becomes of it."""
    places = [own]
    for size, _ in pieces[1:]:
        state.cut(diff, own, size)
        places.append(len(state.pieces[diff]) - 1)
    for place, (_, keepers) in zip(places, pieces, strict=True):
        for server in keepers:
            state.keep(diff, place, part.servers[server])
