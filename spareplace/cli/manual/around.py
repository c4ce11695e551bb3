"""The pages around planning: where clusters come from and go to, and the program itself."""

from __future__ import annotations

from collections.abc import Mapping

from spareplace.cli.exits import Exit
from spareplace.cli.manual.page import BOTH, FILE, OTHER, Page

AROUND: Mapping[str, Page] = {
    "import": Page(
        examples=(("Ask for the page of one tool", "spareplace import qemu --help"),),
        exits=FILE,
        formats=("cluster", "hosts", "images", "disks"),
        see=("spareplace export", "spareplace plan", "docs/importing.md"),
    ),
    "import qemu": Page(
        examples=(
            (
                "From a folder for each host; every host has this disk",
                "spareplace import qemu dump/ --disk 2TB -o cluster.json",
            ),
            (
                "With what the hosts have, in a table",
                "spareplace import qemu dump/ --hosts hosts.csv -o cluster.json",
            ),
            (
                "Which images are disks of one VM, in a table",
                "spareplace import qemu dump/ --disk 2TB --images images.csv -o cluster.json",
            ),
        ),
        exits=FILE,
        formats=("cluster", "hosts", "images", "disks"),
        see=("spareplace import usage", "spareplace difftree", "docs/importing.md"),
    ),
    "import libvirt": Page(
        examples=(
            ("From a folder for each host", "spareplace import libvirt dump/ -o cluster.json"),
            (
                "Every host has this disk, where nothing tells it",
                "spareplace import libvirt dump/ --disk 2TB -o cluster.json",
            ),
            (
                "Some VMs have several disks",
                "spareplace import libvirt dump/ -o cluster.json --disks-output disks.json",
            ),
        ),
        exits=FILE,
        formats=("cluster", "hosts", "images", "disks"),
        see=("spareplace import usage", "spareplace runbook", "docs/importing.md"),
    ),
    "import proxmox": Page(
        examples=(
            ("From a folder", "spareplace import proxmox dump/ -o cluster.json"),
            (
                "Some VMs have several disks",
                "spareplace import proxmox dump/ -o cluster.json --disks-output disks.json",
            ),
        ),
        exits=FILE,
        formats=("cluster", "hosts", "images", "disks"),
        see=("spareplace import usage", "spareplace runbook", "docs/importing_proxmox.md"),
    ),
    "import ganeti": Page(
        examples=(
            ("From htools' text file", "spareplace import ganeti ganeti.data -o cluster.json"),
        ),
        exits=FILE,
        formats=("cluster", "hosts"),
        see=("spareplace export ganeti", "docs/importing_ganeti.md"),
    ),
    "import usage": Page(
        examples=(
            (
                "Demands that 95 % of the samples do not exceed",
                "spareplace import usage cluster.json usage.csv -o measured.json",
            ),
        ),
        exits=FILE,
        formats=("cluster",),
        see=("spareplace import", "docs/importing.md"),
    ),
    "export": Page(
        examples=(("Ask for the page of one tool", "spareplace export ganeti --help"),),
        exits=BOTH,
        formats=("cluster", "plan"),
        see=("spareplace import", "docs/importing_ganeti.md"),
    ),
    "export ganeti": Page(
        examples=(
            ("Let htools judge a cluster", "spareplace export ganeti cluster.json -o ganeti.data"),
            (
                "With what a plan stores taken off the disks",
                "spareplace export ganeti cluster.json --plan plan.json -o ganeti.data",
            ),
        ),
        exits=BOTH | OTHER,
        formats=("cluster", "plan"),
        see=("spareplace import ganeti", "docs/importing_ganeti.md", "docs/referee.md"),
    ),
    "difftree": Page(
        examples=(
            ("What differences would save", "spareplace difftree images/a.raw images/b.raw"),
            (
                "Write them, with qemu-img",
                "spareplace difftree images/a.raw images/b.raw -o tree/",
            ),
            (
                "Add an image to a tree",
                "spareplace difftree images/c.raw --base tree/difftree.json -o tree/",
            ),
        ),
        exits={Exit.INVALID_INPUT: "an image or a tree cannot be read, or is not valid"},
        formats=("difftree", "progress"),
        see=("spareplace import qemu", "docs/difftree.md"),
    ),
    "generate": Page(
        examples=(
            ("A cluster to try things on", "spareplace generate --seed 7 -o cluster.json"),
            (
                "400 VMs in four zones",
                "spareplace generate --servers 20 --vms-per-server 20 --zones 4 -o big.json",
            ),
        ),
        formats=("cluster",),
        see=("spareplace plan", "docs/files.md"),
    ),
    "solvers": Page(
        examples=(
            ("Which are here", "spareplace solvers"),
            ("Use one", "spareplace plan cluster.json --method milp --solver scip"),
        ),
        formats=("solvers",),
        see=("spareplace plan", "docs/extending.md"),
    ),
    "schema": Page(
        examples=(("For an editor", "spareplace schema cluster >cluster.schema.json"),),
        see=("docs/files.md",),
    ),
    "completion": Page(
        examples=(
            ("In this shell, bash", 'eval "$(spareplace completion bash)"'),
            ("In this shell, zsh", 'eval "$(spareplace completion zsh)"'),
            ("In this shell, fish", "spareplace completion fish | source"),
        ),
        see=("docs/command_line.md",),
    ),
}
