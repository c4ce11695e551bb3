"""What is given: the cluster, whose parts are checked to fit together once, when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from spareplace.errors import InvalidInput
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.references import Found, cross_check


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Everything that a plan is made for.

    Parameters
    ----------
    servers
        At least one.
    diffs
        The diff forest, in any order.
    vms
        The VMs, each on one of the servers.
    failures
        What to be ready for; left out, each server alone, named as the server. Each failure
        without a weight gets 1/number of failures.

    Raises
    ------
    InvalidInput
        If names are used twice or refer to nothing, if diffs are their own ancestors, or if a
        VM demands a resource that no server lists. It lists every problem.

    Examples
    --------
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(VM(name="web", server="a", diff="base"),),
    ... )
    >>> [(failure.name, failure.weight) for failure in cluster.failures]
    [('a', 0.5), ('b', 0.5)]
    """

    servers: tuple[Server, ...]
    diffs: tuple[Diff, ...] = ()
    vms: tuple[VM, ...] = ()
    failures: tuple[Failure, ...] = cast("tuple[Failure, ...]", None)

    def __post_init__(self) -> None:
        for key in ("servers", "diffs", "vms"):
            object.__setattr__(self, key, tuple(getattr(self, key)))
        if cast("object", self.failures) is None:
            object.__setattr__(self, "failures", each_server(self.servers))
        share = 1 / max(len(self.failures), 1)
        weighted = (
            replace(failure, weight=share) if failure.weight is None else failure
            for failure in self.failures
        )
        object.__setattr__(self, "failures", tuple(weighted))
        problems = cross_check(
            Found.at("servers", self.servers),
            Found.at("diffs", self.diffs),
            Found.at("vms", self.vms),
            Found.at("failures", self.failures),
        )
        if problems:
            raise InvalidInput(problems)


def each_server(servers: Iterable[Server]) -> tuple[Failure, ...]:
    """Make the failures of a cluster that lists none: each server alone, named as the server."""
    names = dict.fromkeys(server.name for server in servers)
    return tuple(Failure(name=name, servers=(name,)) for name in names)


def chain_of(diff: str | None, diffs: Mapping[str, Diff]) -> tuple[str, ...]:
    """Give the names of a diff and all that it builds on, the master first."""
    names: list[str] = []
    while diff is not None:
        names.append(diff)
        diff = diffs[diff].parent
    return tuple(reversed(names))
