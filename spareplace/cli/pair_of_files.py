"""A cluster and its plan as two files that are replaced together, as far as two files can be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click

from spareplace.cli.results import refuse_unwritable
from spareplace.cluster import Cluster
from spareplace.files import save_cluster, save_plan
from spareplace.placement import Plan


def refuse_unwritable_pair(
    plan_path: str | None, cluster_path: str | None, plan: str, cluster: str, *inputs: str
) -> None:
    """End before the work begins if one of the two files could not be written.

    They may replace the plan and the cluster that are read, both together and each its own; a
    plan is of no use with a cluster of another state. No other input is replaced.

    Parameters
    ----------
    plan_path, cluster_path
        Where they go.
    plan, cluster
        Where they are read from.
    inputs
        What else is read.

    Raises
    ------
    click.UsageError
        If so.
    """
    if plan_path is None or cluster_path is None:
        _refuse_half(plan_path, plan, "-o", "--cluster-output")
        _refuse_half(cluster_path, cluster, "--cluster-output", "-o")
        refuse_unwritable(plan_path, cluster, *inputs)
        refuse_unwritable(cluster_path, plan, *inputs)
        return
    if os.path.realpath(plan_path) == os.path.realpath(cluster_path):
        raise click.UsageError("-o and --cluster-output name the same file")
    refuse_unwritable(plan_path, cluster, *inputs)
    try:
        refuse_unwritable(cluster_path, plan, *inputs)
    except click.BadParameter as bad:
        bad.param_hint = "--cluster-output"
        raise


def _refuse_half(path: str | None, read: str, option: str, other: str) -> None:
    same = path is not None and os.path.exists(read)
    if same and path is not None and os.path.realpath(path) == os.path.realpath(read):
        raise click.UsageError(f"{option} replaces what is read, so it needs {other} as well")


def save_pair(
    cluster: Cluster, cluster_path: str | None, plan: Plan, plan_path: str | None
) -> None:
    """Write a cluster and its plan; both are on the disk before either replaces what was there.

    Only the two renamings at the end can be torn apart. Devices and pipes are written to as they
    are.

    Raises
    ------
    OSError
        If one cannot be written. Unless that was found at the last renaming, both files are as
        they were.
    """
    if cluster_path is None or plan_path is None:
        if cluster_path is not None:
            save_cluster(cluster, cluster_path)
        if plan_path is not None:
            save_plan(plan, plan_path)
        return
    if not (_is_plain(cluster_path) and _is_plain(plan_path)):
        save_cluster(cluster, cluster_path)
        save_plan(plan, plan_path)
        return
    cluster_target, plan_target = (Path(os.path.realpath(p)) for p in (cluster_path, plan_path))
    cluster_draft, plan_draft = _draft(cluster_target), _draft(plan_target)
    try:
        save_cluster(cluster, cluster_draft)
        save_plan(plan, plan_draft)
        for draft, target in ((cluster_draft, cluster_target), (plan_draft, plan_target)):
            if target.exists():
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(cluster_draft, cluster_target)
        os.replace(plan_draft, plan_target)
    finally:
        cluster_draft.unlink(missing_ok=True)
        plan_draft.unlink(missing_ok=True)


def _is_plain(path: str) -> bool:
    return os.path.isfile(path) or not os.path.exists(path)


def _draft(target: Path) -> Path:
    return target.with_name(f".spareplace-{os.urandom(8).hex()}")
