"""The pages of the commands that look at a plan, or ask why and what if."""

from __future__ import annotations

from collections.abc import Mapping

from spareplace.cli.exits import Exit
from spareplace.cli.manual.page import BOTH, CLUSTER, ENDED, NO_PLAN, NONE, OTHER, Page

LOOKING: Mapping[str, Page] = {
    "check": Page(
        examples=(
            ("Judge any plan, whoever made it", "spareplace check cluster.json plan.json"),
            (
                "One that was made for racks that fail as a whole",
                "spareplace check cluster.json plan.json --failures zones",
            ),
        ),
        exits={Exit.DONE: "the plan keeps every rule", Exit.RULE_BROKEN: "it breaks one"}
        | BOTH
        | OTHER,
        formats=("cluster", "plan", "check"),
        see=("spareplace status", "docs/model.md"),
    ),
    "report": Page(
        examples=(
            ("A page to look at", "spareplace report cluster.json plan.json -o report.html"),
            (
                "With what stored bytes buy, planned for a minute",
                "spareplace report cluster.json plan.json --frontier 60 -o report.html",
            ),
        ),
        exits=BOTH | NONE | NO_PLAN | OTHER | {Exit.RULE_BROKEN: "the plan breaks a rule"},
        formats=("cluster", "plan"),
        see=("spareplace forest", "spareplace frontier", "docs/reporting.md"),
    ),
    "forest": Page(
        examples=(
            ("The trees of a cluster", "spareplace forest cluster.json"),
            (
                "A picture by Graphviz",
                "spareplace forest cluster.json plan.json --dot | dot -Tsvg >forest.svg",
            ),
        ),
        exits=BOTH | OTHER,
        formats=("cluster", "plan"),
        see=("spareplace report", "docs/reporting.md"),
    ),
    "status": Page(
        examples=(
            ("Is everything still protected?", "spareplace status now.json plan.json"),
            (
                "Metrics for the node exporter",
                "spareplace status now.json plan.json --prometheus >spareplace.prom",
            ),
        ),
        exits={
            Exit.DONE: "every VM that the plan protects still is, perhaps by other targets",
            Exit.RULE_BROKEN: "one is not, or stored extents put a disk over",
        }
        | BOTH,
        formats=("cluster", "plan", "status"),
        see=("spareplace check", "spareplace replan", "docs/status.md"),
    ),
    "explain": Page(
        examples=(
            ("Why there is no plan", "spareplace explain cluster.json"),
            ("What a plan costs, and why", "spareplace explain cluster.json plan.json"),
            (
                "Why not on s2",
                "spareplace explain cluster.json plan.json --vm web1 --failure s1 --server s2",
            ),
        ),
        exits=BOTH | OTHER | {Exit.DONE: "done, whether there is a plan or not"},
        formats=("cluster", "plan", "explanation", "progress"),
        see=("spareplace whatif", "spareplace capacity", "docs/explaining.md"),
    ),
    "capacity": Page(
        examples=(
            ("How many more like web1", "spareplace capacity cluster.json --like web1"),
            (
                "Each with 5 GB of its own, and one server more",
                "spareplace capacity cluster.json --like web1 --own-diff 5GB --with-server 1",
            ),
        ),
        exits=CLUSTER | NONE | NO_PLAN,
        formats=("cluster", "capacity", "progress"),
        see=("spareplace explain", "spareplace whatif", "docs/explaining.md"),
    ),
    "whatif": Page(
        examples=(
            (
                "More disk, and a faster network",
                "spareplace whatif cluster.json plan.json --disk s1=+200GB --net s1=1GB/s",
            ),
            (
                "One server for another",
                "spareplace whatif c.json p.json --add-server s9 --like s1 --without s2",
            ),
        ),
        exits=BOTH
        | NO_PLAN
        | OTHER
        | {Exit.DONE: "done, also where there would be no plan: it says what is short"},
        formats=("cluster", "plan", "whatif", "progress"),
        see=("spareplace explain", "spareplace replan", "docs/explaining.md"),
    ),
    "frontier": Page(
        examples=(
            ("A chart", "spareplace frontier cluster.json"),
            (
                "Twenty points in ten minutes, for a spreadsheet",
                "spareplace frontier cluster.json --points 20 --time-limit 600 --csv >out.csv",
            ),
        ),
        exits=ENDED | CLUSTER | NONE | NO_PLAN,
        formats=("cluster", "frontier", "progress"),
        see=("spareplace plan", "spareplace report", "docs/explaining.md"),
    ),
    "simulate": Page(
        examples=(
            ("A year under four policies", "spareplace simulate cluster.json"),
            (
                "Three months of many failures, and a table",
                "spareplace simulate c.json --months 3 --failures-per-month 4 --csv out.csv",
            ),
        ),
        exits=CLUSTER | {Exit.NO_PLAN: "a method has no plan to start with"},
        formats=("cluster", "simulation", "progress"),
        see=("spareplace replan", "docs/simulating.md"),
    ),
}
