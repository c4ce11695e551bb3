"""``spareplace import qemu``: from the image files of hosts."""

from __future__ import annotations

from typing import cast

import click

from spareplace.cli.importing.image_options import images_option, listed_images, vm_disk_option
from spareplace.cli.importing.taking import (
    every_host,
    finish,
    host_options,
    listed_hosts,
    named_option,
    paths_argument,
    refuse_nowhere,
    result_options,
    sources_of,
)
from spareplace.cli.standard_error import StandardError
from spareplace.importers.guests import DiskCount
from spareplace.importers.qemu.importing import import_qemu


@click.command("qemu")
@paths_argument
@named_option
@host_options
@images_option
@vm_disk_option
@result_options
@click.pass_obj
def command(
    err: StandardError,
    paths: tuple[str, ...],
    named: dict[str, str],
    hosts_file: str | None,
    disk: int | None,
    capacity: dict[str, str],
    images_file: str | None,
    vm_disk: str,
    output: str | None,
    as_json: bool,
) -> None:
    """Make a cluster of what qemu-img says of image files.

    PATH is a folder with a folder for each host, or a file in a folder named after its host. A
    file is the output of

        qemu-img info -U --backing-chain --output=json IMAGE

    for an image, and ends in .json; one with sha256 in its name is the output of sha256sum for
    backing files: files of one checksum are one diff.
    """
    refuse_nowhere(output, as_json)
    hosts = listed_hosts(hosts_file)
    imported = import_qemu(
        sources_of(paths, named, hosts_file, hosts),
        hosts=hosts,
        every_host=every_host(disk, capacity),
        images=listed_images(images_file),
        vm_disk=cast("DiskCount", vm_disk),
    )
    finish(err, imported, output, as_json)
