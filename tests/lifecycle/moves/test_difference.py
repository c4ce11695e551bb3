from __future__ import annotations

import json
from dataclasses import replace

import jsonschema

from spareplace.files import schema_of
from spareplace.files.decoding import read_shaped
from spareplace.lifecycle.moves.difference import RebuildChange, plan_difference
from spareplace.lifecycle.moves.difference_file import (
    DIFFERENCE,
    DIFFERENCE_FORMAT,
    difference_text,
)
from spareplace.placement import Extent
from spareplace.planning import plan
from tests.examples import three_servers


def test_a_plan_differs_in_nothing_from_itself() -> None:
    made = plan(three_servers(), method="greedy")
    difference = plan_difference(made, replace(made, seed=7, seconds=9.0))
    assert difference.is_none
    assert (difference.copied_bytes, difference.deleted_bytes) == (0, 0)
    assert difference.same_cluster
    assert difference.moves is None


def test_extents_rebuilds_and_figures_are_compared() -> None:
    made = plan(three_servers(), method="greedy")
    (target,) = {it.server for recovery in made.recoveries for it in recovery.rebuilds}
    other = next(name for name in "bc" if name != target)
    moved = tuple(replace(extent, server=other) for extent in made.stored)
    recoveries = tuple(
        replace(it, rebuilds=tuple(replace(one, server=other) for one in it.rebuilds))
        for it in made.recoveries
    )
    second = replace(
        made, stored=moved, recoveries=recoveries, expected_transfer_bytes=1.0, cluster_sha256="0"
    )
    difference = plan_difference(made, second)
    assert difference.copied == moved
    assert difference.deleted == made.stored
    assert difference.rebuilds == (
        RebuildChange(failure="a", vm="web", before=target, after=other),
    )
    assert difference.expected_transfer_bytes_after == 1.0
    assert difference.largest_transfer_bytes_after == made.recoveries[0].transfer_bytes == 0
    assert not difference.same_cluster
    back = plan_difference(second, replace(made, recoveries=()))
    assert back.rebuilds == (RebuildChange(failure="a", vm="web", before=other, after=None),)


def test_of_extents_that_overlap_only_the_rest_differs() -> None:
    made = plan(three_servers(), method="greedy")
    first = replace(made, stored=(Extent(diff="base", server="b", start=0, stop=30),))
    second = replace(made, stored=(Extent(diff="base", server="b", start=10, stop=40),))
    difference = plan_difference(first, second)
    assert [(it.start, it.stop) for it in difference.copied] == [(30, 40)]
    assert [(it.start, it.stop) for it in difference.deleted] == [(0, 10)]


def test_a_difference_is_read_as_it_was_written_and_fits_its_schema() -> None:
    cluster = three_servers()
    made = plan(cluster, method="greedy")
    moved = tuple(
        replace(extent, server="c" if extent.server == "b" else "b") for extent in made.stored
    )
    for given in (None, cluster):
        difference = plan_difference(made, replace(made, stored=moved), given)
        text = difference_text(difference)
        assert read_shaped(DIFFERENCE, DIFFERENCE_FORMAT, text) == difference
        jsonschema.validate(json.loads(text), schema_of("diff", DIFFERENCE))
        assert (difference.moves is None) == (given is None)
