"""check(): every rule, one after the other."""

from __future__ import annotations

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import OtherCluster
from spareplace.placement import DEFAULT_MAX_PIECES, Plan
from spareplace.verify import extents, figures, rebuilds, structure
from spareplace.verify.ground import survey
from spareplace.verify.violation import Violation


def check(
    cluster: Cluster,
    plan: Plan,
    *,
    max_pieces: int = DEFAULT_MAX_PIECES,
    stored_limit: int | None = None,
) -> tuple[Violation, ...]:
    """List every rule that a plan breaks.

    What is broken as given is no violation: a server that is overcommitted before anything is
    stored or rebuilt breaks a rule only when the plan asks it for more of what it lacks.

    Parameters
    ----------
    cluster
        What the plan is for.
    plan
        Any plan, whoever made it.
    max_pieces
        Into how many pieces a diff may be cut.
    stored_limit
        How many bytes may be stored in all, or ``None`` for no limit.

    Returns
    -------
    tuple
        Rule by rule, and in each in the order of the cluster's failures. Empty if the plan is
        right. A recovery of a failure that the cluster does not have, or a second one for the
        same failure, is named and not looked into.

    Raises
    ------
    OtherCluster
        If the plan was made for another cluster.

    Examples
    --------
    >>> from spareplace.parts import VM, Failure, Server
    >>> from spareplace.placement import Rebuild, Recovery
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=50), Server(name="b", disk=50)),
    ...     vms=(VM(name="web", server="a", disk=30), VM(name="db", server="b", disk=30)),
    ...     failures=(Failure(name="a", servers=("a",), weight=0.1),),
    ... )
    >>> move = Recovery(failure="a", weight=0.1, transfer_bytes=0,
    ...                 rebuilds=(Rebuild(vm="web", server="b"),))
    >>> plan = Plan(cluster_sha256=fingerprint(cluster), status="feasible", method="by hand",
    ...             solver=None, seed=0, seconds=0.0, expected_transfer_bytes=0.0,
    ...             lower_bound_bytes=None, stored=(), recoveries=(move,))
    >>> for violation in check(cluster, plan):
    ...     print(violation)
    disk in failure 'a' on server 'b': 'disk': found 60 bytes: 30 running, 0 stored, 30 rebuilt, \
expected at most 50
    """
    expected = fingerprint(cluster)
    if plan.cluster_sha256 != expected:
        raise OtherCluster(expected, plan.cluster_sha256)
    ground = survey(cluster, plan)
    return (
        *structure.references(ground),
        *structure.each_failure_once(ground),
        *structure.each_vm_once(ground),
        *rebuilds.survival(ground),
        *rebuilds.resources(ground),
        *rebuilds.disk(ground),
        *rebuilds.anti_affinity(ground),
        *rebuilds.targets(ground),
        *extents.accepted(ground),
        *extents.bounds(ground),
        *extents.overlap(ground),
        *extents.pieces(ground, max_pieces),
        *extents.stored_limit(ground, stored_limit),
        *figures.transfers(ground),
        *figures.figures(ground),
    )
