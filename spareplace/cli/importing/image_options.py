"""The options of imports that read image files."""

from __future__ import annotations

import click

from spareplace.cli.arguments import FILE
from spareplace.importers.known_files import NamedImage, read_images
from spareplace.importers.sources import read_source

images_option = click.option(
    "--images",
    "images_file",
    type=FILE,
    metavar="FILE",
    help="Which diff and VM image files are: spareplace/images/1, or CSV.",
)

vm_disk_option = click.option(
    "--vm-disk",
    type=click.Choice(["allocated", "virtual"]),
    default="allocated",
    show_default=True,
    help="What a VM takes: the bytes of its files, or what its guest sees.",
)


def listed_images(path: str | None) -> dict[tuple[str | None, str], NamedImage]:
    """Read the images file, if there is one.

    Raises
    ------
    InvalidInput
        If anything is wrong with it.
    """
    return {} if path is None else read_images(read_source(path))
