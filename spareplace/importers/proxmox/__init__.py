"""A cluster from what ``pvesh get`` prints on a Proxmox VE cluster."""

from spareplace.importers.proxmox.dump import read_dump
from spareplace.importers.proxmox.importing import import_proxmox

__all__ = ["import_proxmox", "read_dump"]
