"""Lower bounds on the expected transfer: what no plan can be below, at any size."""

from spareplace.bounds.groups import by_groups
from spareplace.bounds.relaxation import at_once
from spareplace.bounds.rooms import by_rooms
from spareplace.bounds.servers import by_servers

__all__ = ["at_once", "by_groups", "by_rooms", "by_servers"]
