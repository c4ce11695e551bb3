"""``python -m examples.qcow2_cluster FOLDER``: play out every failure, and tell what was sent."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from examples.qcow2_cluster.proof import Played, build, every_failure, every_second_failure


def main() -> None:
    """Build the cluster in a folder, and play."""
    parser = argparse.ArgumentParser(prog="python -m examples.qcow2_cluster")
    parser.add_argument("folder", type=Path, help="a new folder for all files, about 200 MB")
    chosen = parser.parse_args()
    chosen.folder.mkdir()
    world = build(chosen.folder)
    for diff in world.forest.diffs:
        say(f"saved     {diff.name:8} on {diff.parent or '-':8} {diff.size:>9} bytes")
    for extent in world.plan.stored:
        say(f"stored    {extent.diff:8} on {extent.server:8} {extent.start}-{extent.stop}")
    for played in every_failure(world, chosen.folder):
        say(told(played))
    for failure in world.cluster.failures:
        for played in every_second_failure(world, failure.servers[0], chosen.folder):
            if len(played.failed) > 1:
                say(told(played))


def told(played: Played) -> str:
    """Say what happened in one line."""
    return (
        f"failed    {', '.join(played.failed):16} planned {played.planned:>8} bytes, sent "
        f"{played.sent:>8}; {played.identical} of {played.rebuilt} images identical"
    )


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")


main()
