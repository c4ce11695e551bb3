from __future__ import annotations

import pytest

from spareplace.errors import InvalidInput
from spareplace.files import read_cluster


def refused_paths(servers: str, vms: str = "[]") -> list[str]:
    text = f'{{"format": "spareplace/cluster/1", "servers": {servers}, "vms": {vms}}}'
    with pytest.raises(InvalidInput) as caught:
        read_cluster(text)
    return [problem.path for problem in caught.value.problems]


def test_a_server_that_is_wrong_by_itself_is_still_known() -> None:
    servers = '[{"name": "a", "disk": null}]'
    assert refused_paths(servers, '[{"name": "v", "server": "a"}]') == ["$.servers[0].disk"]


def test_a_resource_is_known_although_its_amount_is_wrong() -> None:
    servers = '[{"name": "a", "disk": 1, "capacity": {"disk io": -1}}]'
    vms = '[{"name": "v", "server": "a", "demand": {"disk io": 1, "cpu": null, "gpu": 1}}]'
    assert refused_paths(servers, vms) == [
        "$.servers[0].capacity['disk io']",
        "$.vms[0].demand.cpu",
        "$.vms[0].demand.gpu",
    ]


@pytest.mark.parametrize("capacity", ["[]", "7", "null"])
def test_resources_are_not_judged_when_a_capacity_cannot_be_read(capacity: str) -> None:
    servers = f'[{{"name": "a", "disk": 1, "capacity": {capacity}}}]'
    vms = '[{"name": "v", "server": "a", "demand": {"cpu": 1}}]'
    assert refused_paths(servers, vms) == ["$.servers[0].capacity"]


def test_what_a_part_says_of_itself_is_told_beside_what_the_file_got_wrong() -> None:
    servers = '[{"name": "a", "disk": "1", "resident": ["d", "d"]}]'
    assert refused_paths(servers) == ["$.servers[0].disk", "$.servers[0].resident[1]"]


def test_nothing_is_said_of_what_stands_in_for_a_wrong_value() -> None:
    vms = '[{}, {"name": 1, "server": 2}, null, {"nmae": "v"}]'
    assert refused_paths('[{"name": "a", "disk": 1}]', vms) == [
        "$.vms[0].name",
        "$.vms[0].server",
        "$.vms[1].name",
        "$.vms[1].server",
        "$.vms[2]",
        "$.vms[3].nmae",
        "$.vms[3].name",
        "$.vms[3].server",
    ]


def test_a_name_is_used_twice_even_by_a_part_that_is_wrong() -> None:
    servers = '[{"name": "a", "disk": -1}, {"name": "a", "disk": -1}]'
    assert refused_paths(servers) == [
        "$.servers[0].disk",
        "$.servers[1].disk",
        "$.servers[1].name",
    ]
