"""The full images of some VMs: small, of known contents, and alike as such images are."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

CLUSTER = 65536
DISK = 192
"""Clusters of the disk that a guest sees: 12 MiB."""

Contents = Mapping[int, str]
"""By cluster, what stands there; clusters of zeros are left out."""

DEBIAN: Contents = dict.fromkeys(range(60), "debian")
WEB: Contents = {**DEBIAN, **dict.fromkeys(range(56, 100), "web")}
ALPINE: Contents = dict.fromkeys(range(0, 80, 2), "alpine")

TEMPLATES: Mapping[str, Contents] = {"debian": DEBIAN, "web": WEB, "alpine": ALPINE}


def _without(contents: Contents, *freed: int) -> Contents:
    return {at: text for at, text in contents.items() if at not in freed}


VMS: Mapping[str, tuple[str, Contents]] = {
    "shop": ("ash", {**WEB, **dict.fromkeys((5, 110, 111), "shop")}),
    "blog": ("ash", {**WEB, **dict.fromkeys(range(110, 134), "blog")}),
    "wiki": ("birch", {**_without(WEB, 3, 4, 50), 120: "wiki"}),
    "db": ("birch", {**DEBIAN, **dict.fromkeys(range(60, 84), "db")}),
    "mail": ("cedar", {**_without(DEBIAN, 8, 9), 64: "mail", 65: "mail"}),
    "cache": ("cedar", {**ALPINE, 100: "cache"}),
    "proxy": ("dogwood", {**ALPINE, 1: "proxy", 3: "proxy"}),
}
"""By VM, the server that it runs on, and what is on its disk."""


def write_images(folder: Path) -> dict[str, Path]:
    """Write the full images of the templates and of the VMs as raw files, by name."""
    full = {**TEMPLATES, **{vm: contents for vm, (_, contents) in VMS.items()}}
    return {name: _write(folder / f"{name}.raw", contents) for name, contents in full.items()}


def _write(path: Path, contents: Contents) -> Path:
    with open(path, "wb") as file:
        file.truncate(DISK * CLUSTER)
        for at, text in contents.items():
            file.seek(at * CLUSTER)
            file.write(random.Random(f"{text} {at}").randbytes(CLUSTER))
    return path
