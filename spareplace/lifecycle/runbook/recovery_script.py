"""The script of a recovery: one function for each VM, one for each server, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.disks.chains import VMDisks
from spareplace.filenames import file_name
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.runbook.text import (
    comment,
    function,
    identity,
    rule,
    scrubbing,
    shell_part,
)
from spareplace.lifecycle.runbook.work import (
    Assembly,
    Remaking,
    remakings,
    side_room,
    written_bytes,
)
from spareplace.placement import Recovery


def recovery_script(
    cluster: Cluster, work: RecoverySchedule | Recovery, disks: Iterable[VMDisks]
) -> str:
    """Write the script of a recovery; see `runbook_script`."""
    disks = tuple(disks)
    made = remakings(cluster, work, disks)
    sides = side_room(cluster, work, disks)
    by_target: dict[str, list[int]] = {}
    for number, one in enumerate(made):
        by_target.setdefault(one.server, []).append(number)
    planned = sum(it.size for it in work.transfers)
    body = "".join(
        [
            *(_vm(number, one) for number, one in enumerate(made)),
            *(_target(at, [(it, made[it]) for it in vms]) for at, vms in _numbered(by_target)),
            *_all_of_it({server: [made[it] for it in vms] for server, vms in by_target.items()}),
        ]
    )
    return "".join(
        [
            "#!/bin/sh\n",
            _told(cluster, work, made, sides),
            f"set -eu\nrun={identity('recovery', fingerprint(cluster), body)}\n",
            f"planned={planned}\n\n",
            *map(shell_part, ("adapt", "verbs", "recovery_verbs", "recovery")),
            rule("What is done"),
            body,
            "\n",
            shell_part("main"),
            "recover\n",
        ]
    )


def _numbered(by_target: Mapping[str, list[int]]) -> Iterator[tuple[int, list[int]]]:
    return enumerate(by_target.values(), start=1)


def _vm(number: int, one: Remaking) -> str:
    lines = [line for part in one.assemblies for line in _put_together(one.server, part)]
    tops = [file_name(top) for top in one.tops] or ["-"]
    lines.append(" ".join(["image", file_name(one.server), file_name(one.vm), *tops]))
    return function(f"vm_{number + 1}", lines)


def _put_together(server: str, part: Assembly) -> Iterator[str]:
    on, diff = file_name(server), file_name(part.diff)
    holders = dict.fromkeys([server] if part.kept else [])
    holders |= dict.fromkeys(it.source for it in part.sent)
    yield " ".join(["begin", on, diff, str(part.size), *map(file_name, holders)])
    for start, stop in part.kept:
        yield f"keep {on} {diff} {start} {stop}"
    for it in part.sent:
        yield f"send {file_name(it.source)} {on} {diff} {it.start} {it.stop}"
    yield f"finish {on} {diff} {'-' if part.parent is None else file_name(part.parent)}"


def _target(number: int, theirs: Sequence[tuple[int, Remaking]]) -> str:
    lines = [
        f"rebuild vm_{at + 1} {file_name(one.vm)} {file_name(one.server)}" for at, one in theirs
    ]
    return function(f"target_{number}", ["bad=0", *lines, 'exit "$bad"'])


def _all_of_it(by_target: Mapping[str, Sequence[Remaking]]) -> Iterator[str]:
    first: list[str] = []
    for server, made in by_target.items():
        on = file_name(server)
        first += [f"on {on} ready", f"on {on} room {written_bytes(made)}"]
        first += [f"on {on} vacant {file_name(it.vm)} {len(it.tops)}" for it in made if it.tops]
    yield function("check_first", first)
    starting = [(f"(target_{at}) &", 'targets="$targets $!"') for at in _up_to(len(by_target))]
    yield function(
        "start_targets",
        [line for pair in starting for line in pair],
        "All servers at once; on each of them one VM after the other.",
    )
    yield function("count_sent", [f"add_sent {file_name(server)}" for server in by_target])
    senders = {
        it.source
        for made in by_target.values()
        for one in made
        for part in one.assemblies
        for it in part.sent
    }
    yield scrubbing({*by_target, *senders})


def _up_to(count: int) -> range:
    return range(1, count + 1)


def _told(
    cluster: Cluster,
    work: RecoverySchedule | Recovery,
    made: Sequence[Remaking],
    sides: Mapping[str, int],
) -> str:
    if isinstance(work, RecoverySchedule):
        why = "servers " + ", ".join(map(file_name, work.failed))
    else:
        why = f"failure {file_name(work.failure)}"
    planned = sum(it.size for it in work.transfers)
    rooms = []
    for server, side in sides.items():
        count = written_bytes(one for one in made if one.server == server)
        rooms.append(
            f"  {file_name(server)}: writes at most {count} bytes"
            + (f", {side} more than the plan counts for its VMs" if side else "")
        )
    lost = [
        f"  NOT REBUILT: {file_name(it.vm)} ({it.reason})"
        for it in (work.lost if isinstance(work, RecoverySchedule) else ())
    ]
    return comment(
        f"Rebuilds {len(made)} VMs after a failure ({why}), sending {planned} bytes.",
        "Made for the cluster " + fingerprint(cluster),
        *rooms,
        *lost,
        "",
        "Read it, adapt the functions up to the next line of dashes but one, and run it on a "
        "machine that reaches all servers, or on one of them: `sh THIS_FILE`. It writes what it "
        "does, ends with 0 if every VM was started, and may be cut off anywhere and run again.",
        "Names stand as the names of their files: %20 is a space.",
    )
