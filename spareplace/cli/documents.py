"""The JSON documents that commands print, but for plans and clusters, which are files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING

from spareplace.canonical import JSON
from spareplace.errors import Shortage
from spareplace.units import LARGEST

if TYPE_CHECKING:
    from spareplace.solvers import SolverInfo
    from spareplace.verify import Violation


def infeasible_document(shortages: Iterable[Shortage]) -> dict[str, JSON]:
    """Give every shortage, as ``spareplace/infeasible/1``."""
    return {
        "format": "spareplace/infeasible/1",
        "shortages": [
            {
                "failure": shortage.failure,
                "server": shortage.server,
                "resource": shortage.resource,
                "needed": _amount(shortage.needed),
                "available": _amount(shortage.available),
                "missing": _amount(shortage.missing),
                "vms": list(shortage.vms),
            }
            for shortage in shortages
        ],
    }


def check_document(violations: Iterable[Violation]) -> dict[str, JSON]:
    """Give every violation, as ``spareplace/check/1``; none for a plan that is right."""
    return {
        "format": "spareplace/check/1",
        "violations": [
            {
                "rule": violation.rule,
                "failure": violation.failure,
                "server": violation.server,
                "item": violation.item,
                "amount": _amount(violation.amount),
                "found": violation.found,
                "expected": violation.expected,
            }
            for violation in violations
        ],
    }


def solvers_document(solvers: Iterable[SolverInfo]) -> dict[str, JSON]:
    """Give every solver, as ``spareplace/solvers/1``."""
    return {"format": "spareplace/solvers/1", "solvers": [asdict(solver) for solver in solvers]}


def json_bytes(document: dict[str, JSON]) -> bytes:
    """Write a document as JSON in UTF-8."""
    # A lone half of a surrogate pair becomes its escape in JSON.
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return text.encode("utf-8", errors="backslashreplace")


def _amount(amount: Decimal | int) -> JSON:
    """Write an amount as a cluster file would: as text where a number would lose digits."""
    amount = Decimal(amount)
    if amount == amount.to_integral_value():
        return int(amount) if abs(amount) <= LARGEST else f"{amount:f}B"
    near = float(amount)
    return near if Decimal(repr(near)) == amount else f"{amount:f}B"
