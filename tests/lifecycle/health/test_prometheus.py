from __future__ import annotations

import pytest
from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.health.prometheus import prometheus_text
from spareplace.parts import VM, Server
from spareplace.placement import Placement, Rebuild

from .drifting import drifted
from .exposition import read_exposition


@settings(max_examples=40)
@given(drifted())
def test_the_text_keeps_the_grammar_and_says_what_the_status_says(
    case: tuple[Cluster, Placement],
) -> None:
    status = protection_status(*case)
    text = prometheus_text(status)
    found = read_exposition(text)
    assert found["spareplace_pairs"][(("state", "broken"),)] == len(status.broken)
    assert sum(found["spareplace_broken_pairs"].values()) == len(status.broken)
    assert found["spareplace_holds"] == {(): status.holds}
    stored = {name: size for (((_, name),), size) in found["spareplace_stored_bytes"].items()}
    assert stored == {one.server: one.stored_bytes for one in status.servers}
    assert found["spareplace_expected_transfer_bytes"][()] == status.expected_transfer_bytes
    assert "spareplace_plan_current" not in found  # there is no plan, only a placement


@pytest.mark.parametrize("name", ['a"b', "a\\", "a\nb", '\\"', "\\n", "a\rb", "東京", "{}", "a,b"])
def test_any_name_is_escaped_so_that_it_reads_back(name: str) -> None:
    cluster = Cluster(
        servers=(
            Server(name=name, disk=9, capacity={name: 1}),
            Server(name="s", disk=9, capacity={name: 4}),
        ),
        vms=(VM(name="web", server=name, demand={name: 1}),),
    )
    placement = Placement(rebuilds={name: (Rebuild(vm="web", server="s"),)})
    found = read_exposition(prometheus_text(protection_status(cluster, placement)))
    assert found["spareplace_disk_left_bytes"][(("server", name),)] == 9
    assert found["spareplace_least_resource_left_ratio"] == {(("resource", name),): 0.75}


@pytest.mark.parametrize(
    "wrong",
    [
        "a 1\n",
        "# HELP a b\n# TYPE a gauge\na 1",
        '# HELP a b\n# TYPE a gauge\na{b="c"d"} 1\n',
        '# HELP a b\n# TYPE a gauge\na{b="c\\"} 1\n',
        "# HELP a b\n# TYPE a gauge\na 1\na 2\n",
        "# HELP a b\n# TYPE a gauge\na one\n",
    ],
)
def test_the_reader_of_these_tests_refuses_what_the_grammar_does(wrong: str) -> None:
    with pytest.raises(AssertionError):
        read_exposition(wrong)
