"""Tiny clusters, and scripts that are played on them event by event."""

from __future__ import annotations

from collections.abc import Sequence

from spareplace.cluster import Cluster
from spareplace.lifecycle.simulating.caretaking import Caretaker, caretaker
from spareplace.lifecycle.simulating.events import Event, Fails, Returns
from spareplace.lifecycle.simulating.playing import play
from spareplace.lifecycle.simulating.policies import policies_of
from spareplace.lifecycle.simulating.simulation import SimulatedEvent
from spareplace.lifecycle.simulating.world import World
from spareplace.parts import VM, Diff, Failure, Server


def one_vm(*, failures: tuple[Failure, ...] | None = None, vm: VM | None = None) -> Cluster:
    """Give three servers of 100 bytes that send and receive a byte a second; web runs on a."""
    web = VM(name="web", server="a", diff="base", disk=40)
    servers = tuple(Server(name=name, disk=100, net_in=1, net_out=1) for name in "abc")
    diffs = (Diff(name="base", size=40),)
    vms = (web if vm is None else vm,)
    if failures is None:
        return Cluster(servers=servers, diffs=diffs, vms=vms)
    return Cluster(servers=servers, diffs=diffs, vms=vms, failures=failures)


def outage(name: str, at: float, back: float | None = None, number: int = 0) -> list[Event]:
    """Let one server fail at some hour, and return at another."""
    failure = Failure(name=name, servers=(name,), weight=1.0)
    events: list[Event] = [Fails(hours=at, outage=number, failure=failure)]
    if back is not None:
        events.append(Returns(hours=back, outage=number, name=name))
    return events


def taker(policy: str = "search", *, move_limit: int = 0, seed: int = 0) -> Caretaker:
    """Give a policy whose searches only mend."""
    (chosen,) = policies_of([policy])
    return caretaker(chosen, move_limit=move_limit, iterations=0, seed=seed)


def played(
    cluster: Cluster, script: Sequence[Event], end: float, policy: str = "search"
) -> tuple[list[SimulatedEvent], list[World]]:
    """Play a script; give the events, and the world after each."""
    worlds: list[World] = []
    events = play(cluster, script, taker(policy), end, lambda world, _event: worlds.append(world))
    return events, worlds
