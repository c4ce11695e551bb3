"""A plan as values of the model in bytes, in which diffs that go together are one."""

from __future__ import annotations

import numpy as np

from spareplace.instance import Instance
from spareplace.milp.build import Model
from spareplace.milp.draft import DIGIT
from spareplace.milp.merging import alike
from spareplace.milp.model import Ints
from spareplace.milp.read import write_transfers
from spareplace.placement import Placement


def counted(model: Model, instance: Instance, plan: Placement, max_pieces: int) -> Ints | None:
    """Count what a plan stores, and say where it rebuilds.

    Parameters
    ----------
    model
        In bytes, of the instance with its diffs merged.
    instance
        The cluster in numbers, its diffs not merged.
    plan
        One that protects every VM.
    max_pieces
        As the model was built with.

    Returns
    -------
    Values of the model's columns; ``None`` if it cannot say what the plan does.
    """
    cluster, columns = instance.cluster, model.columns
    values = np.array(model.milp.lower)
    at_server = {server.name: at for at, server in enumerate(cluster.servers)}
    at_vm = {vm.name: at for at, vm in enumerate(cluster.vms)}
    at_diff = {diff.name: at for at, diff in enumerate(cluster.diffs)}
    for failure, of in enumerate(cluster.failures):
        for made in plan.rebuilds.get(of.name, ()):
            key = (failure, at_vm[made.vm], at_server[made.server])
            if key not in columns.rebuild:
                return None
            values[columns.rebuild[key]] = 1
    first = {diff: of[0] for of in alike(instance.cuttable(), max_pieces) for diff in of}
    for extent in plan.stored:
        diff, server = at_diff[extent.diff], at_server[extent.server]
        place = (first.get(diff, diff), 0, server)
        if place in columns.part:
            values[columns.part[place]] += extent.size
        elif place in columns.keep and extent.size == instance.size[diff]:
            values[columns.keep[place]] = 1
        else:
            continue  # it serves nobody, or the model refuses it
        values[columns.stored[server]] += extent.size
    write_transfers(columns, model.instance, values)
    for carry, terms, most in model.carries:
        over = sum(coefficient * int(values[column]) for column, coefficient in terms) - most
        values[carry] = max(0, -(-over // DIGIT))
    return values if model.milp.holds(values) else None
