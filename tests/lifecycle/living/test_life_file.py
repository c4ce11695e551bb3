"""A life as a file: it is read as it was written, and refused where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from spareplace.errors import InvalidInput
from spareplace.lifecycle.living.life import Life, hear
from spareplace.lifecycle.living.life_file import life_text, load_life, save_life
from spareplace.lifecycle.living.observing import Observed
from spareplace.lifecycle.living.tasks import next_task
from spareplace.schemas import document_schema
from tests.examples import three_servers
from tests.lifecycle.living.lives import event, lived, step


def moments() -> list[Life]:
    """Lead a life through a failure, a return and a drain; give each moment of it."""
    found = [Life(cluster=three_servers())]
    life, world = found[0], Observed()
    for line in (event("failed", "a"), event("repaired", "a"), event("drain", "b")):
        life, world, _ = lived(life, world)
        life, _ = hear(life, [line])
        while not life.is_idle or next_task(life, world) is not None:
            found.append(life)
            life, world, _ = step(life, world, method="greedy", time_limit=None)
    return [*found, life]


def test_what_was_written_is_read_at_every_moment(tmp_path: Path) -> None:
    path = tmp_path / "life.json"
    lives = moments()
    assert any(life.recovery for life in lives)
    assert any(life.goal for life in lives)
    assert any(life.moves and life.away for life in lives)
    for life in lives:
        save_life(life, path)
        assert load_life(path) == life


def test_it_keeps_to_its_schema() -> None:
    for life in moments()[::5]:
        jsonschema.validate(json.loads(life_text(life)), document_schema("life"))


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("taken", -1, "$.taken"),
        ("taken", "many", "$.taken"),
        ("waiting", "tick", "$.waiting"),
        ("waiting", ['{"event": "tick"}', "tick"], "$.waiting[1]$"),
        ("waiting", [None], "$.waiting[0]"),
        ("plan", {}, "$.plan.format"),
        ("away", [{"server": "a"}], "$.away[0].cluster"),
        ("goal", 5, "$.goal"),
        ("more", 5, "$.more"),
    ],
)
def test_a_file_that_is_wrong_is_refused(
    tmp_path: Path, key: str, value: object, path: str
) -> None:
    document = json.loads(life_text(Life(cluster=three_servers())))
    file = tmp_path / "life.json"
    file.write_text(json.dumps({**document, key: value}), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_life(file)
    assert caught.value.problems[0].path == path
    assert str(caught.value).startswith(str(file))
