"""VMs with several disks: which diffs of a VM's chain make up which of its disks.

A cluster gives a VM one chain, and importers put the diffs of its further disks on top of the
first. For a plan that is all there is to know: all of them are needed where the VM is rebuilt. To
put images together, one has to know what each file builds on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spareplace.cluster import Cluster, chain_of
from spareplace.errors import InvalidInput, Problem
from spareplace.parts import VM


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskChain:
    """One disk of a VM.

    Parameters
    ----------
    chain
        The diffs of it, its master first: each builds on the one before it.
    """

    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VMDisks:
    """The disks of one VM.

    Parameters
    ----------
    vm
        Its name.
    disks
        In the order in which the VM gets them. Together they have the diffs of its chain.
    """

    vm: str
    disks: tuple[DiskChain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disks:
    """All disks of a cluster: of VMs that are not listed, one each.

    Parameters
    ----------
    chains
        By VM, the diffs of each disk.
    parents
        By diff of any of them, the one that its file builds on, or ``None``.
    """

    chains: Mapping[str, tuple[tuple[str, ...], ...]]
    parents: Mapping[str, str | None]


def disks_in(cluster: Cluster, given: Iterable[VMDisks] = ()) -> Disks:
    """Hold what is said of disks against a cluster.

    Parameters
    ----------
    cluster
        Whose VMs they are.
    given
        The disks of VMs that have several.

    Raises
    ------
    InvalidInput
        If a VM is not known or is listed twice, if its disks have other diffs than its chain, or
        if one diff builds on two.

    Examples
    --------
    >>> from spareplace import Diff, Server
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=90),),
    ...     diffs=(Diff(name="debian", size=40), Diff(name="db", size=5, parent="debian"),
    ...            Diff(name="db-data", size=9, parent="db")),
    ...     vms=(VM(name="db", server="a", diff="db-data", disk=54),),
    ... )
    >>> two = (DiskChain(chain=("debian", "db")), DiskChain(chain=("db-data",)))
    >>> disks_in(cluster, [VMDisks(vm="db", disks=two)]).parents
    {'debian': None, 'db': 'debian', 'db-data': None}
    """
    listed = list(given)
    diffs = {diff.name: diff for diff in cluster.diffs}
    vms = {vm.name: vm for vm in cluster.vms}
    one_chain = {name: chain_of(vm.diff, diffs) for name, vm in vms.items()}
    if problems := list(_unfitting(listed, vms, one_chain)):
        raise InvalidInput(problems)
    chains: dict[str, tuple[tuple[str, ...], ...]] = {
        name: (chain,) if chain else () for name, chain in one_chain.items()
    }
    chains |= {it.vm: tuple(disk.chain for disk in it.disks) for it in listed}
    return Disks(chains=chains, parents=_parents(chains))


def _unfitting(
    listed: Sequence[VMDisks], vms: Mapping[str, VM], chains: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, it in enumerate(listed):
        path = f"vms[{number}]"
        if it.vm not in vms or it.vm in seen:
            again = " again" if it.vm in seen else ""
            found = f"{it.vm!r:.80}{again}"
            yield Problem(
                path=f"{path}.vm", found=found, expected="a VM of the cluster, each at most once"
            )
            continue
        seen.add(it.vm)
        for at, disk in enumerate(it.disks):
            if not disk.chain or len(set(disk.chain)) < len(disk.chain):
                yield Problem(
                    path=f"{path}.disks[{at}].chain",
                    found=_names(disk.chain),
                    expected="one diff or more, each once",
                )
        told = dict.fromkeys(diff for disk in it.disks for diff in disk.chain)
        if told.keys() != set(chains[it.vm]):
            yield Problem(
                path=f"{path}.disks",
                found=f"the diffs {_names(told)}",
                expected=f"those of the chain of {it.vm!r:.80}: {_names(chains[it.vm])}",
            )


def _parents(chains: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str | None]:
    parents: dict[str, str | None] = {}
    first: dict[str, str] = {}
    for vm, disks in chains.items():
        for chain in disks:
            for parent, diff in zip((None, *chain), chain, strict=False):
                other = parents.setdefault(diff, parent)
                whose = first.setdefault(diff, vm)
                if other != parent:
                    found = f"diff {diff!r:.80} on {parent!r:.80} in VM {vm!r:.80}"
                    expected = f"on {other!r:.80}, as in VM {whose!r:.80}: a file builds on one"
                    raise InvalidInput([Problem(path="disks", found=found, expected=expected)])
    return parents


def _names(names: Iterable[str]) -> str:
    shown = [f"{name!r:.80}" for name in names]
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if shown[10:] else "") or "none"
