"""The public names: what is listed, what can be imported, and what is said about it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import spareplace

SOURCE = Path(spareplace.__file__)


def listed_for_type_checkers() -> dict[str, str]:
    """Give every name that is imported below ``if TYPE_CHECKING``, with its module."""
    (guarded,) = [
        node
        for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.asname or alias.name: str(node.module)
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def public() -> dict[str, object]:
    """Give everything public from where it is defined."""
    homes = listed_for_type_checkers()
    return {name: getattr(importlib.import_module(homes[name]), name) for name in homes}


def test_the_list_is_sorted_and_names_nothing_twice() -> None:
    def order(name: str) -> tuple[bool, bool, str]:  # as ruff has it: VM, then classes, functions
        return (not name.isupper(), not name[0].isupper(), name)

    assert spareplace.__all__ == sorted(set(spareplace.__all__), key=order)


def test_every_public_name_can_be_imported() -> None:
    for name in spareplace.__all__:
        assert getattr(spareplace, name) is not None
    assert set(spareplace.__all__) <= set(dir(spareplace))


def test_nothing_can_be_imported_that_is_not_listed() -> None:
    assert spareplace._HOME.keys() == set(spareplace.__all__)


def test_a_type_checker_sees_the_same_names() -> None:
    assert listed_for_type_checkers().keys() == set(spareplace.__all__)


def test_a_type_checker_sees_the_same_objects() -> None:
    assert {name: getattr(spareplace, name) for name in spareplace.__all__} == public()


def test_everything_public_is_a_function_or_a_class_of_this_package() -> None:
    for name, thing in public().items():
        assert inspect.isfunction(thing) or inspect.isclass(thing), name
        assert (thing.__module__ or "").startswith("spareplace."), name


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'spareplace' has no attribute 'plna'"):
        spareplace.plna  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'plna'"):
        exec("from spareplace import plna")


def test_the_version_has_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", spareplace.__version__)


def test_public_names_are_what_they_are_whatever_was_imported_before() -> None:
    # A module that is imported becomes an attribute of the package, under the name of the module.
    modules = [
        module.name
        for module in pkgutil.iter_modules(spareplace.__path__, "spareplace.")
        if module.name != "spareplace.__main__"
    ]
    code = (
        "import importlib, sys, types\n"
        "for module in sys.argv[1:]: importlib.import_module(module)\n"
        "import spareplace\n"
        "print([name for name in spareplace.__all__\n"
        "       if isinstance(getattr(spareplace, name), types.ModuleType)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *modules],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=SOURCE.parents[1],
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_described() -> None:
    for name, thing in public().items():
        description = inspect.cleandoc(thing.__doc__ or "")
        assert description, name
        assert not description.startswith(f"{name}("), f"{name}: what `dataclass` made"


def test_every_parameter_of_a_function_is_named_in_its_description() -> None:
    for name, thing in public().items():
        if inspect.isfunction(thing):
            words = set(re.findall(r"\w+", thing.__doc__ or ""))
            missing = inspect.signature(thing).parameters.keys() - words
            assert not missing, name


def test_a_section_on_parameters_lists_them_all_in_order() -> None:
    for name, thing in public().items():
        listed = documented(thing.__doc__ or "")
        taken = list(inspect.signature(thing).parameters) if callable(thing) and listed else []
        assert listed == taken, name


def test_a_function_of_many_parameters_has_a_section_on_them() -> None:
    for name, thing in public().items():
        if inspect.isfunction(thing) and len(inspect.signature(thing).parameters) > 2:
            assert documented(thing.__doc__ or ""), name


def documented(docstring: str) -> list[str]:
    """Give the names in the section on parameters."""
    _, _, section = inspect.cleandoc(docstring).partition("Parameters\n----------\n")
    own, _, _ = section.partition("\n\n")
    heads = [line for line in own.splitlines() if line and not line.startswith(" ")]
    return [name.strip() for head in heads for name in head.split(",")]
