"""Every public name is in the reference; the build of the site sees to it that it can be shown."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[1] / "docs" / "reference").glob("*.md"))


def listed(text: str) -> list[tuple[str, str, str]]:
    """Give what a page documents: kind, module and name."""
    found, module = [], ""
    for kind, name in re.findall(r"^\.\. (currentmodule|auto\w+):: (\S+)", text, re.MULTILINE):
        if kind == "currentmodule":
            module = name
        else:
            found.append((kind, module, name))
    return found


ENTRIES = [entry for page in PAGES for entry in listed(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("package", ["spareplace", "spareplace.importers", "spareplace.plotting"])
def test_every_public_name_is_in_the_reference(package: str) -> None:
    documented = {name for _, module, name in ENTRIES if module == package}
    assert set(importlib.import_module(package).__all__) <= documented


def test_no_name_is_there_twice() -> None:
    assert [entry for entry, times in Counter(ENTRIES).items() if times > 1] == []


@pytest.mark.parametrize(("kind", "module", "name"), ENTRIES)
def test_what_the_reference_names_is_there_and_of_its_kind(
    kind: str, module: str, name: str
) -> None:
    value = getattr(importlib.import_module(module), name)
    is_error = isinstance(value, type) and issubclass(value, BaseException)
    is_class = isinstance(value, type)
    assert kind == ("autoexception" if is_error else "autoclass" if is_class else "autofunction")


def test_every_page_is_in_the_contents() -> None:
    contents = (PAGES[0].parent / "index.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^(\w+)$", contents, re.MULTILINE))
    assert named == {page.stem for page in PAGES} - {"index"}
