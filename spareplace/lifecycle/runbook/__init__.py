"""Recoveries and moves as shell scripts that a person can read before running them."""

from spareplace.disks.chains import DiskChain, VMDisks
from spareplace.disks.disks_file import disks_text, read_disks
from spareplace.lifecycle.runbook.scripting import runbook_script
from spareplace.lifecycle.runbook.work import side_room

__all__ = ["DiskChain", "VMDisks", "disks_text", "read_disks", "runbook_script", "side_room"]
