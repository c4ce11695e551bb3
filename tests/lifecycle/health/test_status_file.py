from __future__ import annotations

import json

from hypothesis import given, settings
from jsonschema import Draft202012Validator

from spareplace.cluster import Cluster
from spareplace.files import schema_of
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.health.status_file import STATUS, read_status, status_text
from spareplace.placement import Placement

from .drifting import drifted

VALID = Draft202012Validator(schema_of("status", STATUS))


@settings(max_examples=40)
@given(drifted())
def test_a_status_that_is_written_reads_back_equal(case: tuple[Cluster, Placement]) -> None:
    status = protection_status(*case)
    text = status_text(status)
    assert read_status(text) == status
    VALID.validate(json.loads(text))
