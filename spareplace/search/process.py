"""The other end of `processes`: a program that does one task after the other, until it is left."""

from __future__ import annotations

import os
import pickle
import threading
import time

from spareplace.search.processes import READY

GENTLER = 5
"""By how much others go first: above all the proofs beside the search, in the process that waits
for this one. On two cores the bound by branching has 27 of 31 s by it."""


def main() -> None:
    """Do what comes in, and send back what comes of it: whether it failed, and value or error."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as null:  # whoever else reads or writes there finds nothing
        os.dup2(null.fileno(), 0)
        os.dup2(null.fileno(), 1)
    threading.Thread(target=_end_when_left, args=(os.getppid(),), daemon=True).start()
    if hasattr(os, "nice"):  # not on Windows
        os.nice(GENTLER)
    answers.write(READY)
    answers.flush()
    while True:
        try:
            function, args, kwargs = pickle.load(tasks)
        except EOFError:
            return
        try:
            answer = (False, function(*args, **kwargs))
        except Exception as error:  # it is raised again where the task came from
            answer = (True, error)
        try:
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
        except BrokenPipeError:  # nobody waits for it any more
            os._exit(0)


def _end_when_left(parent: int) -> None:
    """End also amid a task when the process that waits for it is gone."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    main()
