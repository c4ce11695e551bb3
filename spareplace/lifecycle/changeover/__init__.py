"""From the plan that runs to the next one: replan, protect again, rejoin, drain."""

from spareplace.lifecycle.changeover.draining import drain
from spareplace.lifecycle.changeover.plan_change import PlanChange
from spareplace.lifecycle.changeover.protecting import reprotect
from spareplace.lifecycle.changeover.replanning import replan
from spareplace.lifecycle.changeover.returning import rejoin

__all__ = ["PlanChange", "drain", "rejoin", "replan", "reprotect"]
