"""``spareplace import proxmox``: from what pvesh prints."""

from __future__ import annotations

from typing import cast

import click

from spareplace.cli.arguments import FILE
from spareplace.cli.importing.image_options import images_option, listed_images, vm_disk_option
from spareplace.cli.importing.taking import (
    every_host,
    finish,
    host_options,
    listed_hosts,
    refuse_nowhere,
    result_options,
)
from spareplace.cli.standard_error import StandardError
from spareplace.importers.guests import DiskCount
from spareplace.importers.proxmox.dump import read_dump
from spareplace.importers.proxmox.importing import import_proxmox


@click.command("proxmox")
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@host_options
@images_option
@vm_disk_option
@result_options
@click.pass_obj
def command(
    err: StandardError,
    paths: tuple[str, ...],
    hosts_file: str | None,
    disk: int | None,
    capacity: dict[str, str],
    images_file: str | None,
    vm_disk: str,
    output: str | None,
    as_json: bool,
) -> None:
    r"""Make a cluster of what pvesh prints on Proxmox VE.

    PATH is a folder with these outputs of pvesh get ... --output-format json, and a folder for
    each node in it:

    \b
        resources.json             /cluster/resources
        ha-rules.json              /cluster/ha/rules
        NODE/content-STORAGE.json  /nodes/NODE/storage/STORAGE/content
        NODE/qemu-NUMBER.json      /nodes/NODE/qemu/NUMBER/config
        NODE/lxc-NUMBER.json       /nodes/NODE/lxc/NUMBER/config
    """
    refuse_nowhere(output, as_json)
    imported = import_proxmox(
        read_dump(paths),
        hosts=listed_hosts(hosts_file),
        every_host=every_host(disk, capacity),
        images=listed_images(images_file),
        vm_disk=cast("DiskCount", vm_disk),
    )
    finish(err, imported, output, as_json)
