"""What to do after servers failed, and the state that this leads to."""

from spareplace.lifecycle.recovering.aftermath import after_recovery
from spareplace.lifecycle.recovering.answering import recover

__all__ = ["after_recovery", "recover"]
