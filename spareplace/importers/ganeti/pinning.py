"""Which servers VMs are allowed, said in Ganeti's words: by mirrors, and by node groups."""

from __future__ import annotations

from spareplace.cluster import Cluster
from spareplace.parts import VM

DEFAULT = "default"
"""The node group of servers that no other one is for."""


def mirror_of(vm: VM) -> str | None:
    """Give the one server that a VM can fail over to without anything being stored or sent.

    Examples
    --------
    >>> mirror_of(VM(name="web", server="a", allowed_servers=("a", "b")))
    'b'
    """
    if vm.allowed_servers is None or vm.disk or vm.diff is not None:
        return None
    others = [server for server in vm.allowed_servers if server != vm.server]
    return others[0] if len(others) == 1 else None


def node_groups(cluster: Cluster) -> dict[str, str]:
    """Divide the servers so that what each VM is allowed is its own group.

    Returns
    -------
    dict
        By server, the name of its group: all in one, if there is no such division.
    """
    one = {server.name: DEFAULT for server in cluster.servers}
    reaches = {
        vm.name: frozenset(vm.allowed_servers or one) | {vm.server}
        for vm in cluster.vms
        if mirror_of(vm) is None
    }
    blocks = list(dict.fromkeys(reaches.values()))
    block_of = {server: number for number, block in enumerate(blocks, 1) for server in block}
    parted = len(block_of) == sum(len(block) for block in blocks)
    split = any(
        block_of.get(vm.server) != block_of.get(mirror)
        for vm in cluster.vms
        if (mirror := mirror_of(vm)) is not None
    )
    if not parted or split or (len(blocks) == 1 and len(block_of) == len(one)):
        return one
    return {
        server: f"group-{block_of[server]}" if server in block_of else DEFAULT for server in one
    }
