"""Sources for the tests of importers, recorded and made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.folders import read_sources
from spareplace.importers.proxmox.dump import read_dump
from spareplace.importers.sources import Source

ROOT = Path(__file__).parents[2]
QEMU = str(ROOT / "examples" / "three_hosts")
FIXTURES = Path(__file__).parent / "fixtures"
LIBVIRT = str(FIXTURES / "libvirt")
PROXMOX = str(FIXTURES / "proxmox" / "three_nodes")
GANETI = str(FIXTURES / "ganeti" / "mixed.data")


def recorded(folder: str) -> tuple[Source, ...]:
    """Read what was recorded on three hosts; paths start at their folders."""
    return tuple(
        Source(path=source.path[len(folder) + 1 :], content=source.content, host=source.host)
        for source in read_sources([folder])
    )


def documented() -> tuple[Source, ...]:
    """Read the dump of three Proxmox VE nodes; paths start at its folder."""
    return tuple(
        replace(source, path=source.path[len(PROXMOX) + 1 :]) for source in read_dump([PROXMOX])
    )


def text(content: str, path: str = "a/given.json", host: str | None = "a") -> Source:
    return Source(path=path, content=content.encode(), host=host)


def image(
    path: str, backing: str | None = None, actual: int = 100, virtual: int = 1000
) -> dict[str, object]:
    """Make what qemu-img says of one file."""
    entry: dict[str, object] = {
        "filename": path,
        "format": "qcow2",
        "virtual-size": virtual,
        "actual-size": actual,
    }
    if backing is not None:
        entry |= {"backing-filename": backing, "full-backing-filename": backing}
    return entry


def chain(*entries: dict[str, object], host: str = "a", path: str = "") -> Source:
    """Make the output of qemu-img for one image, the leaf first."""
    name = path or f"{host}/{str(entries[0]['filename']).rsplit('/', 1)[-1]}.json"
    return text(json.dumps(entries), path=name, host=host)


def sums(host: str, **digests: str) -> Source:
    """Make the output of sha256sum: a digit for each file in /i."""
    lines = [f"{digit * 64}  /i/{name}.qcow2\n" for name, digit in digests.items()]
    return text("".join(lines), path=f"{host}/sha256sums", host=host)


def refusal(error: pytest.ExceptionInfo[InvalidInput]) -> str:
    return str(error.value)
