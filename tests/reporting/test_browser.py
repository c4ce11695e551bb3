"""Reports in a real browser. Where Chromium is not installed, nothing here runs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spareplace.cluster import Cluster
from spareplace.placement import Plan
from spareplace.reporting import report
from tests.reporting.clusters import HOSTILE, hostile, many
from tests.reporting.pages import read_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to open pages in")

QUIET = (
    "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-quic",
)  # fmt: skip


def opened(page: Path, folder: Path, fragment: str = "") -> tuple[str, list[str]]:
    """Open a page; give its elements once its script has run, and what the console said."""
    done = subprocess.run(
        [
            CHROMIUM or "chromium",
            *QUIET,
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr",
            "--dump-dom",
            f"{page.as_uri()}{fragment}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("made", [hostile, lambda: many(40, 5)], ids=["hostile", "large"])
def test_a_page_opens_without_a_word_and_opens_what_is_pointed_at(
    made: Callable[[], tuple[Cluster, Plan]], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.write_text(report(*made()), encoding="utf-8")
    html, said = opened(page, tmp_path, "#f1")
    assert not said
    dom = read_page(html.removeprefix("<!DOCTYPE html>"))
    assert dom.having("button")  # the script ran: tables can be sorted
    (target,) = [it for it in dom.having("details") if it.get("id") == "f1"]
    assert "open" in target
    assert "Where VMs are rebuilt" in dom.text
    assert len(dom.scripts) == 2


def test_the_console_would_tell_of_a_script_that_is_not_ours(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    html = report(*hostile()).replace("<main>", f"<main>{HOSTILE[0]}")
    page.write_text(html, encoding="utf-8")
    _, said = opened(page, tmp_path)
    assert any("Content Security Policy" in line for line in said)
