from __future__ import annotations

import os

from tests.qcow2.needs import HERE


def test_qemu_img_is_here_where_it_has_to_be() -> None:
    # Set where no test may be skipped.
    assert HERE or not os.environ.get("SPAREPLACE_QEMU_IMG_REQUIRED")
