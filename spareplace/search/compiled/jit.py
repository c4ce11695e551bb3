"""Compiles functions with numba; the only module that knows it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any, TypeVar

from spareplace.search.compiled.readiness import ready, stamp

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Other threads go on while a kernel runs; to divide by 0 gives infinity, as in NumPy; arrays are
not counted, which took ten times as long as what is done with them: kernels make none."""

WITHIN = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""For kernels that only kernels call."""

ASKED = "SPAREPLACE_COMPILE"
"""Set in the environment of the program that compiles."""


def _compiles() -> bool:
    return ready() or ASKED in os.environ


def kernel(function: Function) -> Function:
    """Compile a function that kernels call; it stays as it is where nobody asked for that."""
    if not _compiles():
        return function
    made: Function = importlib.import_module("numba").njit(**WITHIN, **OPTIONS)(function)
    return made


def entry(make: Callable[[str], Function]) -> Function:
    """Compile a kernel that Python calls, and keep what was compiled on disk.

    Parameters
    ----------
    make
        Given the stamp of all kernels, gives the function, which has to refer to the stamp. numba
        looks only at the file of the function itself to see whether what it kept is still true;
        a name from outside the function is a part of the key as well.
    """
    function = make(stamp())
    if not _compiles():
        return function
    made: Function = importlib.import_module("numba").njit(cache=True, **OPTIONS)(function)
    return made
