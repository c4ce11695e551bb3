"""New VMs and diffs, and those that leave, taken into a placement that stays where it is."""

from spareplace.lifecycle.registering.registration import NewTarget, Registered, Registration
from spareplace.lifecycle.registering.standing import Standing, register

__all__ = ["NewTarget", "Registered", "Registration", "Standing", "register"]
