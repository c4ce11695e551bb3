"""One page: examples, exit codes and what to read next, in the words that pages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spareplace.cli.exits import Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What follows the options of a command.

    Parameters
    ----------
    examples
        What each is for, and the line to type.
    exits
        What the command's own exit codes mean; those that all commands share are left out.
    formats
        The formats of the files that it reads and of the document that ``--json`` prints.
    see
        Commands and pages that lead on.
    """

    examples: tuple[tuple[str, str], ...]
    exits: Mapping[Exit, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    see: tuple[str, ...]


ENDED = {Exit.DONE: Exit.DONE.meaning}
CLUSTER = {Exit.INVALID_INPUT: "the cluster cannot be read, or is not valid"}
BOTH = {Exit.INVALID_INPUT: "the cluster or the plan cannot be read, or is not valid"}
FILE = {Exit.INVALID_INPUT: "a file cannot be read, or is not valid"}
NONE = {Exit.INFEASIBLE: "proven: no plan protects every VM in every failure"}
MOVES = {Exit.INFEASIBLE: "proven: no plan protects every VM; or the steps lack room"}
NO_PLAN = {Exit.NO_PLAN: "ended without a plan, or the solver asked for is not here"}
OTHER = {Exit.OTHER_CLUSTER: "the plan is of another cluster"}
