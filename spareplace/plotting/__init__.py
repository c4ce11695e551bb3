"""Plots for notebooks: each function takes and returns Matplotlib axes.

They need ``pip install 'spareplace[plotting]'``; nothing else does.
"""

from spareplace.plotting.curves import convergence, frontier
from spareplace.plotting.servers import disk_and_resources
from spareplace.plotting.trees import forest

__all__ = ["convergence", "disk_and_resources", "forest", "frontier"]
