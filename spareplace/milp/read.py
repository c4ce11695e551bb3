"""From a placement to values of the model's columns, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice, pairwise

import numpy as np

from spareplace.holding import Span, merged
from spareplace.instance import Instance
from spareplace.milp.build import Model
from spareplace.milp.columns import Columns
from spareplace.milp.draft import DIGIT
from spareplace.milp.model import Ints
from spareplace.milp.storing import pieces_in
from spareplace.placement import Extent, Placement, Rebuild, Unprotected
from spareplace.recovery import recoveries

NO_ROOM = "no plan protects it too: the fewest VMs were left out, by priority"


def read(model: Model, values: Ints) -> Placement:
    """Give the placement that values of the columns stand for."""
    columns, cluster = model.columns, model.instance.cluster
    rebuilds: dict[str, list[Rebuild]] = {failure.name: [] for failure in cluster.failures}
    waiting = {key: iter(vms) for key, vms in columns.kind.items()}

    def next_of(failure: int, vm: int, count: int) -> Iterable[str]:
        """Give so many VMs of those that one stands for: any will do."""
        vms = islice(waiting.get((failure, vm), iter((vm,))), count)
        return (cluster.vms[each].name for each in vms)

    for (failure, vm, server), column in columns.rebuild.items():
        for name in next_of(failure, vm, int(values[column])):
            rebuild = Rebuild(vm=name, server=cluster.servers[server].name)
            rebuilds[cluster.failures[failure].name].append(rebuild)
    return Placement(
        stored=merged(_extents(model, values)),
        rebuilds={failure: tuple(made) for failure, made in rebuilds.items()},
        unprotected=tuple(
            Unprotected(vm=name, failure=cluster.failures[failure].name, reason=NO_ROOM)
            for (failure, vm), column in columns.skip.items()
            for name in next_of(failure, vm, int(values[column]))
        ),
    )


def _extents(model: Model, values: Ints) -> Iterable[Extent]:
    columns, cluster = model.columns, model.instance.cluster
    bounds: dict[int, list[int]] = {}
    for diff, number, server in columns.keep:
        if not values[columns.keep[diff, number, server]]:
            continue
        if diff not in bounds:
            bounds[diff] = _bounds(columns, diff, model.instance.size[diff], values)
        start, stop = bounds[diff][number : number + 2]
        if start < stop:
            yield Extent(
                diff=cluster.diffs[diff].name,
                server=cluster.servers[server].name,
                start=start,
                stop=stop,
            )


def _bounds(columns: Columns, diff: int, size: int, values: Ints) -> list[int]:
    """Lay the pieces of a diff one after the other."""
    if (diff, 0) not in columns.piece:
        return [0, size]
    bounds = [0]
    for number in range(pieces_in(columns, diff)):
        bounds.append(bounds[-1] + int(values[columns.piece[diff, number]]))
    return bounds


def write(model: Model, placement: Placement) -> Ints:
    """Give values of the columns for a placement, as a start for a solver.

    They hold in the model if the placement keeps every rule and has no more pieces than the
    model. What the model has no column for is left out. Pieces of the model shrink along the
    diff, so those of a placement are taken in that order.
    """
    columns, instance = model.columns, model.instance
    values = np.array(model.milp.lower)
    at_server = {server.name: at for at, server in enumerate(instance.cluster.servers)}
    _write_rebuilds(columns, instance, placement, at_server, values)
    _write_storage(columns, instance, placement, at_server, values)
    write_transfers(columns, instance, values)
    _write_peaks(columns, instance, placement, at_server, values)
    for carry, terms, most in model.carries:
        over = sum(coefficient * int(values[column]) for column, coefficient in terms) - most
        values[carry] = max(0, -(-over // DIGIT))
    return values


def _write_peaks(
    columns: Columns,
    instance: Instance,
    placement: Placement,
    at_server: Mapping[str, int],
    values: Ints,
) -> None:
    """Let those send that send in the plan, and each peak be as high as what is below it."""
    if columns.send:
        at_diff = {diff.name: at for at, diff in enumerate(instance.cluster.diffs)}
        for failure, recovery in enumerate(recoveries(instance.cluster, placement)):
            for sent in recovery.transfers:
                key = (failure, at_diff[sent.diff], at_server[sent.source])
                if key in columns.send:
                    values[columns.send[key]] += sent.stop - sent.start
    for column, rows in columns.peak.items():
        values[column] = max(
            -(-sum(each * int(values[other]) for other, each in terms) // step)
            for step, terms in rows
        )


def _write_rebuilds(
    columns: Columns,
    instance: Instance,
    placement: Placement,
    at_server: Mapping[str, int],
    values: Ints,
) -> None:
    at_vm = {vm.name: at for at, vm in enumerate(instance.cluster.vms)}
    at_failure = {failure.name: at for at, failure in enumerate(instance.cluster.failures)}
    stands = {(f, each): vm for (f, vm), vms in columns.kind.items() for each in vms}
    for failure, made in placement.rebuilds.items():
        for rebuild in made:
            pair = at_failure[failure], at_vm[rebuild.vm]
            where = (pair[0], stands.get(pair, pair[1]), at_server[rebuild.server])
            if where in columns.rebuild:
                values[columns.rebuild[where]] += 1
    for left_out in placement.unprotected:
        pair = at_failure[left_out.failure], at_vm[left_out.vm]
        pair = pair[0], stands.get(pair, pair[1])
        if pair in columns.skip:
            values[columns.skip[pair]] += 1
    protected: dict[int, list[int]] = defaultdict(list)
    for (lost_in, vm), skip in columns.skip.items():
        if values[skip] < len(columns.kind.get((lost_in, vm), (vm,))):
            protected[lost_in].append(vm)
    for (asked, diff), column in columns.wanted.items():
        values[column] = any(diff in instance.chain[vm] for vm in protected[asked])


def _write_storage(
    columns: Columns,
    instance: Instance,
    placement: Placement,
    at_server: Mapping[str, int],
    values: Ints,
) -> None:
    held: dict[str, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for extent in placement.stored:
        held[extent.diff][at_server[extent.server]].append((extent.start, extent.stop))
    for diff, part in enumerate(instance.cluster.diffs):
        most = pieces_in(columns, diff)
        for number, (size, servers) in enumerate(_pieces(part.size, held[part.name])[:most]):
            if (diff, 0) in columns.piece:
                values[columns.piece[diff, number]] = size
                values[columns.used[diff, number]] = 1
            for server in servers:
                key = (diff, number, server)
                if key in columns.keep:
                    values[columns.keep[key]] = 1
                    stored = columns.stored[server]
                    values[stored] += size
                if key in columns.part:
                    values[columns.part[key]] = size


def _pieces(size: int, held: Mapping[int, list[Span]]) -> list[tuple[int, list[int]]]:
    """Give size and holders of the pieces of a diff, the largest first.

    Those that the same servers hold are one, wherever they lie.
    """
    cuts = sorted({0, size} | {edge for spans in held.values() for span in spans for edge in span})
    pieces: dict[tuple[int, ...], int] = defaultdict(int)
    for start, stop in pairwise(cuts):
        holders = (
            at for at, spans in held.items() if any(a <= start and stop <= b for a, b in spans)
        )
        pieces[tuple(holders)] += stop - start
    return sorted(((total, [*there]) for there, total in pieces.items()), key=lambda it: -it[0])


def write_transfers(columns: Columns, instance: Instance, values: Ints) -> None:
    """Add to values of rebuilds and storage what follows for the needs and the transfers."""
    for (failure, vm, server), column in columns.rebuild.items():
        if values[column]:
            for diff in instance.chain[vm]:
                if (failure, diff, server) in columns.need:
                    values[columns.need[failure, diff, server]] = 1
    kept: dict[tuple[int, int], int] = defaultdict(int)
    for (diff, _, server), column in (columns.keep | columns.part).items():
        kept[diff, server] += int(values[column])
    for (failure, diff, server), column in columns.fetch.items():
        if values[columns.need[failure, diff, server]]:
            whole = instance.size[diff] if (diff, 0, server) in columns.part else 1
            values[column] = whole - kept[diff, server]
