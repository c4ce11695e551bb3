"""A few servers of a state as an exact model, with everything else left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spareplace.clock import Clock
from spareplace.instance import Instance
from spareplace.milp.build import Model, build
from spareplace.milp.columns import Labels
from spareplace.search.state import State


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Some servers, the pairs that may be rebuilt on them, and the pieces they may keep.

    Parameters
    ----------
    servers
        Their numbers; the model counts them from 0, as it does all that follows.
    pairs
        Rebuilt on these servers today, or skipped: (failure, VM) of the model and of the state.
    atoms
        (diff, piece) for each diff of the model: pieces of which others keep copies are not cut
        again.
    sizes
        Of all pieces of each of these diffs.
    loose
        The diffs that nobody else keeps: they may be cut anew, and stand as piece 0.
    skipping
        Whether some of the pairs are skipped today.
    instance
        The servers as a cluster of their own.
    """

    servers: tuple[int, ...]
    pairs: tuple[tuple[tuple[int, int], int], ...]
    atoms: tuple[tuple[int, int], ...]
    sizes: tuple[tuple[int, ...], ...]
    loose: frozenset[int]
    skipping: bool
    instance: Instance

    def pieces_of(self, state: State, atom: tuple[int, int]) -> list[int]:
        """Give the pieces of the state that a diff of the model stands for, the largest first."""
        diff, piece = atom
        if diff not in self.loose:
            return [piece]
        return sorted(range(len(state.pieces[diff])), key=lambda at: -state.pieces[diff][at])

    def still_fits(self, state: State) -> bool:
        """Tell whether the diffs are still cut as they were."""
        return self.sizes == tuple(
            tuple(state.pieces[diff]) for diff in dict.fromkeys(diff for diff, _ in self.atoms)
        )


def part_of(state: State, servers: Sequence[int], skipped: Sequence[int] = ()) -> Part:
    """Cut some servers, and some skipped pairs, out of a state."""
    ground, whole = state.ground, state.ground.instance
    freed = sorted({*(pair for server in servers for pair in state.here[server]), *skipped})
    atoms, loose = _atoms(state, servers, freed)
    asked, fixed = _asked(state, servers, atoms, freed)
    failures = sorted(
        {ground.pairs[pair][0] for pair in freed} | {failure for each in asked for failure in each}
    )
    vms = sorted({ground.pairs[pair][1] for pair in freed})
    at_failure, at_vm = _numbers(failures), _numbers(vms)
    at_atom: dict[int, list[int]] = {}
    for number, (diff, _) in enumerate(atoms):
        at_atom.setdefault(diff, []).append(number)
    pairs = tuple(
        ((at_failure[failure], at_vm[vm]), pair)
        for pair, (failure, vm) in ((pair, ground.pairs[pair]) for pair in freed)
    )
    diffs = [diff for diff, _ in atoms]
    here = list(servers)
    instance = replace(
        whole,
        size=tuple(
            sum(state.pieces[diff]) if diff in loose else state.pieces[diff][piece]
            for diff, piece in atoms
        ),
        chain=tuple(
            tuple(number for diff in whole.chain[vm] for number in at_atom[diff]) for vm in vms
        ),
        order=tuple(range(len(atoms))),
        lost=_lost(pairs, len(failures)),
        weight=tuple(whole.weight[failure] for failure in failures),
        down=whole.down[np.ix_(failures, here)],
        resident=whole.resident[np.ix_(diffs, here)],
        keeps=whole.keeps[here],
        demand=whole.demand[vms],
        capacity=whole.capacity[here],
        left=whole.left[here],
        free=whole.free[here],
        allowed=_allowed(state, vms, here),
        groups=tuple(whole.groups[vm] for vm in vms),
        priority=tuple(whole.priority[vm] for vm in vms),
        asked=tuple(tuple(at_failure[failure] for failure in each) for each in asked),
        fixed=frozenset((atom, at_failure[failure]) for atom, failure in fixed),
        current=None if whole.current is None else whole.current[np.ix_(diffs, here)],
        uncut=frozenset(
            number
            for number, (diff, _) in enumerate(atoms)
            if len(at_atom[diff]) > 1 or diff in whole.uncut
        ),
    )
    return Part(
        servers=tuple(servers),
        pairs=pairs,
        atoms=atoms,
        sizes=tuple(tuple(state.pieces[diff]) for diff in at_atom),
        loose=loose,
        skipping=bool(skipped),
        instance=instance,
    )


def _lost(
    pairs: Sequence[tuple[tuple[int, int], int]], failures: int
) -> tuple[tuple[int, ...], ...]:
    """Give the VMs that each failure loses."""
    lost: list[list[int]] = [[] for _ in range(failures)]
    for (failure, vm), _ in pairs:
        lost[failure].append(vm)
    return tuple(map(tuple, lost))


def _numbers(chosen: Sequence[int]) -> dict[int, int]:
    return {item: number for number, item in enumerate(chosen)}


def _atoms(
    state: State, servers: Sequence[int], freed: Sequence[int]
) -> tuple[tuple[tuple[int, int], ...], frozenset[int]]:
    """Give what the model takes as its diffs, and which of them are diffs that lie here alone."""
    needed = dict.fromkeys(diff for pair in freed for diff in state.ground.chain[pair])
    kept = dict.fromkeys(diff for server in servers for diff in state.held[server])
    inside = sum(1 << server for server in servers)
    loose = frozenset(
        diff
        for diff in {**needed, **kept}
        if not any(holders & ~inside for holders in state.holders[diff])
    )
    atoms = tuple(
        (diff, piece)
        for diff in {**needed, **kept}
        for piece in range(1 if diff in loose else len(state.pieces[diff]))
    )
    return atoms, loose


def _asked(
    state: State,
    servers: Sequence[int],
    atoms: Sequence[tuple[int, int]],
    freed: Sequence[int],
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Give the failures in which these servers must see to the survival of each piece.

    And of those the ones that somebody asks for who cannot be skipped here.
    """
    ground = state.ground
    inside = sum(1 << server for server in servers)
    waiting: dict[int, dict[int, int]] = {}
    for pair in freed:
        if pair in state.skipped:
            for diff in ground.chain[pair]:
                waiting.setdefault(diff, {})[ground.pairs[pair][0]] = 0
    freed_asking: dict[tuple[int, int], int] = {}
    for pair in freed:
        if pair not in state.skipped:
            for diff in ground.chain[pair]:
                key = (diff, ground.pairs[pair][0])
                freed_asking[key] = freed_asking.get(key, 0) + 1
    asked: list[list[int]] = []
    fixed: list[tuple[int, int]] = []
    for number, (diff, piece) in enumerate(atoms):
        outside = state.holders[diff][piece] & ~inside | ground.resident[diff]
        open_here = [
            failure
            for failure in {**state.survival.asked[diff], **waiting.get(diff, {})}
            if not outside & ~ground.downs[failure]
        ]
        asked.append(sorted(open_here))
        fixed += [
            (number, failure)
            for failure in open_here
            if state.survival.asked[diff].get(failure, 0) > freed_asking.get((diff, failure), 0)
        ]
    return asked, fixed


def _allowed(
    state: State, vms: Sequence[int], servers: list[int]
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    allowed: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = state.ground.instance.allowed[
        np.ix_(list(vms), servers)
    ]
    return allowed


def model_of(state: State, part: Part, *, in_bytes: bool) -> Model:
    """Build the exact model of a part, or the smaller one with storage in bytes."""
    ground = state.ground
    kept = _kept(state, part)
    names = {
        "failure": len(part.instance.lost),
        "vm": len(part.instance.chain),
        "diff": len(part.atoms),
        "server": len(part.servers),
    }
    return build(
        part.instance,
        Clock(),  # it takes milliseconds
        max_pieces=ground.max_pieces,
        in_bytes=in_bytes,
        stored_limit=_left_of(ground.stored_limit, state.stored, sum(stored for stored, _ in kept)),
        stored_cost=ground.price_asked,
        move_limit=_left_of(ground.move_limit, state.moved, sum(moved for _, moved in kept)),
        move_cost=ground.move_asked,
        allow_unprotected=part.skipping,
        labels=Labels(**{kind: tuple(map(str, range(count))) for kind, count in names.items()}),
    )


def _kept(state: State, part: Part) -> list[tuple[int, int]]:
    """Give the bytes of each copy on the servers of a part, and how many of them were moved."""
    return [
        (size, 0 if state.ground.is_there(diff, server) else size)
        for diff, first in part.atoms
        for piece in part.pieces_of(state, (diff, first))
        for size in (state.pieces[diff][piece],)
        for server in part.servers
        if state.holders[diff][piece] >> server & 1
    ]


def _left_of(limit: float, used: int, inside: int) -> int | None:
    """Give what a limit leaves to some servers; ``None`` if there is none."""
    return None if limit == np.inf else int(limit) - used + inside
