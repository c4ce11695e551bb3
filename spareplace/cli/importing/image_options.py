"""The options of imports that read image files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import cast

import click

from spareplace.cli.arguments import FILE
from spareplace.importers.guests import DiskCount
from spareplace.importers.known_files import NamedImage, read_images
from spareplace.importers.sources import read_source


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOptions:
    """What image files are, and which of their bytes count.

    Parameters
    ----------
    file
        The images file, or ``None``.
    vm_disk
        What a VM takes.
    """

    file: str | None
    vm_disk: DiskCount

    def listed(self) -> dict[tuple[str | None, str], NamedImage]:
        """Read the images file, if there is one.

        Raises
        ------
        InvalidInput
            If anything is wrong with it.
        """
        return {} if self.file is None else read_images(read_source(self.file))


def image_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options on image files, as the argument ``images``."""

    @click.option(
        "--images",
        "images_file",
        type=FILE,
        metavar="FILE",
        help="Which diff and VM image files are: spareplace/images/1, or CSV.",
    )
    @click.option(
        "--vm-disk",
        type=click.Choice(["allocated", "virtual"]),
        default="allocated",
        show_default=True,
        help="What a VM takes: the bytes of its files, or what its guest sees.",
    )
    @wraps(command)
    def gathered(*given: object, images_file: str | None, vm_disk: str, **others: object) -> None:
        images = ImageOptions(file=images_file, vm_disk=cast("DiskCount", vm_disk))
        command(*given, images=images, **others)

    return gathered
