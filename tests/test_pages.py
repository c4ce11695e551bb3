"""Every example in the README and in the pages of the documentation works as it is shown.

A block of ``python`` is run, with or without ``>>>``; the blocks of a page share their names. The
commands of a block of ``console`` are run, and what is shown of them is compared. Each page starts
beside a copy of the example files, and what it writes is thrown away. The examples in docstrings
are run by pytest itself. Blocks of ``sh`` are for other machines: of the commands in them it is
only seen whether they have the options that are shown.
"""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from tests.console_blocks import ConsoleBlockParser, commands_in, misread

ROOT = Path(__file__).parents[1]

PAGES = sorted(page for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")] if page.exists())

NOT_RUN = {
    "README.md",
    "difftree.md",
    "recovering.md",
    "registering.md",
    "runbook.md",
    "simulating.md",
}
"""Pages that show commands on files that are not here, or that take long: they are only read."""

PYTHON = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)


def run(page: Path) -> int:
    """Run the examples of a page in order; give how many there are."""
    console = [] if page.name in NOT_RUN else [ConsoleBlockParser()]
    examples = list(Sybil(parsers=[PYTHON, SkipParser(), *console]).parse(page))
    for example in examples:
        example.evaluate()
    return len(examples)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_work(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    run(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_not_run_have_the_options_that_are_shown(page: Path) -> None:
    for command in commands_in(page.read_text(encoding="utf-8")):
        assert misread(command) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("spareplace plan a.json -o b.json  # a remark", None),
        ("$ cat a.json | spareplace plan - --methd greedy > b.json", "--methd"),
        ("first && spareplace plant a.json", "plant"),
        ("spareplace recover a.json b.json \\\n    --failed s1 s2 --fast", "--fast"),
        ("while read -r it; do spareplace check a.json; done", "PLAN"),
        ("spareplace is a program", "is"),
    ],
)
def test_a_command_with_an_option_that_is_not_there_is_found(
    text: str, complaint: str | None
) -> None:
    (command,) = commands_in(f"# A page\n\n```sh\n{text}\n```\n")
    found = misread(command)
    assert (found is None) if complaint is None else (found is not None and complaint in found)


def test_an_example_that_does_not_work_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nnumber = 1\n```\n\n```console\n$ true\n```\n\n"
        "```python\n>>> number + 1\n2\n>>> number + 2\n4\n```\n"
    )
    with pytest.raises(Exception, match=r"(?s)page.md, line 12.*Expected:\s+4\s+Got:\s+3"):
        run(page)


def test_examples_that_work_are_counted(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nnumber = 1\n```\n\n```python\n>>> number\n1\n```\n")
    assert run(page) == 2


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("$ echo one\none\n$ echo two\n", None),
        ("$ echo one\ntwo\n", "shown:\ntwo\nprinted:\none"),
        ("$ echo one more\none ...\n", None),
        ("$ echo 'time   0.5 s'\ntime   0.4 s\n", None),
        ("$ echo \\\n> one\none\n", None),
        ("$ spareplace \\\n>     --version  # which?\nspareplace ...\n", None),
        ("$ spareplace plant\nUsage: spareplace ...\n$ echo $?\n2\n", None),
        ("$ false\n$ echo on\n", "ended with 1"),
        ("$ false\n$ echo $?\n1\n", None),
        (
            "$ spareplace --version; spareplace --nothing 2>&1 | grep -c 'o such option'\n...\n1\n",
            None,
        ),
        ("pip install what-is-for-another-machine\n", None),
    ],
)
def test_commands_are_run_and_what_is_shown_of_them_is_compared(
    tmp_path: Path, block: str, complaint: str | None
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n```console\n{block}```\n")
    if complaint is None:
        run(page)
    else:
        with pytest.raises(Exception, match=f"(?s)page.md, line 3.*{complaint}"):
            run(page)
