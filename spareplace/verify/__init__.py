"""Whether a plan is right: every rule, written from its words alone.

Nothing here is shared with the methods that make plans, nor with the code that works out what a
plan costs: an error made there must not be made here again.
"""

from spareplace.verify.checking import check
from spareplace.verify.violation import Rule, Violation

__all__ = ["Rule", "Violation", "check"]
