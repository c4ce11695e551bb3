"""`runbook_script`: a recovery, or a list of moves, as a POSIX shell script."""

from __future__ import annotations

from collections.abc import Iterable

from spareplace.cluster import Cluster
from spareplace.disks.chains import VMDisks
from spareplace.lifecycle.moves.steps import Moves
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.runbook.moves_script import moves_script
from spareplace.lifecycle.runbook.recovery_script import recovery_script
from spareplace.placement import Recovery


def runbook_script(
    cluster: Cluster, work: RecoverySchedule | Recovery | Moves, disks: Iterable[VMDisks] = ()
) -> str:
    """Write what is to be done as a shell script that a person can read before running it.

    It sends just the bytes that a recovery or the moves send, checks them, puts images together,
    and starts a VM only when all its images are complete. It overwrites nothing, and may be cut off
    anywhere and run again. What it expects on the servers, and what it leaves there, is told in
    it. Names are written as `file_name` gives them: nothing in them acts on a shell.

    Parameters
    ----------
    cluster
        For a recovery: as it was before the failure. For moves: as it is after them.
    work
        What `recover` or a plan says of one failure, or what `moves_between` lists.
    disks
        For a recovery: the disks of VMs that have several. A VM that is not listed has one, of all
        diffs of its chain.

    Returns
    -------
    str
        The same text for the same arguments.

    Raises
    ------
    OtherCluster
        If a schedule is of another cluster.
    InvalidInput
        If the recovery, the moves or the disks cannot be of this cluster.

    Examples
    --------
    >>> from spareplace import Diff, Extent, Placement, Server, VM, recover
    >>> cluster = Cluster(
    ...     servers=tuple(Server(name=name, disk=90) for name in "abc"),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(VM(name="my web", server="a", diff="base", disk=40),),
    ... )
    >>> half = Placement(stored=(Extent(diff="base", server="b", start=0, stop=40),
    ...                          Extent(diff="base", server="c", start=0, stop=10)))
    >>> script = runbook_script(cluster, recover(cluster, half, ["a"]))
    >>> print(script[script.index("vm_1() {"):].partition("}")[0])
    vm_1() {
        begin b base 40 b
        keep b base 0 40
        finish b base -
        image b my%20web base
    <BLANKLINE>
    """
    if isinstance(work, Moves):
        return moves_script(cluster, work)
    return recovery_script(cluster, work, disks)
