"""``python -m examples.qcow2_cluster.namespaces FOLDER``: recoveries over ssh, on hosts.

Each server is a host of its own for the network and for files: a network namespace behind a bridge,
with an address and an sshd, in which the folder of the server is the home of root and those of the
others are not there. The script of a recovery runs beside the bridge with the line for ssh that
stands in it, and reaches the servers in no other way.

The namespaces end with the program, and nothing is left but the files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from examples.qcow2_cluster.hosts import Ran, hindrance, prepare, run_beside
from examples.qcow2_cluster.proof import World, build, is_identical
from examples.qcow2_cluster.servers import Servers
from spareplace import RecoverySchedule, recover
from spareplace.filenames import file_name
from spareplace.lifecycle.runbook import runbook_script

LOCAL_LINE = '    sh -- "$script" @ "$ROOT/$on_server" "$@"\n'
SSH_LINE = 'ssh -o BatchMode=yes -- "$on_server" sh runbook.sh @ spareplace "$@"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One recovery over ssh.

    Parameters
    ----------
    failed
        The server that failed.
    planned, sent
        The bytes that the plan says are sent, and those that passed on the way.
    links
        By server that was sent something, the bytes that went over its link: those of images, what
        ssh adds, and all that the script asked it.
    rebuilt, identical
        How many VMs were rebuilt, and how many images equal the lost ones.
    seconds
        How long the script ran.
    """

    failed: str
    planned: int
    sent: int
    links: Mapping[str, int]
    rebuilt: int
    identical: int
    seconds: float


def recovered(world: World, failed: str, folder: Path) -> Reached:
    """Lose a server, and run the script of the recovery on the hosts that are left.

    Parameters
    ----------
    world
        The cluster as files.
    failed
        The server.
    folder
        A new folder for the hosts.
    """
    schedule = recover(world.cluster, world.plan, [failed])
    script = over_ssh(runbook_script(world.cluster, schedule))
    left = [it.name for it in world.cluster.servers if it.name != failed]
    names = [file_name(name) for name in left]
    folder.mkdir()
    prepare(folder, names)
    copied = world.servers.copy(folder / "servers")
    for name in left:
        home = folder / "hosts" / file_name(name)
        copied.of(name).rename(home / "spareplace")
        (home / "runbook.sh").write_text(script, encoding="utf-8")
    (folder / "control" / "runbook.sh").write_text(script, encoding="utf-8")
    ran = run_beside(folder, names, "runbook.sh")
    if ran.code:
        raise RuntimeError(ran.told)
    return _seen(world, schedule, folder, ran)


def over_ssh(script: str) -> str:
    """Adapt a script as it says itself, and copy all that is sent to a file, to count it."""
    for line in (LOCAL_LINE, f"    # {SSH_LINE}", "${THROUGH:-cat}"):
        assert script.count(line) == 1
    script = script.replace(LOCAL_LINE, "").replace(f"    # {SSH_LINE}", f"    {SSH_LINE}")
    return script.replace("${THROUGH:-cat}", "tee -a passed")


def _seen(world: World, schedule: RecoverySchedule, folder: Path, ran: Ran) -> Reached:
    images = {
        it.vm: Servers(folder=folder / "hosts" / file_name(it.server)).image("spareplace", it.vm)
        for it in schedule.rebuilds
    }
    passed = folder / "control" / "passed"
    return Reached(
        failed=schedule.failed[0],
        planned=schedule.transfer_bytes,
        sent=passed.stat().st_size if passed.exists() else 0,
        links={it.target: ran.links[file_name(it.target)] for it in schedule.transfers},
        rebuilt=len(images),
        identical=sum(is_identical(image, world.full[vm]) for vm, image in images.items()),
        seconds=ran.seconds,
    )


def main() -> int:
    """Build the cluster in a folder, and lose servers; the exit code is 0 if all is as planned."""
    parser = argparse.ArgumentParser(prog="python -m examples.qcow2_cluster.namespaces")
    parser.add_argument("folder", type=Path, help="a new folder for all files, about 300 MB")
    parser.add_argument("--failed", nargs="*", help="the servers to lose, one after the other")
    chosen = parser.parse_args()
    if why := hindrance():
        parser.error(why)
    chosen.folder.mkdir()
    world = build(chosen.folder)
    good = True
    for number, failed in enumerate(chosen.failed or [it.name for it in world.cluster.servers]):
        seen = recovered(world, failed, chosen.folder / f"failed-{number}")
        good &= seen.sent == seen.planned and seen.identical == seen.rebuilt
        sys.stdout.write(told(seen) + "\n")
    return 0 if good else 1


def told(seen: Reached) -> str:
    """Say what happened in one line."""
    links = ", ".join(f"{count} to {name}" for name, count in seen.links.items())
    return (
        f"failed    {seen.failed:8} planned {seen.planned:>8} bytes, sent {seen.sent:>8}; "
        f"{seen.identical} of {seen.rebuilt} images identical; {seen.seconds:.1f} s; "
        f"on links {links or 'nothing'}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
