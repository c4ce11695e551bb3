"""The pages of the commands that plan, and that lead from one plan to the next."""

from __future__ import annotations

from collections.abc import Mapping

from spareplace.cli.exits import Exit
from spareplace.cli.manual.page import BOTH, CLUSTER, ENDED, FILE, MOVES, NO_PLAN, NONE, OTHER, Page

CHANGING: Mapping[str, Page] = {
    "plan": Page(
        examples=(
            ("A summary, and the plan in a file", "spareplace plan cluster.json -o plan.json"),
            (
                "Racks fail as a whole; ten minutes, or when within 1 %",
                "spareplace plan cluster.json --failures zones --time-limit 600 --gap 0.01",
            ),
            (
                "Store at most 2 TB, whole copies only",
                "spareplace plan cluster.json --stored-limit 2TB --max-pieces 1",
            ),
            (
                "For a program: the plan on one stream, progress on the other",
                "spareplace plan - --json --progress json <cluster.json >plan.json",
            ),
        ),
        exits=ENDED | CLUSTER | NONE | NO_PLAN,
        formats=("cluster", "plan", "progress"),
        see=(
            *("spareplace check", "spareplace explain", "spareplace replan"),
            *("spareplace solvers", "docs/methods.md", "docs/model.md"),
        ),
    ),
    "recover": Page(
        examples=(
            ("One server is down", "spareplace recover cluster.json plan.json --failed s1"),
            (
                "Two are, and the schedule goes to a program",
                "spareplace recover cluster.json plan.json --failed s1 s2 --json",
            ),
        ),
        exits=BOTH | OTHER | {Exit.INFEASIBLE: "a protected VM cannot be rebuilt; see the rest"},
        formats=("cluster", "plan", "recovery"),
        see=("spareplace runbook", "spareplace reprotect", "docs/recovering.md"),
    ),
    "register": Page(
        examples=(
            ("What would change", "spareplace register cluster.json plan.json news.json"),
            (
                "Change both files, together",
                "spareplace register c.json p.json new.json -o p.json --cluster-output c.json",
            ),
        ),
        exits=FILE | OTHER | {Exit.NO_PLAN: "there is no room while the rest stays"},
        formats=("cluster", "plan", "registration", "registered"),
        see=("spareplace replan", "docs/registering.md"),
    ),
    "diff": Page(
        examples=(
            ("What differs", "spareplace diff plan.json next.json"),
            (
                "And the steps from one to the other",
                "spareplace diff plan.json next.json --cluster cluster.json",
            ),
        ),
        exits=FILE | {Exit.INFEASIBLE: "no order of the steps was found that keeps every rule"},
        formats=("plan", "diff"),
        see=("spareplace replan", "spareplace runbook", "docs/moves.md"),
    ),
    "replan": Page(
        examples=(
            ("After the cluster changed", "spareplace replan now.json plan.json -o plan.json"),
            (
                "Better, and copy at most 500 GB for it",
                "spareplace replan now.json plan.json --move-limit 500GB -o plan.json",
            ),
        ),
        exits=ENDED | BOTH | MOVES | NO_PLAN,
        formats=("cluster", "plan", "change", "progress"),
        see=("spareplace diff", "spareplace runbook", "docs/changing.md"),
    ),
    "reprotect": Page(
        examples=(
            (
                "After s1 failed and its VMs were rebuilt",
                "spareplace reprotect cluster.json plan.json --failed s1 -o next.json",
            ),
        ),
        exits=ENDED | BOTH | MOVES | NO_PLAN | OTHER,
        formats=("cluster", "plan", "reprotection", "progress"),
        see=("spareplace recover", "spareplace drain", "docs/changing.md"),
    ),
    "drain": Page(
        examples=(
            ("Empty a server", "spareplace drain cluster.json plan.json s1"),
            (
                "And keep what is left without it",
                "spareplace drain c.json p.json s1 -o next.json --cluster-output left.json",
            ),
        ),
        exits=ENDED | BOTH | MOVES | NO_PLAN,
        formats=("cluster", "plan", "drain", "progress"),
        see=("spareplace reprotect", "docs/changing.md"),
    ),
    "runbook": Page(
        examples=(
            (
                "A recovery",
                "spareplace runbook cluster.json plan.json --failed s1 -o recover.sh",
            ),
            (
                "Of VMs with several disks, as an import wrote them",
                "spareplace runbook c.json p.json --failed s1 --disks disks.json -o s1.sh",
            ),
            (
                "The way from one plan to the next",
                "spareplace runbook cluster.json plan.json --to next.json -o moves.sh",
            ),
        ),
        exits=BOTH | OTHER | {Exit.INFEASIBLE: "a protected VM is lost; or moves lack room"},
        formats=("cluster", "plan", "disks", "recovery", "moves"),
        see=("spareplace recover", "spareplace replan", "docs/runbook.md"),
    ),
}
