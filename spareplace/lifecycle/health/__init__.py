"""Whether everything is still protected: what a placement is worth to a cluster that changed."""

from spareplace.lifecycle.health.examining import protection_status
from spareplace.lifecycle.health.protection import ProtectionStatus

__all__ = ["ProtectionStatus", "protection_status"]
