"""The script of moves: their steps, one after the other, and what has to be stored in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.filenames import file_name
from spareplace.holding import Span
from spareplace.lifecycle.moves.steps import Moves, Step
from spareplace.lifecycle.runbook.text import (
    comment,
    function,
    identity,
    rule,
    scrubbing,
    shell_part,
)


def moves_script(cluster: Cluster, moves: Moves) -> str:
    """Write the script of moves; see `runbook_script`."""
    sizes = {diff.name: diff.size for diff in cluster.diffs}
    _refuse_unknown(cluster, sizes, moves)
    changed = dict.fromkeys(step.server for step in moves.steps)
    sending = {step.source: None for step in moves.steps if step.source is not None}
    steps = [_step(number, step, sizes) for number, step in enumerate(moves.steps, start=1)]
    body = "".join(
        [
            function("steps", steps),
            function("check_first", [f"on {file_name(it)} ready" for it in {**changed, **sending}]),
            function("reached", [f"{line} &&" for line in _end(moves.steps)] + [":"]),
            function("forget", [f"on {file_name(server)} forget" for server in changed]),
            scrubbing({**changed, **sending}),
        ]
    )
    return "".join(
        [
            "#!/bin/sh\n",
            _told(cluster, moves),
            f"set -eu\nrun={identity('moves', fingerprint(cluster), body)}\n\n",
            *map(shell_part, ("adapt", "verbs", "moves")),
            rule("What is done"),
            body,
            "\n",
            shell_part("main"),
            "move\n",
        ]
    )


def _refuse_unknown(cluster: Cluster, sizes: Mapping[str, int], moves: Moves) -> None:
    servers = {server.name for server in cluster.servers}
    for number, step in enumerate(moves.steps):
        names = {step.server} | ({step.source} if step.source is not None else set())
        known = step.action == "delete" or step.stop <= sizes.get(step.diff, -1)
        if not (names <= servers and known):
            raise InvalidInput(
                [
                    Problem(
                        path=f"moves.steps[{number}]",
                        found=f"bytes {step.start} to {step.stop} of diff {step.diff!r} on server "
                        f"{step.server!r}, from {step.source!r}",
                        expected="bytes of a diff of the cluster, and servers of it",
                    )
                ]
            )


def _step(number: int, step: Step, sizes: Mapping[str, int]) -> str:
    to, diff = file_name(step.server), file_name(step.diff)
    if step.action == "delete":
        return f"drop {number} {to} {diff} {step.start} {step.stop}"
    source = file_name(step.source or step.server)
    return f"copy {number} {source} {to} {diff} {step.start} {step.stop} {sizes[step.diff]}"


def _end(steps: Iterable[Step]) -> Iterator[str]:
    """Say of all bytes that a step touched whether they are stored in the end."""
    last: dict[tuple[str, str], list[tuple[Span, bool]]] = defaultdict(list)
    for step in steps:
        here = last[step.server, step.diff]
        span = step.start, step.stop
        here[:] = [(part, stored) for old, stored in here for part in _outside(old, span)]
        here.append((span, step.action == "copy"))
    for (server, diff), parts in last.items():
        for (start, stop), stored in sorted(parts):
            verb = "covers" if stored else "lacks"
            yield f"on {file_name(server)} {verb} {file_name(diff)} {start} {stop}"


def _outside(span: Span, taken: Span) -> Iterator[Span]:
    for start, stop in (
        (span[0], min(span[1], taken[0])),
        (max(span[0], taken[1]), span[1]),
    ):
        if start < stop:
            yield start, stop


def _told(cluster: Cluster, moves: Moves) -> str:
    return comment(
        f"Changes what is stored in {len(moves.steps)} steps: {moves.copied_bytes} bytes are "
        f"copied, {moves.deleted_bytes} deleted.",
        "Made for the cluster " + fingerprint(cluster),
        "",
        "Read it, adapt the functions up to the next line of dashes but one, and run it on a "
        "machine that reaches all servers, or on one of them: `sh THIS_FILE`. Each step is safe "
        "only after those before it: the first that fails ends it. It may be cut off anywhere and "
        "run again.",
        "Names stand as the names of their files: %20 is a space.",
    )
