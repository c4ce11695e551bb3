"""By how much limits must be exceeded where no plan exists."""

from __future__ import annotations

from dataclasses import replace

from spareplace import solvers
from spareplace.amounts import amount_of
from spareplace.clock import Clock
from spareplace.errors import NoPlan, Shortage
from spareplace.exact.descent import request_for
from spareplace.exact.trust import EXACT_SOLVER
from spareplace.instance import Instance
from spareplace.milp.build import Model, build
from spareplace.milp.draft import Limit
from spareplace.options import Options


def what_is_short(instance: Instance, clock: Clock, options: Options) -> list[Shortage]:
    """Find the least by which limits must be exceeded for a plan to exist, and name them.

    Solved with the exact solver over whole copies, in the time that is left; it may end with
    more than the least, or with nothing.
    """
    try:
        model = build(
            instance,
            clock,
            max_pieces=1,
            stored_limit=options.stored_limit,
            move_limit=options.move_limit,
            elastic=True,
            counted=True,
        )
    except NoPlan:  # no time is left to say more than that there is no plan
        return []
    options = replace(options, solver=EXACT_SOLVER)
    request = request_for(model.milp, model.objectives[0], None, clock, options, lambda *_: None)
    answer = None if request is None else solvers.load(EXACT_SOLVER)(request)
    if answer is None or answer.values is None:
        return []
    return [
        _shortage(model, limit, int(answer.values[column]) * unit)
        for column, (limit, unit) in model.excess.items()
        if answer.values[column]
    ]


def _shortage(model: Model, limit: Limit, excess: int) -> Shortage:
    """Say what a limit lacks; what running VMs take too much of already is lacking, too."""
    cluster, instance = model.instance.cluster, model.instance
    available = limit.available
    if limit.server is not None and limit.resource in instance.resources:
        available = int(instance.left[limit.server, instance.resources.index(limit.resource)])
    return Shortage(
        failure=None if limit.failure is None else cluster.failures[limit.failure].name,
        server=None if limit.server is None else cluster.servers[limit.server].name,
        resource=limit.resource,
        needed=amount_of(limit.available + excess, limit.unit),
        available=amount_of(available, limit.unit),
    )
