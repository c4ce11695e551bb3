from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from spareplace import load_cluster, load_plan, moves_between, recover
from spareplace.lifecycle.runbook import runbook_script
from spareplace.placement import Placement
from tests.cli.commands import PAPER, TINY, run


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A plan for the paper's example, by ``level``."""
    path = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "level", "-o", str(path)).exit_code == 0
    return str(path)


def test_a_recovery_is_printed_as_a_script(plan: str) -> None:
    result = run("runbook", PAPER, plan, "--failed", "Sk")
    assert (result.exit_code, result.stderr) == (0, "")
    cluster = load_cluster(PAPER)
    assert result.stdout == runbook_script(cluster, recover(cluster, load_plan(plan), ["Sk"]))
    assert "planned=65000000000\n" in result.stdout


def test_a_script_is_written_that_a_shell_can_read(plan: str, tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    result = run("runbook", PAPER, plan, "--failed", "Si", "Sk", "-o", str(script))
    assert result.exit_code == 4  # some VMs are lost with both
    assert "protected VMs cannot be rebuilt" in result.stderr
    assert "rebuilt" in result.stdout
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_room_on_the_side_is_shown(tmp_path: Path) -> None:
    cluster, plan = tmp_path / "cluster.json", tmp_path / "plan.json"
    cluster.write_text(TINY)
    assert run("plan", str(cluster), "--method", "greedy", "-o", str(plan)).exit_code == 0
    script = str(tmp_path / "script.sh")
    result = run("runbook", str(cluster), str(plan), "--failed", "a", "-o", script)
    assert result.stdout == (
        "VMs   1 rebuilt\nsent  0 B\n\nserver  room beside what the plan counts\nb       1.05 MB\n"
    )


def test_json_is_the_document_of_the_recovery(plan: str) -> None:
    document = json.loads(run("runbook", PAPER, plan, "--failed", "Sk", "--json").stdout)
    assert document["format"] == "spareplace/recovery/1"


def test_moves_lead_from_nothing_or_from_a_plan(plan: str, tmp_path: Path) -> None:
    cluster = load_cluster(PAPER)
    first = run("runbook", PAPER, "--to", plan)
    assert first.exit_code == 0
    goal = load_plan(plan)
    assert first.stdout == runbook_script(cluster, moves_between(cluster, Placement(), goal))
    greedy = str(tmp_path / "greedy.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", greedy).exit_code == 0
    script = str(tmp_path / "script.sh")
    result = run("runbook", PAPER, plan, "--to", greedy, "-o", script)
    assert result.exit_code == 0
    assert result.stdout == "steps    24\ncopied   75 GB\ndeleted  75 GB\n"
    document = json.loads(run("runbook", PAPER, plan, "--to", greedy, "--json").stdout)
    assert document["format"] == "spareplace/moves/1"


TWO_DISKS = """{"format": "spareplace/cluster/1",
"servers": [{"name": "a", "disk": 100}, {"name": "b", "disk": 100}],
"diffs": [{"name": "base", "size": 40}, {"name": "data", "size": 9, "parent": "base"}],
"vms": [{"name": "web", "server": "a", "diff": "data", "disk": 49}]}
"""


def test_the_disks_of_a_vm_are_put_together_each_by_itself(tmp_path: Path) -> None:
    cluster, plan, disks = (str(tmp_path / f"{it}.json") for it in ("cluster", "plan", "disks"))
    Path(cluster).write_text(TWO_DISKS)
    assert run("plan", cluster, "--method", "greedy", "-o", plan).exit_code == 0
    chains = '[{"chain": ["base"]}, {"chain": ["data"]}]'
    text = '{"format": "spareplace/disks/1", "vms": [{"vm": "web", "disks": %s}]}'
    Path(disks).write_text(text % chains)
    result = run("runbook", cluster, plan, "--failed", "a", "--disks", disks)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "    finish b data -\n    image b web base data\n" in result.stdout
    Path(disks).write_text(text % '[{"chain": ["base"]}]')
    result = run("runbook", cluster, plan, "--failed", "a", "--disks", disks)
    assert result.exit_code == 3
    assert "disks.json" in result.stderr
    assert "$.vms[0].disks: found the diffs 'base'" in result.stderr
    result = run("runbook", cluster, "--to", plan, "--disks", disks)
    assert result.exit_code == 2
    assert "--disks is for a recovery" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give either --failed or --to"),
        (["{p}", "--to", "{p}", "--failed", "Si"], "give either --failed or --to"),
        (["--failed", "Si"], "--failed needs the PLAN"),
        (["{p}", "--failed", "Si", "-o", "-"], "printed without it"),
        (["{p}", "-o", "{p}", "--failed", "Si"], "it is what is read"),
        (["-", "--to", "-"], "only one of"),
    ],
)
def test_wrong_usage_ends_with_2(plan: str, words: list[str], said: str) -> None:
    result = run("runbook", PAPER, *[word.format(p=plan) for word in words])
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_server_that_is_not_there_is_named(plan: str) -> None:
    result = run("runbook", PAPER, plan, "--failed", "Sx")
    assert result.exit_code == 2
    assert "--failed: found 'Sx'" in result.stderr


def test_a_plan_of_another_cluster_is_refused(plan: str, tmp_path: Path) -> None:
    tiny = tmp_path / "tiny.json"
    tiny.write_text(TINY)
    assert run("runbook", str(tiny), plan, "--failed", "a").exit_code == 7
    assert run("runbook", str(tiny), "--to", plan).exit_code == 7
