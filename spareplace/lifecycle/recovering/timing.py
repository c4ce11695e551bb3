"""When each transfer runs: what comes first in order takes all it can of its two links.

The rest shares what is left, in order. Rates change only when a transfer ends; one whose rate
changes then is cut there, so that each transfer runs at one rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from spareplace.lifecycle.recovering.sourcing import Flow
from spareplace.lifecycle.recovering.standing import Standing

_NOTHING = 1e-9
"""A share of a link's rate that is no more than the error of floats."""

_FASTEST = 1e30
"""Above every rate, and finite."""

_SAME = 1e-13
"""Seconds that differ by no more than this share are the same second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A part of a flow that was sent at one rate, between two seconds."""

    flow: int
    start: int
    stop: int
    begin: float
    end: float


@dataclass(slots=True, kw_only=True, eq=False)
class _Flow:
    """A flow that is not over: from which byte on, since when, and at which rate.

    `least` is a rate that is no more than the error of floats.
    """

    number: int
    source: int
    target: int
    stop: int
    reached: int
    least: float
    since: float = 0.0
    rate: float = 0.0

    def end(self) -> float:
        """Give the second at which it is over at this rate."""
        return self.since + (self.stop - self.reached) / self.rate

    def sent(self, stop: int, now: float) -> Sent:
        """Give what it sent at its rate until now."""
        return Sent(flow=self.number, start=self.reached, stop=stop, begin=self.since, end=now)


def run(standing: Standing, flows: Sequence[Flow]) -> list[Sent]:
    """Give what is sent when, for flows in the order of their importance."""
    servers = standing.cluster.servers
    into = [inf if server.net_in is None else float(server.net_in) for server in servers]
    out = [inf if server.net_out is None else float(server.net_out) for server in servers]
    waiting = [
        _Flow(
            number=number,
            source=flow.source,
            target=flow.target,
            stop=flow.stop,
            reached=flow.start,
            least=_NOTHING * min(into[flow.target], out[flow.source], _FASTEST),
        )
        for number, flow in enumerate(flows)
    ]
    sent: list[Sent] = []
    now = 0.0
    while waiting:
        running = _share_out(waiting, list(into), list(out), now, sent)
        now = min(flow.end() for flow in running)
        over = [flow for flow in running if flow.end() <= now * (1 + _SAME)]
        sent += (flow.sent(flow.stop, now) for flow in over)
        ended = {flow.number for flow in over}
        waiting = [flow for flow in waiting if flow.number not in ended]
    return sorted(sent, key=lambda part: (part.begin, part.flow, part.start))


def _share_out(
    flows: Sequence[_Flow], into: list[float], out: list[float], now: float, sent: list[Sent]
) -> list[_Flow]:
    """Give every flow its rate from now on, and list those that run.

    Parameters
    ----------
    flows
        In the order of their importance.
    into, out
        The rate of each link, of which every flow takes its share.
    now
        The second at which the rates change.
    sent
        Takes what those were sent until now whose rate changes.
    """
    running: list[_Flow] = []
    for flow in flows:
        rate = min(into[flow.target], out[flow.source])
        if rate <= flow.least:
            if not flow.rate:
                continue
            rate = 0.0
        if abs(rate - flow.rate) > _NOTHING * flow.rate:
            done = min(int(flow.rate * (now - flow.since)), flow.stop - flow.reached - 1)
            if done > 0:
                sent.append(flow.sent(flow.reached + done, now))
                flow.reached += done
            flow.since, flow.rate = now, rate
        if flow.rate:
            running.append(flow)
        if flow.rate < inf:
            into[flow.target] = max(into[flow.target] - flow.rate, 0.0)
            out[flow.source] = max(out[flow.source] - flow.rate, 0.0)
    return running
