"""A cluster from what ``virsh`` prints on each host."""

from spareplace.importers.libvirt.importing import import_libvirt

__all__ = ["import_libvirt"]
