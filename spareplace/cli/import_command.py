"""``spareplace import``: a cluster from what other tools say. Each tool has a module of its own."""

from __future__ import annotations

import click

from spareplace.cli.described import DescribedGroup
from spareplace.cli.importing.ganeti import command as ganeti
from spareplace.cli.importing.libvirt import command as libvirt
from spareplace.cli.importing.proxmox import command as proxmox
from spareplace.cli.importing.qemu import command as qemu
from spareplace.cli.importing.usage import command as usage


@click.group("import", cls=DescribedGroup)
def command() -> None:
    """Make a cluster of what other tools say.

    Each reads files, the outputs of commands that change nothing, and runs none itself. What they
    do not say, and what was assumed instead, is told on standard error.
    """


for importer in (qemu, libvirt, proxmox, ganeti, usage):
    command.add_command(importer)
