"""Clusters from the text files of Ganeti's htools, and back."""

from spareplace.importers.ganeti.exporting import Exported, export_ganeti
from spareplace.importers.ganeti.importing import Mirrors, import_ganeti

__all__ = ["Exported", "Mirrors", "export_ganeti", "import_ganeti"]
