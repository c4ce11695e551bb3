"""Clusters from what other tools say of theirs.

An importer reads texts, the outputs of commands that change nothing, and gives an `Imported`: a
cluster, and notes on what the texts did not say. It runs no command, opens no file but those that
the caller names, and refuses what it cannot read with `InvalidInput`.
"""

from spareplace.importers.folders import read_sources
from spareplace.importers.ganeti import Exported, export_ganeti, import_ganeti
from spareplace.importers.hosts import Host, read_hosts
from spareplace.importers.imported import DiffFile, Imported, Note
from spareplace.importers.known_files import NamedImage, read_checksums, read_images
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.proxmox import import_proxmox, read_dump
from spareplace.importers.qemu.importing import import_qemu
from spareplace.importers.sources import Source, read_source
from spareplace.importers.usage import import_usage

__all__ = [
    "DiffFile",
    "Exported",
    "Host",
    "Imported",
    "NamedImage",
    "Note",
    "Source",
    "export_ganeti",
    "import_ganeti",
    "import_libvirt",
    "import_proxmox",
    "import_qemu",
    "import_usage",
    "read_checksums",
    "read_dump",
    "read_hosts",
    "read_images",
    "read_source",
    "read_sources",
]
