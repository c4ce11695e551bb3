"""Solvers are found by name, loaded when used, and an absent one says why."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec

import pytest

from spareplace import solvers
from spareplace.errors import SolverUnavailable
from spareplace.solvers import children, cp_sat
from spareplace.solvers.apart import Apart


def without(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Act as if a library were not installed."""
    real = importlib.util.find_spec

    def find(name: str) -> ModuleSpec | None:
        return None if name == missing else real(name)

    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    monkeypatch.setattr("spareplace.solvers.names.importlib.metadata.version", version)
    solvers._natives.cache_clear()
    monkeypatch.setattr(solvers, "ask", lambda *_, **__: ("COIN_CMD",))


@pytest.fixture(autouse=True)
def _forget() -> None:
    solvers._natives.cache_clear()


def test_the_default_runs_here_and_the_others_apart() -> None:
    assert solvers.load(solvers.DEFAULT) is cp_sat.solve
    assert isinstance(solvers.load("highs"), Apart)
    assert isinstance(solvers.load("scip"), Apart)


@pytest.mark.parametrize(
    ("asked", "meant"), [("cpsat", "cp-sat"), ("higs", "highs"), ("CBC", None), ("pulp", None)]
)
def test_an_unknown_name_is_refused_with_the_nearest(asked: str, meant: str | None) -> None:
    with pytest.raises(SolverUnavailable, match="only cp-sat, scip, highs, cbc and pulp:NAME") as e:
        solvers.load(asked)
    assert meant is None or f"did you mean {meant!r}?" in str(e.value)


def test_an_unknown_name_of_pulp_is_refused_with_what_there_is() -> None:
    with pytest.raises(SolverUnavailable, match="PuLP does not find it here; it finds pulp:"):
        solvers.load("pulp:NO_SUCH")


@pytest.mark.parametrize(("name", "library"), [("scip", "ortools"), ("cbc", "pulp")])
def test_what_is_not_installed_says_how_to_install_it(
    name: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(library, monkeypatch)
    with pytest.raises(SolverUnavailable, match=f"pip install {library}"):
        solvers.load(name)
    info = {info.name: info for info in solvers.available_solvers()}[name]
    assert not info.available
    assert info.version is None
    assert f"pip install {library}" in info.why


def test_no_cbc_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "ask", lambda *_, **__: ("HiGHS",))
    with pytest.raises(SolverUnavailable, match="pip install cbcbox"):
        solvers.load("cbc")
    solve = solvers.load("pulp:HiGHS")
    assert isinstance(solve, Apart)
    assert solve.option == "HiGHS"


def test_the_list_tells_of_each_solver_what_load_does() -> None:
    infos = solvers.available_solvers()
    assert [info.name for info in infos][:4] == list(solvers.SOLVERS)
    for info in infos:
        if info.available:
            assert info.why == ""
            assert info.version is not None
            solvers.load(info.name)
        else:
            with pytest.raises(SolverUnavailable):
                solvers.load(info.name)


def test_where_ortools_cannot_be_loaded_cp_sat_runs_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ImportError(f"{name}: undefined symbol")

    monkeypatch.setattr("spareplace.solvers.importlib.import_module", broken)
    solve = solvers.load("cp-sat")
    assert isinstance(solve, Apart)
    assert solve.name == "cp-sat"


def test_where_ortools_cannot_be_loaded_anywhere_cp_sat_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(solvers.SOLVERS, "cp-sat", "tests.solvers.not_there:solve")
    with pytest.raises(SolverUnavailable, match=r"'cp-sat'.*cannot be loaded"):
        solvers.load("cp-sat")


@pytest.mark.parametrize(
    ("program", "loaded"),
    [
        ("import spareplace.solvers", set()),
        ("from spareplace.solvers import load; load('scip')", set()),
        ("from spareplace.solvers import available_solvers as a; a()", {"ortools"}),
        ("from spareplace.solvers import load; load('cp-sat')", {"ortools"}),
    ],
)
def test_a_library_is_loaded_only_when_it_is_used_here(program: str, loaded: set[str]) -> None:
    program += "\nimport sys; print(*({'ortools', 'pulp', 'highspy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == loaded


def test_a_process_apart_finds_what_is_importable_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", "/somewhere"])
    paths = children._environment("/folder")["PYTHONPATH"].split(":")
    assert paths[1] == "/somewhere"
    assert paths[0] not in ("", ".")
