"""Recoveries and moves as shell scripts that a person can read before running them."""

from spareplace.lifecycle.runbook.scripting import runbook_script
from spareplace.lifecycle.runbook.work import side_room

__all__ = ["runbook_script", "side_room"]
