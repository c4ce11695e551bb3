"""Clusters of any size whose images, demands and disks are measured ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.make_images12 import (
    Image,
    Layer,
    LayerForest,
    draw_demands,
    make_servers,
    settle,
    tree,
)
from spareplace.cluster import Cluster
from spareplace.parts import VM, Server

LEAST_IMAGE = 3 * 10**8
"""Bytes; smaller images are left out."""


def forest_cluster(data: Path, *, servers: int, vms: int, slack: float, seed: int) -> Cluster:
    """Draw a cluster from the public image layers.

    Parameters
    ----------
    data
        The folder with ``layer_forest.json`` and the tables beside it.
    servers, vms
        How many.
    slack
        Disk of all servers, as a multiple of what running VMs and two copies of every diff take;
        each server has room for the largest image besides.
    seed
        Of the draw.
    """
    random = Random(seed)
    images = _images(random, data / "layer_forest.json", vms)
    diffs, last = tree(images)
    disks = [2 * image.size for image in images]
    demands = draw_demands(random, data / "bitbrains_rnd_2013_8_vm_demands.json", vms)
    demands = [demands[number % len(demands)] for number in range(vms)]
    needed = sum(disks) + 2 * sum(diff.size for diff in diffs)
    disk = int(needed * slack / servers) + max(disks)
    hosts = _hosts(data, servers, disk, vms)
    homes = settle(disks, demands, hosts)
    return Cluster(
        servers=hosts,
        diffs=diffs,
        vms=tuple(
            VM(
                name=f"vm{number}",
                server=homes[number],
                diff=last[number],
                disk=disks[number],
                demand=demands[number],
            )
            for number in range(vms)
        ),
    )


def _images(random: Random, path: Path, count: int) -> list[Image]:
    forest: LayerForest = json.loads(path.read_text(encoding="utf-8"))

    def layers(node: int) -> tuple[Layer, ...]:
        if node < 0:
            return ()
        parent, digest = forest["nodes"][node]
        return (*layers(parent), Layer(node, forest["layers"][digest]))

    known = [(row["name"], layers(row["node"])) for row in forest["images"]]
    large = sorted((n, of) for n, of in known if sum(layer.size for layer in of) >= LEAST_IMAGE)
    # Images of one root share its name in the tree; a root is known by its node.
    drawn = [random.choice(large)[1] for _ in range(count)]
    return [Image(f"m{of[0].node}", of) for of in drawn]


def _hosts(data: Path, servers: int, disk: int, vms: int) -> tuple[Server, ...]:
    """Take the parts of hosts that the smaller example has, with room for these VMs."""
    made = make_servers(data / "aws_instance_types.json")
    fuller = max(1, round(vms / servers / 5))
    return tuple(
        replace(
            made[number % len(made)],
            name=f"s{number}",
            zone=None,
            disk=disk,
            capacity={
                key: int(amount) * fuller
                for key, amount in made[number % len(made)].capacity.items()
            },
        )
        for number in range(servers)
    )
