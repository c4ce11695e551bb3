"""How often things happen in a simulation, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spareplace.errors import InvalidInput, Problem
from spareplace.fields import complain

HOURS_PER_MONTH = 730
"""A twelfth of a year of 365 days."""

HOURS_PER_DAY = 24

MOST_MONTHS = 1200

MOST_EVENTS = 1_000_000
"""In the mean; a bound on the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How long a simulation runs, and how often what happens in it; see `simulate`.

    Raises
    ------
    InvalidInput
        If a value is not usable. It lists every problem.
    """

    months: int = 12
    failures_per_month: float = 1.0
    repair_hours: float = 48.0
    registrations_per_day: float = 0.5
    generations_per_day: float = 1.0
    departures_per_day: float = 0.5
    drains_per_month: float = 1.0
    drain_hours: float = 4.0

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.months) is not int or not 1 <= self.months <= MOST_MONTHS:
            complain(bad, "months", self.months, f"an integer from 1 to {MOST_MONTHS}")
        for key in _NUMBERS:
            found: object = getattr(self, key)
            number = isinstance(found, (int, float)) and not isinstance(found, bool)
            if not (number and 0 <= found <= MOST_EVENTS):  # type: ignore[operator]
                complain(bad, key, found, f"a number from 0 to {MOST_EVENTS}")
        if not bad and self._expected() > MOST_EVENTS:
            complain(bad, "months", self.months, f"at most {MOST_EVENTS} events in the mean")
        if bad:
            raise InvalidInput(bad)

    @property
    def hours(self) -> float:
        """The hours of all months."""
        return float(self.months * HOURS_PER_MONTH)

    def _expected(self) -> float:
        outages = 2 * (self.failures_per_month + self.drains_per_month) / HOURS_PER_MONTH
        daily = (self.registrations_per_day, self.generations_per_day, self.departures_per_day)
        return self.hours * math.fsum([outages, *(rate / HOURS_PER_DAY for rate in daily)])


_NUMBERS = (
    "failures_per_month",
    "repair_hours",
    "registrations_per_day",
    "generations_per_day",
    "departures_per_day",
    "drains_per_month",
    "drain_hours",
)
