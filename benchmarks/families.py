"""The clusters to measure on: seeded families, each cluster with a name that stays.

The settings were tried out until they did what their names say, on seeds 1 to 3. *Tight*: the
best plan known transfers much, and greedy finds none for some seeds. *Loose*: the best plan known
transfers next to nothing. A name stands for its arguments for good: new settings get a new name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

from benchmarks.comparators import with_spares
from benchmarks.forest import forest_cluster
from spareplace import Cluster, load_cluster
from spareplace.failures import Kind, failures_of
from spareplace.generate import generate_cluster

EXAMPLES = Path(__file__).parents[1] / "examples"

SEEDS = (1, 2, 3)

LARGEST_WHOLE = 120
"""VMs of the largest cluster that a solver is given whole: 12 x 10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One cluster of a family.

    Parameters
    ----------
    family
        What it is asked for by.
    name
        Unique among all cases.
    make
        Gives the cluster, the same every time.
    whole_model
        Whether it is small enough for a solver that gets the whole model.
    """

    family: str
    name: str
    make: Callable[[], Cluster]
    whole_model: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a generated cluster is made from, but for its seed; see `generate_cluster`.

    ``failures`` are the kinds that `failures_of` makes a list from.
    """

    servers: int
    vms_per_server: int
    disk_slack: float
    depth: int = 3
    fanout: int = 5
    sharing: float = 0.8
    load: float = 0.6
    zones: int = 0
    groups: float = 0.0
    residents: float = 0.0
    failures: tuple[Kind, ...] = ("single",)

    def cluster(self, seed: int) -> Cluster:
        """Draw the cluster of a seed."""
        made = generate_cluster(
            servers=self.servers,
            vms_per_server=self.vms_per_server,
            seed=seed,
            depth=self.depth,
            fanout=self.fanout,
            sharing=self.sharing,
            disk_slack=self.disk_slack,
            load=self.load,
            zones=self.zones,
            groups=self.groups,
            residents=self.residents,
        )
        if self.failures == ("single",):
            return made
        return replace(made, failures=failures_of(made.servers, self.failures))


SETTINGS: dict[tuple[str, str], Setting] = {
    ("tiny", "3x3-loose"): Setting(servers=3, vms_per_server=3, disk_slack=1.3, load=0.5),
    ("tiny", "4x3-tight"): Setting(servers=4, vms_per_server=3, disk_slack=1.0, load=0.5),
    ("small", "6x5-tight"): Setting(servers=6, vms_per_server=5, disk_slack=1.0),
    ("small", "6x5-loose"): Setting(servers=6, vms_per_server=5, disk_slack=1.2),
    ("small", "8x8-tight"): Setting(servers=8, vms_per_server=8, disk_slack=1.03),
    ("small", "8x8-loose"): Setting(servers=8, vms_per_server=8, disk_slack=1.3),
    ("small", "12x10-tight"): Setting(servers=12, vms_per_server=10, disk_slack=1.03),
    ("small", "12x10-loose"): Setting(servers=12, vms_per_server=10, disk_slack=1.3),
    ("variants", "6x3-splits"): Setting(
        servers=6, vms_per_server=3, disk_slack=1.0, fanout=4, sharing=1.0
    ),
    ("variants", "9x4-zones"): Setting(
        servers=9, vms_per_server=4, disk_slack=1.3, load=0.5, zones=3, failures=("single", "zones")
    ),
    ("variants", "8x4-pairs"): Setting(
        servers=8, vms_per_server=4, disk_slack=1.3, load=0.5, failures=("pairs",)
    ),
    ("variants", "8x5-groups"): Setting(servers=8, vms_per_server=5, disk_slack=1.03, groups=0.8),
    ("variants", "8x5-residents"): Setting(
        servers=8, vms_per_server=5, disk_slack=1.0, residents=0.5
    ),
    ("medium", "20x15-tight"): Setting(servers=20, vms_per_server=15, disk_slack=1.03),
    ("medium", "20x15-loose"): Setting(servers=20, vms_per_server=15, disk_slack=1.2),
    ("medium", "32x30-tight"): Setting(servers=32, vms_per_server=30, disk_slack=1.03),
    ("medium", "32x30-loose"): Setting(servers=32, vms_per_server=30, disk_slack=1.15),
    ("large", "100x20-tight"): Setting(servers=100, vms_per_server=20, disk_slack=1.03),
    ("large", "100x20-loose"): Setting(servers=100, vms_per_server=20, disk_slack=1.15),
    ("large", "200x20-tight"): Setting(servers=200, vms_per_server=20, disk_slack=1.03),
    ("large", "200x20-loose"): Setting(servers=200, vms_per_server=20, disk_slack=1.15),
    ("huge", "1000x20-tight"): Setting(servers=1000, vms_per_server=20, disk_slack=1.03),
    ("huge", "1000x20-loose"): Setting(servers=1000, vms_per_server=20, disk_slack=1.2),
}
"""Under the family and what comes before the seed in the name."""

SEEDS_OF = {"large": (1, 2), "huge": (1,)}
"""Families of which fewer clusters are drawn: a run takes minutes."""

LAYERS: dict[str, tuple[int, int, float, tuple[int, ...]]] = {
    "8x5-layers": (8, 40, 0.75, (1, 2, 4)),
    "20x10-layers": (20, 200, 0.85, SEEDS),
    "100x20-layers": (100, 2000, 0.97, (1,)),
}
"""Servers, VMs, slack and seeds of the clusters made from public image layers."""

DISK_SIZES = (1.03, 1.1, 1.3, 2.0)
"""What `disk_slack` is where the disk is the question: from scarce to plenty."""

SPARES = (0, 1, 2)
"""How many hosts that run nothing are added there."""

FAMILIES = (
    "paper", "images12", "tiny", "small", "variants", "layers", "medium", "large", "huge", "disk",
)  # fmt: skip
"""All families; the smaller clusters come first, and ``disk`` is for one table alone."""


def cases(families: Sequence[str], data: Path) -> Iterator[Case]:
    """Give the clusters of some families, in the order of all families.

    Parameters
    ----------
    families
        Names out of `FAMILIES`.
    data
        The folder with the public image layers; ``layers`` is empty where it does not exist.
    """
    for family in FAMILIES:
        if family not in families:
            continue
        if family in ("paper", "images12"):
            path = EXAMPLES / f"{family}.json"
            yield Case(family=family, name=family, make=partial(load_cluster, path))
        elif family == "layers":
            yield from _layers(data)
        elif family == "disk":
            yield from _disk_sizes()
        else:
            yield from _generated(family)


def disk_case(slack: float, spares: int, seed: int) -> str:
    """Name a cluster of the family ``disk``."""
    more = f"+{spares}" if spares else ""
    return f"8x8{more}-disk-{slack:g}-{seed}"


def _generated(family: str) -> Iterator[Case]:
    for (of, name), setting in SETTINGS.items():
        if of == family:
            for seed in SEEDS_OF.get(family, SEEDS):
                yield Case(
                    family=family,
                    name=f"{name}-{seed}",
                    make=partial(setting.cluster, seed),
                    whole_model=setting.servers * setting.vms_per_server <= LARGEST_WHOLE,
                )


def _layers(data: Path) -> Iterator[Case]:
    if not data.is_dir():
        return
    for name, (servers, vms, slack, seeds) in LAYERS.items():
        for seed in seeds:
            make = partial(forest_cluster, data, servers=servers, vms=vms, slack=slack, seed=seed)
            yield Case(
                family="layers",
                name=f"{name}-{seed}",
                make=make,
                whole_model=vms <= LARGEST_WHOLE,
            )


def _disk_sizes() -> Iterator[Case]:
    for slack, spares, seed in product(DISK_SIZES, SPARES, SEEDS):
        yield Case(
            family="disk",
            name=disk_case(slack, spares, seed),
            make=partial(_with_disk, slack, spares, seed),
        )


def _with_disk(slack: float, spares: int, seed: int) -> Cluster:
    setting = Setting(servers=8, vms_per_server=8, disk_slack=slack)
    return with_spares(setting.cluster(seed), spares)
