"""``spareplace import proxmox``: from what pvesh prints."""

from __future__ import annotations

import click

from spareplace.cli.arguments import FILE
from spareplace.cli.described import Described
from spareplace.cli.importing.host_options import HostOptions, host_options
from spareplace.cli.importing.image_options import ImageOptions, image_options
from spareplace.cli.importing.result_options import (
    ResultOptions,
    disks_output_option,
    result_options,
)
from spareplace.cli.importing.stopped_option import stopped_option
from spareplace.cli.standard_error import StandardError
from spareplace.importers.proxmox.dump import read_dump
from spareplace.importers.proxmox.importing import import_proxmox
from spareplace.importers.stopped import Stopped


@click.command("proxmox", cls=Described)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@host_options
@image_options
@stopped_option
@disks_output_option
@result_options
@click.pass_obj
def command(
    err: StandardError,
    paths: tuple[str, ...],
    hosts: HostOptions,
    images: ImageOptions,
    stopped: Stopped,
    result: ResultOptions,
) -> None:
    """Make a cluster of what pvesh prints on Proxmox VE.

    PATH is a folder with these outputs of pvesh get ... --output-format json, and a folder for
    each node in it:

    \b
        resources.json             /cluster/resources
        ha-rules.json              /cluster/ha/rules
        NODE/content-STORAGE.json  /nodes/NODE/storage/STORAGE/content
        NODE/qemu-NUMBER.json      /nodes/NODE/qemu/NUMBER/config
        NODE/lxc-NUMBER.json       /nodes/NODE/lxc/NUMBER/config
    """  # noqa: D301  # click looks for the control character itself
    result.refuse_nowhere(hosts.file, images.file)
    sources = read_dump(paths)
    result.refuse_over(sources)
    imported = import_proxmox(
        sources,
        hosts=hosts.listed(),
        every_host=hosts.every(),
        images=images.listed(),
        vm_disk=images.vm_disk,
        stopped=stopped,
    )
    result.finish(err, imported)
