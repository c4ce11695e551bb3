from __future__ import annotations

import json
from decimal import Decimal

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.hosts import Host, known_hosts, lacking, read_hosts, servers_of
from tests.importers.given import text

CSV = "name,disk,zone,accept_rebuilds,cpu,memory\na,2TB,r1,,32,128GiB\nb,5,,no,1.5,\n"
JSON = {
    "format": "spareplace/hosts/1",
    "hosts": [{"name": "a", "disk": "2TB", "zone": "r1", "capacity": {"cpu": 32}}],
}


def test_a_hosts_file_may_be_csv() -> None:
    a, b = read_hosts(text(CSV.replace("no", "false")))
    assert (a.name, a.disk, a.zone, a.accept_rebuilds) == ("a", 2 * 10**12, "r1", True)
    assert a.capacity == {"cpu": 32, "memory": 2**37}
    assert (b.disk, b.zone, b.accept_rebuilds, b.capacity) == (
        5,
        None,
        False,
        {"cpu": Decimal("1.5")},
    )


def test_a_hosts_file_may_be_json() -> None:
    (host,) = read_hosts(text(json.dumps(JSON)))
    assert host == Host(name="a", disk=2 * 10**12, zone="r1", capacity={"cpu": 32})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CSV, r"line 3\.accept_rebuilds: found 'no', expected true or false"),
        ("name,disk\na\n", "line 2: found 1 cells, expected 2 cells"),
        ("disk\n5\n", "line 1: found the columns disk, expected a column 'name'"),
        ("name,name\na,b\n", "line 1: found a column 'name', expected each column named, and once"),
        ("name,disk\na,-5\n", r"line 2\.disk: found -5, expected whole bytes"),
        ("name,cpu\na,many\n", r"line 2\.capacity\.cpu: found 'many'"),
        ("name,cpu\na,1e999999999\n", r"line 2\.capacity\.cpu"),
        ("name\na\na\n", "name: found 'a' again"),
        ('name\n"a\n', "line .*: found unexpected end of data, expected CSV"),
        ("", "nothing: it is empty"),
        ('{"format": "spareplace/hosts/1", "hosts": [{"nam": "a"}]}', "did you mean 'name'"),
        ('{"format": "spareplace/hosts/1", "hosts": [', "the text ends too early: was it cut off"),
    ],
)
def test_what_is_wrong_with_a_hosts_file_is_told_with_its_place(content: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_hosts(text(content))


def test_the_users_word_counts_more_than_a_tool_and_that_more_than_the_default() -> None:
    found = [Host(name="a", disk=1, capacity={"cpu": 1, "memory": 2})]
    listed = [Host(name="a", capacity={"cpu": 9}), Host(name="b", zone="r")]
    default = Host(name="any", disk=7, capacity={"cpu": 5})
    a, b = known_hosts(found, listed, default)
    assert (a.disk, a.capacity) == (1, {"cpu": 9, "memory": 2})
    assert (b.name, b.disk, b.zone, b.capacity) == ("b", 7, "r", {"cpu": 5})


def test_a_disk_is_not_made_up() -> None:
    with pytest.raises(InvalidInput, match=r"host 'a': found nothing .*give --disk") as error:
        servers_of([Host(name="a"), Host(name="b", disk=1), Host(name="c")])
    assert len(error.value.problems) == 2


def test_what_others_take_is_not_for_diffs() -> None:
    (server,) = servers_of([Host(name="a", disk=5)], taken={"a": 7})
    assert server.disk == 0


def test_what_is_not_known_of_hosts_is_noted() -> None:
    notes = lacking([Host(name="a"), Host(name="b", zone="r", capacity={"cpu": 1})])
    assert [str(note) for note in notes] == [
        "server 'a': how much cpu it has is not known: it takes no VM that demands it; "
        "list it in the hosts file (--hosts)",
        "server 'a': no zone is known, while others have one; list it in the hosts file (--hosts)",
    ]
    (note,) = lacking([Host(name="a")])
    assert note.assumed.endswith("rebuilds are limited by disk alone")
