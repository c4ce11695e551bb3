"""The disks of VMs that have several: what each file builds on, where a cluster has one chain."""

from spareplace.disks.chains import DiskChain, VMDisks
from spareplace.disks.disks_file import disks_text, read_disks

__all__ = ["DiskChain", "VMDisks", "disks_text", "read_disks"]
