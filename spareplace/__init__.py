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
        OtherCluster,
        Problem,
        Shortage,
        SolverUnavailable,
        SpareplaceError,
    )
    from spareplace.failures import failures_of, pair_failures, single_failures, zone_failures
    from spareplace.files import load_cluster, load_plan, save_cluster, save_plan
    from spareplace.generate import generate_cluster
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
    from spareplace.solvers import SolverInfo, available_solvers
    from spareplace.verify import Violation, check
    from spareplace.watching import Progress

__version__ = "0.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())  # a library prints nothing

_HOMES = {
    "cluster": ("Cluster",),
    "errors": (
        "Defect",
        "Infeasible",
        "InvalidInput",
        "NoPlan",
        "OtherCluster",
        "Problem",
        "Shortage",
        "SolverUnavailable",
        "SpareplaceError",
    ),
    "failures": ("failures_of", "pair_failures", "single_failures", "zone_failures"),
    "files": ("load_cluster", "load_plan", "save_cluster", "save_plan"),
    "canonical": ("fingerprint",),
    "generate": ("generate_cluster",),
    "parts": ("VM", "Diff", "Failure", "Server"),
    "placement": (
        "Extent",
        "Placement",
        "Plan",
        "Rebuild",
        "Recovery",
        "Transfer",
        "Unprotected",
    ),
    "planning": ("plan",),
    "solvers": ("SolverInfo", "available_solvers"),
    "verify": ("Violation", "check"),
    "watching": ("Progress",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "VM",
    "Cluster",
    "Defect",
    "Diff",
    "Extent",
    "Failure",
    "Infeasible",
    "InvalidInput",
    "NoPlan",
    "OtherCluster",
    "Placement",
    "Plan",
    "Problem",
    "Progress",
    "Rebuild",
    "Recovery",
    "Server",
    "Shortage",
    "SolverInfo",
    "SolverUnavailable",
    "SpareplaceError",
    "Transfer",
    "Unprotected",
    "Violation",
    "available_solvers",
    "check",
    "failures_of",
    "fingerprint",
    "generate_cluster",
    "load_cluster",
    "load_plan",
    "pair_failures",
    "plan",
    "save_cluster",
    "save_plan",
    "single_failures",
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
