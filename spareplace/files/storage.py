"""Clusters and plans on disk. A file is replaced whole or stays as it was."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from spareplace.cluster import Cluster
from spareplace.files.decode_cluster import read_cluster
from spareplace.files.decode_plan import read_plan
from spareplace.files.encode import cluster_text, plan_text
from spareplace.files.json_text import LARGEST_FILE
from spareplace.placement import Plan


def load_cluster(path: str | os.PathLike[str]) -> Cluster:
    """Read a cluster from a file.

    Parameters
    ----------
    path
        A JSON file in UTF-8 of the format ``spareplace/cluster/1``, of at most 64 MiB.

    Raises
    ------
    InvalidInput
        If anything is wrong with its content; every problem is listed, each with its path.
    OSError
        If it cannot be read.
    """
    return read_cluster(read_whole(path), source=os.fspath(path))


def save_cluster(cluster: Cluster, path: str | os.PathLike[str]) -> None:
    """Write a cluster to the file at a path; `load_cluster` gives an equal one.

    Raises
    ------
    OSError
        If it cannot be written; what the file held before is still there.
    """
    write_whole(path, cluster_text(cluster))


def load_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan from a file. Only its form is checked; whether it keeps the rules, `check` says.

    Parameters
    ----------
    path
        A JSON file in UTF-8 of the format ``spareplace/plan/1``, of at most 64 MiB.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    OSError
        If it cannot be read.
    """
    return read_plan(read_whole(path), source=os.fspath(path))


def save_plan(plan: Plan, path: str | os.PathLike[str]) -> None:
    """Write a plan to the file at a path; `load_plan` gives an equal one.

    Raises
    ------
    OSError
        If it cannot be written; what the file held before is still there.
    """
    write_whole(path, plan_text(plan))


def read_whole(path: str | os.PathLike[str]) -> bytes:
    """Read a file, or of one that is too long only so much that its reader refuses it."""
    with open(path, "rb") as file:
        return file.read(LARGEST_FILE + 1)  # one more than is allowed tells that it is too long


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Write a text to the file at a path, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what the file held before is still there.
    """
    content = text.encode("utf-8")
    if os.path.exists(path) and not os.path.isfile(path):
        Path(path).write_bytes(content)  # a pipe or a device: there is nothing to lose
        return
    target = Path(os.path.realpath(path))  # what a link leads to is replaced, not the link
    draft = target.with_name(f".spareplace-{os.urandom(8).hex()}")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(draft, target)
        _settle(target.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    """Let the new name outlast a loss of power, where folders can be synchronised."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(number)
    except OSError:
        pass  # some file systems refuse it; the file itself is written
    finally:
        os.close(number)
