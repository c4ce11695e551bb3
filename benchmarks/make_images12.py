"""Make examples/images12.json of measured images, VMs and hosts, as examples/README.md explains.

``python -m benchmarks.make_images12 [ROOT]`` reads ROOT/../shared/data; ROOT is the project's root.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple, TypedDict

from spareplace.canonical import cluster_document
from spareplace.cluster import Cluster
from spareplace.generate.drawing import shuffled
from spareplace.parts import VM, Diff, Server

SEED = 12
GB, MIB = 10**9, 2**20

FAMILIES = {  # a part of an image's name -> the name of its master, and how many VMs have it
    "windowsservercore-ltsc2016": ("w16", 5),
    "windowsservercore-ltsc2019": ("w19", 11),
    "windowsservercore-ltsc2022": ("w22", 12),
    "windowsservercore-ltsc2025": ("w25", 12),
    "azurelinux-3.0": ("l3", 12),
    "azurelinux-4.0": ("l4", 6),
    "ubuntu-24.04-helix-android": ("u24", 1),
    "ubuntu-22.04-helix-sqlserver": ("u22", 1),
}
LEAST_IMAGE = 10**9  # bytes; what is smaller is no VM's image
LEAST_DIFF = 10**6  # bytes; what is smaller is left out
HOSTS = (("c5d.metal", 4), ("m5d.metal", 6))  # each server is one of so many parts of a host
ZONES = ("r1", "r2", "r3")
SERVERS_PER_ZONE = 4
DISK = 46 * GB  # of each server, for VMs and diffs
FULL_OF_IMAGES = 50 * GB  # a server with so much of them counts as full when VMs are settled
REPLICATED = ("web", "queue", "search", "store")  # groups with one VM in each zone


class ImageRow(TypedDict):
    """An image; `node` is its last layer."""

    name: str
    arch: str
    node: int


class LayerForest(TypedDict):
    """Bytes of layers by digest; nodes, each with its parent (or -1) and digest."""

    images: list[ImageRow]
    layers: dict[str, int]
    nodes: list[tuple[int, str]]


class Layer(NamedTuple):
    """A layer in its place: the same bytes on another parent are another layer."""

    node: int
    size: int


class Image(NamedTuple):
    """What a VM runs: the name for its master, its layers from the root on."""

    master: str
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """The bytes of all layers."""
        return sum(layer.size for layer in self.layers)


def make(data: Path) -> Cluster:
    """Read the data and draw the cluster."""
    random = Random(SEED)
    images = draw_images(random, data / "layer_forest.json")
    diffs, last = tree(images)
    servers = make_servers(data / "aws_instance_types.json")
    demands = draw_demands(random, data / "bitbrains_rnd_2013_8_vm_demands.json", len(images))
    disks = [2 * image.size for image in images]
    homes = settle(disks, demands, servers)
    group = replicas(random, homes, servers)
    vms = tuple(
        VM(
            name=f"vm{number + 1:02}",
            server=homes[number],
            diff=last[number],
            disk=disks[number],
            demand=demands[number],
            groups=(group[number],) if number in group else (),
        )
        for number in range(len(images))
    )
    return Cluster(servers=servers, diffs=diffs, vms=vms)


def draw_images(random: Random, path: Path) -> list[Image]:
    """Draw images of each family, no image twice."""
    forest: LayerForest = json.loads(path.read_text(encoding="utf-8"))

    def layers(node: int) -> tuple[Layer, ...]:
        if node < 0:
            return ()
        parent, digest = forest["nodes"][node]
        return (*layers(parent), Layer(node, forest["layers"][digest]))

    drawn: list[Image] = []
    for part, (master, count) in FAMILIES.items():
        named = sorted(
            (row["name"], row["node"])
            for row in forest["images"]
            if part in row["name"] and "nightly" not in row["name"] and row["arch"] == "amd64"
        )
        images = [Image(master, layers(node)) for _, node in named]
        drawn += shuffled(random, (image for image in images if image.size >= LEAST_IMAGE))[:count]
    return shuffled(random, drawn)


def tree(images: Sequence[Image]) -> tuple[tuple[Diff, ...], list[str]]:
    """Make one diff of the layers that the same images have; give the diffs and each last one."""
    having: dict[Layer, set[int]] = defaultdict(set)
    for number, image in enumerate(images):
        for layer in image.layers:
            having[layer].add(number)
    diffs: dict[tuple[str, frozenset[int]], Diff] = {}
    children: Counter[str] = Counter()
    last: list[str] = []
    for image in images:
        joined: dict[frozenset[int], int] = defaultdict(int)
        for layer in image.layers:
            joined[frozenset(having[layer])] += layer.size
        parent = ""
        for users, size in joined.items():
            if size < LEAST_DIFF:
                continue
            if (image.master, users) not in diffs:
                children[parent] += 1
                name = f"{parent}.{children[parent]}" if parent else image.master
                diffs[image.master, users] = Diff(name=name, size=size, parent=parent or None)
            parent = diffs[image.master, users].name
        last.append(parent)
    return tuple(sorted(diffs.values(), key=lambda diff: diff.name.count("."))), last


def make_servers(path: Path) -> tuple[Server, ...]:
    """Cut hosts into servers, their types by turns."""
    hosts = read(path)
    servers = []
    for number in range(len(ZONES) * SERVERS_PER_ZONE):
        name, parts = HOSTS[number % len(HOSTS)]
        capacity = {
            "cpu": hosts[name]["vcpu"],
            "memory": hosts[name]["memory_mib"] * MIB,
            "disk_io": hosts[name]["block_storage_mbps"] * 10**6 / 8,
            "net_io": hosts[name]["network_mbps"] * 10**6 / 8,
        }
        servers.append(
            Server(
                name=f"s{number + 1:02}",
                disk=DISK,
                capacity={resource: int(there / parts) for resource, there in capacity.items()},
                zone=ZONES[number // SERVERS_PER_ZONE],
            )
        )
    return tuple(servers)


def draw_demands(random: Random, path: Path, count: int) -> list[dict[str, int]]:
    """Draw measured VMs that do something and are no giants."""
    usual = [
        row
        for row in read(path).values()
        if 1024 <= row["mem_provisioned_mib"] <= 16384
        and row["cores"] <= 4
        and min(row["cpu_used_mhz_p95"], row["disk_io_kbps_p95"], row["net_io_kbps_p95"]) > 0
    ]
    return [
        {
            "cpu": int(row["cores"]),
            "memory": int(row["mem_provisioned_mib"]) * MIB,
            "disk_io": round(row["disk_io_kbps_p95"] * 1000),
            "net_io": round(row["net_io_kbps_p95"] * 1000),
        }
        for row in shuffled(random, usual)[:count]
    ]


def settle(
    disks: Sequence[int], demands: Sequence[dict[str, int]], servers: Sequence[Server]
) -> list[str]:
    """Put each VM, the largest images first, on the server that it leaves least full."""
    running: dict[str, Counter[str]] = {server.name: Counter() for server in servers}
    homes: dict[int, str] = {}
    for number in sorted(range(len(disks)), key=lambda number: -disks[number]):
        more = {**demands[number], "images": disks[number]}
        fullest = {
            server.name: max(
                (running[server.name][resource] + more[resource]) / int(there)
                for resource, there in {**server.capacity, "images": FULL_OF_IMAGES}.items()
            )
            for server in servers
        }
        homes[number] = min(fullest, key=lambda name: fullest[name])
        running[homes[number]].update(more)
    return [homes[number] for number in range(len(disks))]


def replicas(random: Random, homes: Sequence[str], servers: Sequence[Server]) -> dict[int, str]:
    """Draw one VM of each zone for each group, no VM twice."""
    zone = {server.name: server.zone for server in servers}
    waiting = {
        name: shuffled(random, (vm for vm, home in enumerate(homes) if zone[home] == name))
        for name in ZONES
    }
    return {waiting[name].pop(): group for group in REPLICATED for name in ZONES}


def read(path: Path) -> dict[str, dict[str, float]]:
    """Read a table of which only numbers are wanted, each row by its first column."""
    table = json.loads(path.read_text(encoding="utf-8"))
    return {str(row[0]): dict(zip(table["columns"], row, strict=True)) for row in table["rows"]}


def written(cluster: Cluster) -> str:
    """Write a cluster file with one part on each line; each server is a failure by itself."""
    lines = []
    for key, value in cluster_document(cluster).items():
        if isinstance(value, list) and key != "failures":
            parts = ",\n".join(f"    {json.dumps(part)}" for part in value)
            lines.append(f'  "{key}": [\n{parts}\n  ]')
        elif key == "format":
            lines.append(f'  "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    made = written(make(root.parent / "shared" / "data"))
    (root / "examples" / "images12.json").write_text(made, encoding="utf-8")
