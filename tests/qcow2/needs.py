"""What the tests on real images need."""

from __future__ import annotations

import shutil

import pytest

HERE = shutil.which("qemu-img") is not None

needs_qemu_img = pytest.mark.skipif(
    not HERE, reason="qemu-img is not here: apt-get install qemu-utils"
)
