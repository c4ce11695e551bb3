"""The difference of images taken: which image is best stored as a difference on which other."""

from spareplace.saving.choosing import difference_forest
from spareplace.saving.forest import DifferenceForest, ForestDiff
from spareplace.saving.writing import save_differences

__all__ = ["DifferenceForest", "ForestDiff", "difference_forest", "save_differences"]
