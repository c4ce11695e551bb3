from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

from spareplace import InvalidInput, RecoverySchedule, plan, recover
from spareplace.files import schema_of
from spareplace.lifecycle.recovering.schedule_file import (
    RECOVERY,
    read_recovery,
    recovery_text,
    save_recovery,
)
from tests.examples import paper
from tests.lifecycle.recovering.situations import Situation, busy, situations


def _of_the_paper() -> RecoverySchedule:
    cluster = paper()
    return recover(cluster, plan(cluster, method="level"), ["Sk", "Si"])


@settings(max_examples=50)
@given(situation=situations() | busy())
def test_a_recovery_that_is_written_is_read_back_equal(situation: Situation) -> None:
    found = recover(*situation, time_limit=0)
    text = recovery_text(found)
    assert read_recovery(text) == found
    assert recovery_text(read_recovery(text)) == text


def test_the_document_names_rebuilds_and_transfers_at_its_top() -> None:
    document = json.loads(recovery_text(_of_the_paper()))
    assert list(document) == [
        "format", "cluster_sha256", "failed", "transfer_bytes", "seconds", "busiest_link",
        "rebuilds", "transfers", "lost", "never_rebuilt",
    ]  # fmt: skip
    assert document["format"] == "spareplace/recovery/1"
    assert list(document["rebuilds"][0]) == ["vm", "server", "seconds"]
    assert list(document["transfers"][0]) == [
        "diff", "from", "to", "start", "stop", "begin_seconds", "end_seconds"
    ]  # fmt: skip


def test_the_schema_describes_it() -> None:
    found = schema_of("recovery", RECOVERY)
    jsonschema.validate(json.loads(recovery_text(_of_the_paper())), found)


def test_a_transfer_that_ends_before_it_begins_is_refused() -> None:
    text = recovery_text(_of_the_paper())
    for key in ("stop", "end_seconds"):
        document = json.loads(text)
        document["transfers"][0] |= {"begin_seconds": 1, "end_seconds": 1, key: 0}
        with pytest.raises(InvalidInput, match=rf"transfers\[0\]\.{key}"):
            read_recovery(json.dumps(document))


def test_a_file_holds_it(tmp_path: Path) -> None:
    found = _of_the_paper()
    save_recovery(found, tmp_path / "recovery.json")
    assert read_recovery((tmp_path / "recovery.json").read_text()) == found
