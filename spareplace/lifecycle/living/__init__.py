"""The life of a cluster: what happens to it, what is to be done next, and what that leads to.

A controller takes a `Life` from each of these functions to the next, and keeps it in a file.
"""

from spareplace.lifecycle.living.deciding import decide
from spareplace.lifecycle.living.events import ClusterEvent
from spareplace.lifecycle.living.life import Away, Life, hear
from spareplace.lifecycle.living.life_file import load_life, save_life
from spareplace.lifecycle.living.observing import Observed, Run, Task, apply_task
from spareplace.lifecycle.living.tasks import next_task, task_done

__all__ = [
    "Away",
    "ClusterEvent",
    "Life",
    "Observed",
    "Run",
    "Task",
    "apply_task",
    "decide",
    "hear",
    "load_life",
    "next_task",
    "save_life",
    "task_done",
]
