"""What a plan may be asked to make least, each goal defined once for all that choose and judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, TypeAlias

from spareplace.cluster import Cluster
from spareplace.placement import Placement, Recovery
from spareplace.recovery import Needs, expected_transfer, recoveries
from spareplace.units import exact_weight

Goal: TypeAlias = Literal["transfer", "worst", "time"]
"""The expected transfer, the largest transfer of a failure, or the expected recovery time."""

NEVER = 10**9
"""Seconds that a byte counts over a link with a rate of 0, thirty years: it never arrives, but
plans in which fewer bytes wait for ever are still better ones."""


def largest_transfer(recovered: Iterable[Recovery]) -> int:
    """Give the goal ``"worst"``, in bytes: the most that any failure of weight above 0 transfers.

    Examples
    --------
    >>> from spareplace import load_cluster, plan
    >>> largest_transfer(plan(load_cluster("examples/paper.json"), method="greedy").recoveries)
    40000000000
    """
    return max((one.transfer_bytes for one in recovered if one.weight), default=0)


def expected_seconds(cluster: Cluster, recovered: Iterable[Recovery]) -> Fraction:
    """Give the goal ``"time"``, in seconds: the sum over failures of weight x seconds.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from spareplace import load_cluster, plan
    >>> cluster = load_cluster("examples/paper.json")
    >>> servers = tuple(replace(server, net_in=10**9) for server in cluster.servers)
    >>> cluster = replace(cluster, servers=servers)
    >>> expected_seconds(cluster, plan(cluster, method="greedy").recoveries)
    Fraction(10, 1)
    """
    return sum(
        (exact_weight(one.weight) * recovery_seconds(cluster, one) for one in recovered),
        start=Fraction(0),
    )


def recovery_seconds(cluster: Cluster, recovery: Recovery) -> Fraction:
    """Give the seconds for which the busiest link of a recovery is busy with its transfers.

    What a server receives is divided by its ``net_in``, what it sends by its ``net_out``; one
    without a rate does not limit. No schedule of these transfers ends before that.
    """
    into: dict[str, int] = defaultdict(int)
    out: dict[str, int] = defaultdict(int)
    for sent in recovery.transfers:
        into[sent.target] += sent.stop - sent.start
        out[sent.source] += sent.stop - sent.start
    links = [
        link
        for server in cluster.servers
        for link in ((server.net_in, into[server.name]), (server.net_out, out[server.name]))
    ]
    seconds = [
        Fraction(carried, rate) if rate else Fraction(carried * NEVER)
        for rate, carried in links
        if rate is not None
    ]
    return max(seconds, default=Fraction(0))


def has_rates(cluster: Cluster) -> bool:
    """Tell whether any server says how fast it receives or sends."""
    return any(
        server.net_in is not None or server.net_out is not None for server in cluster.servers
    )


def judged(goal: Goal, needs: Needs, placement: Placement) -> tuple[Fraction, Fraction]:
    """Give what is to be least, then what decides between plans that are alike in it.

    Parameters
    ----------
    goal
        What was asked for.
    needs
        Of the cluster that the placement is for.
    placement
        It keeps the rule of survival.
    """
    if goal == "transfer":
        return needs.expected(placement), Fraction(0)
    recovered = recoveries(needs.cluster, placement)
    value = (
        Fraction(largest_transfer(recovered))
        if goal == "worst"
        else expected_seconds(needs.cluster, recovered)
    )
    return value, expected_transfer(recovered)
