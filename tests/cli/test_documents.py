from __future__ import annotations

import json
from decimal import Decimal

import pytest

from spareplace.cli.documents import check_document, infeasible_document, json_bytes
from spareplace.errors import Shortage
from spareplace.units import parse_amount
from spareplace.verify import Violation


def _needed(amount: Decimal) -> object:
    shortage = Shortage(
        failure=None, server=None, resource="cpu", needed=amount, available=Decimal(0)
    )
    document = json.loads(json_bytes(infeasible_document([shortage])))
    return document["shortages"][0]["needed"]


@pytest.mark.parametrize("amount", ["0", "40000000000", "0.1", "2.50", "9007199254740992"])
def test_amounts_are_numbers_where_numbers_keep_them(amount: str) -> None:
    found = _needed(Decimal(amount))
    assert isinstance(found, (int, float))
    assert Decimal(str(found)) == Decimal(amount)


@pytest.mark.parametrize("amount", ["9007199254740993", "0.1234567890123456789012345", "1" * 40])
def test_other_amounts_are_text_that_a_cluster_file_may_hold(amount: str) -> None:
    found = _needed(Decimal(amount))
    assert isinstance(found, str)
    assert parse_amount(found) == Decimal(amount)


def test_a_shortage_is_written_whole() -> None:
    shortage = Shortage(
        failure="f",
        server="s",
        resource="disk",
        needed=Decimal(5),
        available=Decimal("3.5"),
        vms=("web",),
    )
    assert infeasible_document([shortage]) == {
        "format": "spareplace/infeasible/1",
        "shortages": [
            {
                "failure": "f",
                "server": "s",
                "resource": "disk",
                "needed": 5,
                "available": 3.5,
                "missing": 1.5,
                "vms": ["web"],
            }
        ],
    }


def test_a_violation_is_written_whole() -> None:
    violation = Violation(
        rule="disk", item="disk", amount=Decimal(7), found="57", expected="at most 50", server="s"
    )
    assert check_document([violation]) == {
        "format": "spareplace/check/1",
        "violations": [
            {
                "rule": "disk",
                "failure": None,
                "server": "s",
                "item": "disk",
                "amount": 7,
                "found": "57",
                "expected": "at most 50",
            }
        ],
    }


def test_any_text_becomes_json_in_utf_8() -> None:
    assert json.loads(json_bytes({"a": "\u6771\udc00\x00"}).decode()) == {"a": "\u6771\udc00\x00"}
