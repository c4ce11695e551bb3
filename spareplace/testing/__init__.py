"""Hypothesis strategies for clusters and placements, for tests of what embeds this library.

Hypothesis is needed for this package alone: ``pip install 'spareplace[testing]'``.
"""

from spareplace.testing.chosen import placements
from spareplace.testing.feasible import clusters_with_placements, feasible_clusters
from spareplace.testing.given import FEATURES, Feature, clusters

__all__ = [
    "FEATURES",
    "Feature",
    "clusters",
    "clusters_with_placements",
    "feasible_clusters",
    "placements",
]
