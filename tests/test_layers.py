"""The shape of the house: who may import whom, and what a module may be.

Nothing of the package is run here but in processes of their own; the rules are read from the
source.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import spareplace

PACKAGE = Path(spareplace.__file__).parent

LAYERS: list[set[str]] = [  # from the bottom; a part imports from strictly lower ones only
    {"errors", "units", "filenames"},
    {"fields"},
    {"parts"},
    {"references"},
    {"cluster"},
    {"placement", "canonical", "failures", "amounts", "affinity"},
    {"holding"},
    {"recovery", "moving", "dividing"},
    {"goals"},
    {"verify", "clock", "instance", "options"},
    {"shortages", "heuristics", "milp", "watching", "files"},
    {"solvers"},
    {"exact"},
    {"bounds", "search"},
    {"proving", "starting", "changing", "offering"},
    {"portfolio"},
    {"ways", "answering"},
    {"planning", "saving", "disks"},
    {"lifecycle", "importers"},
    {"explaining"},
    {"reporting", "schemas"},
    {"plotting"},
    {"generate", "testing"},
    {"cli"},
    {"__main__"},
]

VALUES = {
    "errors",
    "units",
    "fields",
    "parts",
    "references",
    "cluster",
    "placement",
    "canonical",
}
"""All that the judge and the files need to know."""

DOORS = {"cli", "__main__"}
"""What loads its modules only when they are needed."""

WITHOUT_NUMPY = (
    VALUES
    | DOORS
    | {
        "holding",
        "recovery",
        "goals",
        "moving",
        "failures",
        "verify",
        "clock",
        "options",
        "watching",
        "files",
    }
)
"""What has to be right, or to load quickly, without it."""

LOADERS = {
    "spareplace": "public names are loaded when they are first used",
    "spareplace.cli.program": "a command is loaded when it is called",
    "spareplace.bounds.prices": "the linear programs are loaded when they are first needed",
    "spareplace.solvers": "a solver is loaded when it is first used",
    "spareplace.solvers.child": "the process of a solver loads that one alone",
    "spareplace.search.compiled": "kernels are loaded when a search anneals by them",
    "spareplace.search.compiled.__main__": "kernels are loaded when they are to be compiled",
    "spareplace.search.compiled.jit": "numba is loaded when kernels are compiled",
    "spareplace.plotting.canvas": "Matplotlib is loaded when axes have to be made",
}
"""The modules that load others by name, and why."""

HANDLERS = {
    "spareplace.solvers.child": "it is the main program of a process of its own",
}
"""The modules outside the command line that may install a signal handler, and why."""

LONGEST_MODULE = 250
LONGEST_FUNCTION = 60
"""Lines, without the docstring."""

SAYS_NOTHING = {"common", "core", "data", "helpers", "misc", "tools", "utils"}
"""Names of modules that tell no idea."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import: from which module, of what, on which line, and when it happens."""

    importer: str
    imported: str
    line: int
    in_function: bool
    only_typing: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(SOURCES[module].read_text(encoding="utf-8"))


def nodes(
    tree: ast.AST, in_function: bool = False, only_typing: bool = False
) -> Iterator[tuple[ast.AST, bool, bool]]:
    """Give every node below, whether it is in a function, and whether only type checkers see it."""
    for node in ast.iter_child_nodes(tree):
        inside = in_function or isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        )
        guard = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        yield node, inside, only_typing
        yield from nodes(node, inside, only_typing or guard)


@cache
def imports_of(module: str) -> tuple[Import, ...]:
    found = []
    for node, in_function, only_typing in nodes(tree_of(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            whole = [f"{base}.{alias.name}" for alias in node.names]
            # `from package import thing`: a module of ours if there is one, or else the package
            names = sorted({name if name in SOURCES else base for name in whole})
        else:
            continue
        found += [
            Import(
                importer=module,
                imported=name,
                line=node.lineno,
                in_function=in_function,
                only_typing=only_typing,
            )
            for name in names
        ]
    return tuple(found)


IMPORTS = [each for module in SOURCES for each in imports_of(module)]
INSIDE = [each for each in IMPORTS if each.imported.split(".")[0] == "spareplace"]
OUTSIDE = [each for each in IMPORTS if each not in INSIDE]


def part(module: str) -> str:
    """Give the first name below the package: what the layers are made of."""
    return module.split(".")[1] if "." in module else ""


def below(names: set[str]) -> list[str]:
    return [module for module in SOURCES if part(module) in names]


def reached(modules: list[str], *, typing: bool = False) -> dict[str, str]:
    """Give all that is loaded with some modules, ours or not, and who loads it first."""
    first = dict.fromkeys(modules, "")
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        seen = typing and module != "spareplace"  # where every public name is listed
        wanted = [each.imported for each in imports_of(module) if seen or not each.only_typing]
        packages = [name for name in SOURCES if module.startswith(f"{name}.")]
        for name in wanted + packages:
            if name not in first:
                first[name] = module
                waiting += [name] if name in SOURCES else []
    return first


def is_of(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


def shown(found: list[Import]) -> list[str]:
    return [f"{each.importer}, line {each.line}: imports {each.imported}" for each in found]


def test_every_part_has_its_one_layer() -> None:
    ranked = [name for layer in LAYERS for name in layer]
    assert sorted(ranked) == sorted({part(module) for module in SOURCES} - {""})


def test_imports_go_down() -> None:
    rank = {name: height for height, layer in enumerate(LAYERS) for name in layer}
    assert not shown(
        [
            each
            for each in INSIDE
            if part(each.importer)
            and part(each.imported)
            and part(each.imported) != part(each.importer)
            and rank[part(each.imported)] >= rank[part(each.importer)]
        ]
    )


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {
        module: {each.imported for each in imports_of(module) if each.imported in SOURCES}
        for module in SOURCES
        if module != "spareplace"  # its imports are for type checkers
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    assert not shown(
        [each for each in imports_of("spareplace") if not each.only_typing and each in INSIDE]
    )


def test_nobody_inside_goes_through_the_front_door() -> None:
    # It would load a module by its public name, whatever its layer. The version may be asked.
    found = [
        f"{module}, line {node.lineno}: {alias.name}"
        for module in SOURCES
        for node, _, _ in nodes(tree_of(module))
        if isinstance(node, ast.ImportFrom) and node.module == "spareplace"
        for alias in node.names
        if f"spareplace.{alias.name}" not in SOURCES and alias.name != "__version__"
    ]
    assert not found


def test_the_judge_knows_values_alone() -> None:
    known = {part(name) for name in reached(below({"verify"}), typing=True) if name in SOURCES}
    assert known - {""} <= VALUES | {"verify"}


def test_the_judge_borrows_no_function_but_the_fingerprint() -> None:
    # What works out a plan must not also work out whether it is right.
    borrowed = {
        f"{node.module}.{alias.name}"
        for module in below({"verify"})
        for node, _, _ in nodes(tree_of(module))
        if isinstance(node, ast.ImportFrom)
        and node.module in SOURCES
        and part(node.module) != "verify"
        for alias in node.names
        if alias.name in functions_of(node.module)
    }
    assert borrowed == {"spareplace.canonical.fingerprint"}


def functions_of(module: str) -> set[str]:
    return {node.name for node in tree_of(module).body if isinstance(node, ast.FunctionDef)}


def test_the_files_know_values_alone() -> None:
    known = {part(name) for name in reached(below({"files"}), typing=True) if name in SOURCES}
    assert known - {""} <= VALUES | {"files"}


@pytest.mark.parametrize(
    "library", ["ortools.sat", "ortools.math_opt", "ortools.linear_solver", "pulp"]
)
def test_a_solver_library_is_imported_in_one_module(library: str) -> None:
    importers = {each.importer for each in OUTSIDE if is_of(each.imported, library)}
    assert len(importers) == 1, importers
    assert {part(module) for module in importers} == {"solvers"}


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("hypothesis", "testing"),
        ("click", "cli"),
        ("ortools", "solvers"),
        ("pulp", "solvers"),
    ],
)
def test_a_library_for_one_part_is_imported_there_alone(library: str, home: str) -> None:
    found = [each for each in OUTSIDE if is_of(each.imported, library)]
    assert {part(each.importer) for each in found} == {home}


def test_networkx_is_imported_where_graphs_are_the_point() -> None:
    found = [each.importer for each in OUTSIDE if is_of(each.imported, "networkx")]
    assert found == ["spareplace.reporting.graph"]


@pytest.mark.parametrize("name", sorted(WITHOUT_NUMPY))
def test_numpy_is_not_loaded_with(name: str) -> None:
    loaded = reached([f"spareplace.{name}"] if name in DOORS else below({name}))
    assert not [f"{module} by {by}" for module, by in loaded.items() if is_of(module, "numpy")]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    # Every distribution that we depend on has the name of its package.
    pyproject = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["testing"]
    names = {requirement.split(">=")[0] for requirement in declared}
    libraries = {each.imported.split(".")[0] for each in OUTSIDE if not each.only_typing}
    assert names == libraries - sys.stdlib_module_names


def test_no_import_is_relative() -> None:
    # The other tests would take it for one of somebody else's modules.
    assert not shown([each for each in IMPORTS if each.imported.startswith(".")])


def test_imports_stand_at_the_top_of_a_module() -> None:
    assert not shown([each for each in IMPORTS if each.in_function])


def test_modules_are_loaded_by_name_only_where_that_is_the_point() -> None:
    loading = {
        module
        for module in SOURCES
        for node, _, _ in nodes(tree_of(module))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__")
    }
    assert loading == LOADERS.keys()


def test_no_module_has_the_name_of_something_public() -> None:
    # `import spareplace.plan` would put the module where the function was.
    both = {part(module) for module in SOURCES} & set(spareplace.__all__)
    assert not both


def test_no_package_exports_a_name_that_one_of_its_modules_has() -> None:
    exported = {
        f"{module}.{element.value}"
        for module in SOURCES
        for node in tree_of(module).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if isinstance(node.value, ast.List)
        for element in node.value.elts
        if isinstance(element, ast.Constant) and isinstance(element.value, str)
    }
    both = exported & SOURCES.keys()
    assert not both


def test_the_name_of_a_module_says_what_it_is_about() -> None:
    assert not {module for module in SOURCES if module.split(".")[-1] in SAYS_NOTHING}


def uses(module: str) -> Iterator[tuple[str, int]]:
    """Give every dotted name in the code of a module, and every name that it imports."""
    for node, _, _ in nodes(tree_of(module)):
        if isinstance(node, ast.Attribute | ast.Name):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        ({"print", "pprint.pprint"}, set()),
        ({"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}, set()),
        ({"signal.signal", "signal.set_wakeup_fd"}, HANDLERS.keys()),
        ({"logging.basicConfig", "logging.StreamHandler"}, set()),
        ({"warnings.warn"}, set()),
    ],
)
def test_outside_the_command_line_nothing_is_printed_and_no_signal_caught(
    names: set[str], allowed: set[str]
) -> None:
    found = [
        f"{module}, line {line}: {name}"
        for module in SOURCES
        if part(module) != "cli" and module not in allowed
        for name, line in uses(module)
        if name in names
    ]
    assert not found


def test_modules_are_short() -> None:
    lines = {
        module: len(path.read_text(encoding="utf-8").splitlines())
        for module, path in SOURCES.items()
    }
    long = {module: count for module, count in lines.items() if count > LONGEST_MODULE}
    assert not long


def test_functions_are_short() -> None:
    lines = {
        f"{module}.{node.name}": own_lines(node)
        for module in SOURCES
        for node, _, _ in nodes(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {function: count for function, count in lines.items() if count > LONGEST_FUNCTION}
    assert not long


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or 0) - function.lineno + 1
    documented = ast.get_docstring(function) is not None
    docstring = function.body[0]
    return lines - documented * ((docstring.end_lineno or 0) - docstring.lineno + 1)


def loaded_by(code: str) -> set[str]:
    """Run code in a process of its own; give the libraries that were loaded there."""
    shows = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", shows],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )
    assert not done.stderr
    return {name.split(".")[0] for name in done.stdout.split()}


HEAVY = {
    "numpy",
    "networkx",
    "ortools",
    "pulp",
    "pandas",
    "hypothesis",
    "click",
    "matplotlib",
}


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import spareplace", set()),
        ("import spareplace; dir(spareplace); spareplace.__version__", set()),
        ("from spareplace import Cluster, Plan, Infeasible, Progress, check", set()),
        ("from spareplace import load_cluster, save_plan, failures_of", set()),
        ("from spareplace import plan", {"numpy", "networkx"}),
        ("import spareplace.solvers", {"numpy"}),
        ("import spareplace.cli", {"click"}),
        ("import spareplace.testing", {"hypothesis"}),
        ("import spareplace.plotting", {"numpy"}),
    ],
)
def test_no_library_is_loaded_before_it_is_needed(code: str, allowed: set[str]) -> None:
    assert loaded_by(code) & HEAVY <= allowed
