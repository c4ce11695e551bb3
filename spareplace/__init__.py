"""Plan where the spare images of virtual machines are kept, so that recovery transfers least.

>>> from spareplace import Cluster, Diff, Server, VM, plan
>>> cluster = Cluster(
...     servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
...     diffs=(Diff(name="base", size=40),),
...     vms=(VM(name="web", server="a", diff="base", disk=40),),
... )
>>> plan(cluster).recovery("a").rebuilds
(Rebuild(vm='web', server='b'),)

Names are loaded when they are first used: importing the package loads no solver, nor NumPy.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spareplace.canonical import fingerprint
    from spareplace.cluster import Cluster
    from spareplace.errors import (
        Defect,
        Infeasible,
        InvalidInput,
        NoPlan,
        NoRoom,
        OtherCluster,
        Problem,
        Shortage,
        SolverUnavailable,
        SpareplaceError,
    )
    from spareplace.explaining import ClusterChange, capacity, explain, frontier, what_if
    from spareplace.failures import failures_of, pair_failures, single_failures, zone_failures
    from spareplace.files import load_cluster, load_plan, save_cluster, save_plan
    from spareplace.generate import generate_cluster
    from spareplace.lifecycle.changeover.draining import Drained, Migration, drain
    from spareplace.lifecycle.changeover.plan_change import PlanChange
    from spareplace.lifecycle.changeover.protecting import Reprotection, reprotect
    from spareplace.lifecycle.changeover.replanning import replan
    from spareplace.lifecycle.changeover.returning import rejoin
    from spareplace.lifecycle.health import ProtectionStatus, protection_status
    from spareplace.lifecycle.moves.difference import (
        PlanDifference,
        RebuildChange,
        plan_difference,
    )
    from spareplace.lifecycle.moves.ordering import moves_between
    from spareplace.lifecycle.moves.steps import Moves, Step, apply_step, replayed
    from spareplace.lifecycle.recovering import after_recovery, recover
    from spareplace.lifecycle.recovering.schedule import (
        BusiestLink,
        LostVM,
        RecoverySchedule,
        TimedRebuild,
        TimedTransfer,
    )
    from spareplace.lifecycle.registering.registration import (
        NewTarget,
        Registered,
        Registration,
    )
    from spareplace.lifecycle.registering.standing import Standing, register
    from spareplace.lifecycle.runbook import runbook_script
    from spareplace.lifecycle.simulating.running import SimulationProgress, simulate
    from spareplace.lifecycle.simulating.simulation import (
        PolicyResult,
        SimulatedEvent,
        Simulation,
    )
    from spareplace.moving import moved_bytes
    from spareplace.parts import VM, Diff, Failure, Server
    from spareplace.placement import (
        Extent,
        Placement,
        Plan,
        Rebuild,
        Recovery,
        Transfer,
        Unprotected,
    )
    from spareplace.planning import plan
    from spareplace.reporting import report
    from spareplace.reporting.graph import forest_dot, forest_graph
    from spareplace.saving import DifferenceForest, ForestDiff, difference_forest, save_differences
    from spareplace.solvers import SolverInfo, available_solvers
    from spareplace.verify import Violation, check
    from spareplace.watching import Progress

__version__ = "0.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())  # a library prints nothing

_HOMES = {
    "cluster": "Cluster",
    "errors": (
        "Defect Infeasible InvalidInput NoPlan NoRoom OtherCluster Problem Shortage "
        "SolverUnavailable SpareplaceError"
    ),
    "explaining": "ClusterChange capacity explain frontier what_if",
    "failures": "failures_of pair_failures single_failures zone_failures",
    "files": "load_cluster load_plan save_cluster save_plan",
    "canonical": "fingerprint",
    "generate": "generate_cluster",
    "lifecycle.changeover.draining": "Drained Migration drain",
    "lifecycle.changeover.plan_change": "PlanChange",
    "lifecycle.changeover.protecting": "Reprotection reprotect",
    "lifecycle.changeover.replanning": "replan",
    "lifecycle.changeover.returning": "rejoin",
    "lifecycle.moves.difference": "PlanDifference RebuildChange plan_difference",
    "lifecycle.moves.ordering": "moves_between",
    "lifecycle.moves.steps": "Moves Step apply_step replayed",
    "lifecycle.recovering": "after_recovery recover",
    "lifecycle.recovering.schedule": (
        "BusiestLink LostVM RecoverySchedule TimedRebuild TimedTransfer"
    ),
    "lifecycle.registering.registration": "NewTarget Registered Registration",
    "lifecycle.registering.standing": "Standing register",
    "lifecycle.simulating.running": "SimulationProgress simulate",
    "lifecycle.simulating.simulation": "PolicyResult SimulatedEvent Simulation",
    "lifecycle.runbook": "runbook_script",
    "moving": "moved_bytes",
    "lifecycle.health": "ProtectionStatus protection_status",
    "parts": "VM Diff Failure Server",
    "placement": "Extent Placement Plan Rebuild Recovery Transfer Unprotected",
    "planning": "plan",
    "reporting": "report",
    "reporting.graph": "forest_dot forest_graph",
    "saving": "DifferenceForest ForestDiff difference_forest save_differences",
    "solvers": "SolverInfo available_solvers",
    "verify": "Violation check",
    "watching": "Progress",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "VM",
    "BusiestLink",
    "Cluster",
    "ClusterChange",
    "Defect",
    "Diff",
    "DifferenceForest",
    "Drained",
    "Extent",
    "Failure",
    "ForestDiff",
    "Infeasible",
    "InvalidInput",
    "LostVM",
    "Migration",
    "Moves",
    "NewTarget",
    "NoPlan",
    "NoRoom",
    "OtherCluster",
    "Placement",
    "Plan",
    "PlanChange",
    "PlanDifference",
    "PolicyResult",
    "Problem",
    "Progress",
    "ProtectionStatus",
    "Rebuild",
    "RebuildChange",
    "Recovery",
    "RecoverySchedule",
    "Registered",
    "Registration",
    "Reprotection",
    "Server",
    "Shortage",
    "SimulatedEvent",
    "Simulation",
    "SimulationProgress",
    "SolverInfo",
    "SolverUnavailable",
    "SpareplaceError",
    "Standing",
    "Step",
    "TimedRebuild",
    "TimedTransfer",
    "Transfer",
    "Unprotected",
    "Violation",
    "after_recovery",
    "apply_step",
    "available_solvers",
    "capacity",
    "check",
    "difference_forest",
    "drain",
    "explain",
    "failures_of",
    "fingerprint",
    "forest_dot",
    "forest_graph",
    "frontier",
    "generate_cluster",
    "load_cluster",
    "load_plan",
    "moved_bytes",
    "moves_between",
    "pair_failures",
    "plan",
    "plan_difference",
    "protection_status",
    "recover",
    "register",
    "rejoin",
    "replan",
    "replayed",
    "report",
    "reprotect",
    "runbook_script",
    "save_cluster",
    "save_differences",
    "save_plan",
    "simulate",
    "single_failures",
    "what_if",
    "zone_failures",
]

if not TYPE_CHECKING:  # a type checker knows the names from the imports above

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
