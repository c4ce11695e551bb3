"""A cluster's life over months, made up from a seed, under several ways to plan."""

from spareplace.lifecycle.simulating.running import simulate
from spareplace.lifecycle.simulating.simulation import PolicyResult, SimulatedEvent, Simulation

__all__ = ["PolicyResult", "SimulatedEvent", "Simulation", "simulate"]
