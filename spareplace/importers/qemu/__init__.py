"""A cluster from what ``qemu-img`` says of image files."""

from spareplace.importers.qemu.importing import import_qemu

__all__ = ["import_qemu"]
