"""``spareplace import libvirt``: from what virsh prints on hosts."""

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
from spareplace.importers.libvirt.importing import import_libvirt


@click.command("libvirt")
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
    r"""Make a cluster of what virsh prints.

    PATH is a folder with a folder for each host. In it are, of that host:

    \b
        NAME.xml        virsh dumpxml NAME, one for each domain
        domstats.txt    virsh domstats --state --block --backing
        nodeinfo.txt    virsh nodeinfo
        pool-info*.txt  virsh pool-info --bytes POOL, one for each pool
        *.json          qemu-img info of images of domains that do not run
        sha256sums      sha256sum of backing files
    """
    refuse_nowhere(output, as_json)
    hosts = listed_hosts(hosts_file)
    imported = import_libvirt(
        sources_of(paths, named, hosts_file, hosts),
        hosts=hosts,
        every_host=every_host(disk, capacity),
        images=listed_images(images_file),
        vm_disk=cast("DiskCount", vm_disk),
    )
    finish(err, imported, output, as_json)
