"""``spareplace import qemu``: from the image files of hosts."""

from __future__ import annotations

import click

from spareplace.cli.described import Described
from spareplace.cli.importing.host_options import (
    HostOptions,
    host_options,
    named_option,
    paths_argument,
)
from spareplace.cli.importing.image_options import ImageOptions, image_options
from spareplace.cli.importing.result_options import (
    ResultOptions,
    disks_output_option,
    result_options,
)
from spareplace.cli.standard_error import StandardError
from spareplace.importers.qemu.importing import import_qemu


@click.command("qemu", cls=Described)
@paths_argument
@named_option
@host_options
@image_options
@disks_output_option
@result_options
@click.pass_obj
def command(
    err: StandardError,
    paths: tuple[str, ...],
    named: dict[str, str],
    hosts: HostOptions,
    images: ImageOptions,
    result: ResultOptions,
) -> None:
    """Make a cluster of what qemu-img says of image files.

    PATH is a folder with a folder for each host, or a file in a folder named after its host. A
    file is the output of

        qemu-img info -U --backing-chain --output=json IMAGE

    for an image, and ends in .json; one with sha256 in its name is the output of sha256sum for
    backing files: files of one checksum are one diff.
    """
    result.refuse_nowhere(hosts.file, images.file)
    listed = hosts.listed()
    sources = hosts.sources(listed, paths, named)
    result.refuse_over(sources)
    imported = import_qemu(
        sources,
        hosts=listed,
        every_host=hosts.every(),
        images=images.listed(),
        vm_disk=images.vm_disk,
    )
    result.finish(err, imported)
