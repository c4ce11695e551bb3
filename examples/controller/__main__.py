"""``python -m examples.controller CLUSTER EVENTS FOLDER``: run the controller on the stand-in."""

from __future__ import annotations

import argparse
import asyncio
import logging
from pathlib import Path

from examples.controller.controller import Controller
from examples.controller.events import EventFile, EventStream
from examples.controller.hypervisor import FilesHypervisor


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m examples.controller")
    parser.add_argument("cluster", type=Path, help="where it starts, the first time")
    parser.add_argument("events", help="the file to which events are appended; -: standard input")
    parser.add_argument("folder", type=Path, help="where state and world are kept")
    parser.add_argument("--until-idle", action="store_true", help="end when all is done")
    parser.add_argument("--time-limit", type=float, default=2.0, help="seconds for each plan")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds that each action takes")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for draft in chosen.folder.glob(".spareplace-*"):
        draft.unlink()  # of a file that was being written when the process was killed
    from_stdin = chosen.events == "-"
    controller = Controller(
        chosen.folder / "state.json",
        EventStream(0) if from_stdin else EventFile(Path(chosen.events)),
        FilesHypervisor(chosen.folder, chosen.pace),
        time_limit=chosen.time_limit,
    )
    controller.begin(chosen.cluster)
    try:
        asyncio.run(controller.run(until_idle=chosen.until_idle or from_stdin))
    except KeyboardInterrupt:
        logging.getLogger("controller").info("stopped; the next run goes on from here")


if __name__ == "__main__":
    main()
