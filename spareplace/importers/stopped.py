"""Guests that do not run: what is planned for them. One rule for all tools that tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from spareplace.importers.imported import Note
from spareplace.parts import VM

Stopped = Literal["protect", "run", "ignore"]
"""What is planned for guests that do not run.

``"protect"``
    Their images: these take disk and are rebuilt like others. They are not started after a
    failure, so they demand nothing.
``"run"``
    The same as for those that run.
``"ignore"``
    Nothing: their images take disk where they are, and are lost with it.
"""

_GIVE = "to plan for it as if it ran, say --stopped run; to leave it unprotected, ignore"


def when_stopped(vm: VM, stopped: Stopped) -> tuple[VM, Note]:
    """Give a VM that does not run as it is planned for, and say what was assumed.

    Parameters
    ----------
    vm
        It, as it would be if it ran.
    stopped
        The rule.

    Examples
    --------
    >>> web = VM(name="web", server="a", disk=5, demand={"cpu": 2}, groups=("front",))
    >>> vm, note = when_stopped(web, "protect")
    >>> vm.demand, vm.groups, vm.protect
    ({}, ('front',), True)
    >>> note.assumed
    'it does not run: its image is protected, and it demands no cpu and memory'
    """
    about = f"vm {vm.name!r}"
    if stopped == "run":
        return vm, Note(about=about, assumed="it does not run: planned for as if it did")
    if stopped == "protect" and vm.protect:
        assumed = "it does not run: its image is protected, and it demands no cpu and memory"
        return replace(vm, demand={}), Note(about=about, assumed=assumed, give=_GIVE)
    if stopped == "protect":
        assumed = "it does not run: it demands no cpu and memory"
        return replace(vm, demand={}), Note(about=about, assumed=assumed)
    assumed = "it does not run: it takes its disk and is not protected"
    ignored = replace(vm, demand={}, groups=(), protect=False)
    return ignored, Note(about=about, assumed=assumed)
