"""Every example in the README and in the pages of the documentation works as it is shown.

A block of ``python`` is run, with or without ``>>>``; the blocks of a page share their names. Each
page starts beside a copy of the example files, and what it writes is thrown away. The examples in
docstrings are run by pytest itself.
"""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).parents[1]

PAGES = sorted(page for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")] if page.exists())

READER = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS), SkipParser()])


def run(page: Path) -> int:
    """Run the examples of a page in order; give how many there are."""
    examples = list(READER.parse(page))
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


def test_an_example_that_does_not_work_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nnumber = 1\n```\n\n```console\n$ not python\n```\n\n"
        "```python\n>>> number + 1\n2\n>>> number + 2\n4\n```\n"
    )
    with pytest.raises(Exception, match=r"(?s)page.md, line 12.*Expected:\s+4\s+Got:\s+3"):
        run(page)


def test_examples_that_work_are_counted(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nnumber = 1\n```\n\n```python\n>>> number\n1\n```\n")
    assert run(page) == 2
