"""``spareplace import libvirt``: from what virsh prints on hosts."""

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
from spareplace.cli.importing.stopped_option import stopped_option
from spareplace.cli.standard_error import StandardError
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.stopped import Stopped


@click.command("libvirt", cls=Described)
@paths_argument
@named_option
@host_options
@image_options
@stopped_option
@disks_output_option
@result_options
@click.pass_obj
def command(
    err: StandardError,
    paths: tuple[str, ...],
    named: dict[str, str],
    hosts: HostOptions,
    images: ImageOptions,
    stopped: Stopped,
    result: ResultOptions,
) -> None:
    """Make a cluster of what virsh prints.

    PATH is a folder with a folder for each host. In it are, of that host:

    \b
        NAME.xml        virsh dumpxml NAME, one for each domain
        domstats.txt    virsh domstats --state --block --backing
        nodeinfo.txt    virsh nodeinfo
        pool-info*.txt  virsh pool-info --bytes POOL, one for each pool
        *.json          qemu-img info of images of domains that do not run
        sha256sums      sha256sum of backing files
    """  # noqa: D301  # click looks for the control character itself
    result.refuse_nowhere(hosts.file, images.file)
    listed = hosts.listed()
    sources = hosts.sources(listed, paths, named)
    result.refuse_over(sources)
    imported = import_libvirt(
        sources,
        hosts=listed,
        every_host=hosts.every(),
        images=images.listed(),
        vm_disk=images.vm_disk,
        stopped=stopped,
    )
    result.finish(err, imported)
