"""What is published: the files of the wheel and of the sdist, what they say, and the citation."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

import spareplace

ROOT = Path(__file__).parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

NOT_PUBLISHED = {"__pycache__", "results"}
"""Folders of what is made by running."""


def _below(*folders: str) -> set[str]:
    """List the files of folders, but for what is made by running."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    relative = [path.relative_to(ROOT) for path in found]
    return {path.as_posix() for path in relative if not NOT_PUBLISHED & set(path.parts)}


def _built(builder: WheelBuilder | SdistBuilder) -> set[str]:
    return {Path(file.distribution_path).as_posix() for file in builder.recurse_included_files()}


def test_the_wheel_has_every_file_of_the_package_and_no_other() -> None:
    files = _built(WheelBuilder(str(ROOT)))
    assert files == _below("spareplace")
    assert "spareplace/py.typed" in files


def test_the_sdist_has_what_its_tests_and_pages_need() -> None:
    files = _built(SdistBuilder(str(ROOT)))
    assert _below("spareplace", "tests", "benchmarks", "examples", "docs") <= files
    whole = {"conftest.py", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md"}
    assert whole <= files
    assert not [file for file in files if NOT_PUBLISHED & set(Path(file).parts)]


def test_what_is_said_of_the_package_is_valid() -> None:
    """Hatchling refuses classifiers that do not exist, among others."""
    core = WheelBuilder(str(ROOT)).metadata.core
    assert "Typing :: Typed" in core.classifiers
    assert core.readme_path == "README.md"
    minors = {int(found) for found in re.findall(r":: 3\.(\d+)", " ".join(core.classifiers))}
    assert core.requires_python == f">=3.{min(minors)}"


def test_the_citation_names_this_version_and_licence() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {spareplace.__version__}\n" in citation
    assert f"\nlicense: {PROJECT['license']}\n" in citation


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_the_readme_says_what_each_extra_brings(extra: str) -> None:
    assert f"\n| `{extra}` | " in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_the_files_that_a_page_links_to_are_published(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)}
    here = {link for link in links if link and "://" not in link}
    published = _built(SdistBuilder(str(ROOT))) | {"LICENSE", "README.md"}
    assert here <= published
