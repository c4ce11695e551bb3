from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.instance import number
from spareplace.milp.build import build
from spareplace.testing import clusters


@settings(max_examples=60)
@given(cluster=clusters(min_servers=2, min_vms=1, min_diffs=2))
def test_a_server_that_needs_a_diff_needs_the_one_above_it(cluster: Cluster) -> None:
    """The next above that it does not hold anyway: what is held is never needed."""
    instance = number(cluster)
    milp, need = (model := build(instance, Clock())).milp, model.columns.need
    entries = zip(milp.at_row.tolist(), milp.at_column.tolist(), milp.coefficient, strict=True)
    rows: dict[int, dict[int, int]] = {}
    for row, column, coefficient in entries:
        rows.setdefault(row, {})[column] = int(coefficient)
    stated = [terms for row, terms in rows.items() if not milp.row_lower[row]]
    for failure, vm, server in model.columns.rebuild:
        chain = [d for d in instance.chain[vm] if (failure, d, server) in need]
        for above, below in pairwise(chain):
            assert {need[failure, above, server]: 1, need[failure, below, server]: -1} in stated
