from __future__ import annotations

import pytest

from spareplace.errors import InvalidInput
from spareplace.lifecycle.moves.moves_file import read_moves

STEP = '{"action": "copy", "diff": "x", "server": "a", "start": 0, "stop": 9, "from": "b"}'


def _file(step: str) -> str:
    return (
        '{"format": "spareplace/moves/1", "copied_bytes": 9, "deleted_bytes": 0, '
        f'"steps": [{step}]}}'
    )


def test_a_copy_names_its_source() -> None:
    (step,) = read_moves(_file(STEP)).steps
    assert (step.source, step.size) == ("b", 9)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('"b"', "null", "$.steps[0].from"),
        ("copy", "delete", "$.steps[0].from"),
        ("copy", "move", "$.steps[0].action"),
        ('"stop": 9', '"stop": 0', "$.steps[0].stop"),
        ('"start": 0', '"start": -1', "$.steps[0].start"),
        ('"diff"', '"dif"', "$.steps[0].dif"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(old: str, new: str, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_moves(_file(STEP.replace(old, new)))
    assert path in [problem.path for problem in caught.value.problems]
