from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands import PAPER, TINY, run


def test_the_diffs_are_shown_below_their_masters() -> None:
    result = run("forest", PAPER)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:3] == [
        "a0  40 GB  6 VMs",
        "  a1  5 GB  3 VMs",
        "    a3  5 GB  1 VM",
    ]


def test_with_a_plan_they_are_shown_with_their_servers(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "greedy", "-o", str(plan)).exit_code == 0
    assert "\nb0  40 GB  4 VMs  split on Si, Sj\n" in run("forest", PAPER, str(plan)).stdout
    assert run("forest", "-", str(plan), given=TINY).exit_code == 7


def test_graphviz_gets_its_own_language() -> None:
    result = run("forest", "-", "--dot", given=TINY)
    assert result.exit_code == 0
    assert result.stdout.startswith("digraph forest {")
    assert r'n0 [label="base\n40 B"]' in result.stdout


def test_names_cannot_act_on_the_terminal() -> None:
    document = json.loads(TINY)
    document["diffs"].append({"name": "\x1b[2J\nnext", "size": 1})
    for options in ([], ["--dot"]):
        result = run("forest", "-", *options, given=json.dumps(document))
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
