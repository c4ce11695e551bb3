from __future__ import annotations

from decimal import Decimal

from spareplace.clock import Clock
from spareplace.exact import what_is_short
from spareplace.instance import number
from spareplace.options import Options
from tests.examples import three_servers


def test_it_names_what_is_short_and_with_no_time_left_nothing() -> None:
    """b and c have 39 each, base and top take 45 together, and base 40 by itself."""
    instance = number(three_servers(b=39, c=39))
    found = what_is_short(instance, Clock(), Options())
    assert {(shortage.resource, shortage.missing) for shortage in found} == {("disk", Decimal(1))}
    assert len({shortage.server for shortage in found}) == 1
    over = Clock()
    over.stop.set()
    assert what_is_short(instance, over, Options()) == []
