"""Hosts in network namespaces: each with its own address, its own files and its own sshd.

All of them are in namespaces of one process, its network, mounts and processes, and end with it:
nothing is left but the files.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOOLS = ("ip", "mount", "qemu-img", "ssh", "ssh-keygen", "unshare")
SSHD = "/usr/sbin/sshd"
LONGEST_START = 20.0
"""Seconds in which an sshd has to answer."""

_HERE = Path(__file__).parents[2]
_HOME = pwd.getpwuid(0).pw_dir

_ALONE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""A network with nothing in it, mounts that nobody else sees, and processes that end together."""

# The folder of the host is the home of root, and all others are covered.
_SERVE = (
    f'mount --bind "$1" {_HOME} && mount -t tmpfs hidden "$2" && '
    f"exec {SSHD} -D -e -f {_HOME}/.ssh/sshd_config"
)
_SSHD_CONFIG = f"""\
HostKey {_HOME}/.ssh/host_key
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile none
"""
_SSH_CONFIG = """\
Host *
User root
ControlMaster auto
ControlPath ~/.ssh/%C
ControlPersist 5
"""


def hindrance() -> str | None:
    """Say why there can be no such hosts on this machine, or ``None``."""
    if os.geteuid() != 0:
        return "network namespaces with an sshd in each need root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if not os.access(SSHD, os.X_OK):
        missing.append(SSHD)
    if missing:
        return "not here: " + ", ".join(missing)
    tried = subprocess.run(
        [*_ALONE, "sh", "-c", "mount -t tmpfs run /run && ip netns add a && "
         "ip link add name v type veth peer name w netns a && ip link add name b type bridge"],
        capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    return tried.stderr.strip() or "the kernel refuses" if tried.returncode else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What was seen of a script that ran beside the bridge.

    Parameters
    ----------
    code, told
        Its exit code, and what it wrote to standard error.
    seconds
        How long it ran.
    links
        By host, the bytes that went to it over its link, whatever they were.
    """

    code: int
    told: str
    seconds: float
    links: dict[str, int]


def prepare(folder: Path, names: Sequence[str]) -> None:
    """Make a home for each host, and one for who reaches them all by name.

    Parameters
    ----------
    folder
        Where the homes are made: ``control``, and ``hosts/NAME``.
    names
        Of the hosts, as names of files.
    """
    control = folder / "control"
    for home in (control, *(folder / "hosts" / name for name in names)):
        (home / ".ssh").mkdir(parents=True, mode=0o700)
    for key in ("id_ed25519", "host_key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(control / ".ssh" / key))
    host_key = (control / ".ssh" / "host_key.pub").read_text()
    config, known = _SSH_CONFIG, ""
    for number, name in enumerate(names):
        config += f"Host {name}\nHostName {_address(number)}\n"
        known += f"{_address(number)} {host_key}"
        own = folder / "hosts" / name / ".ssh"
        (own / "sshd_config").write_text(_SSHD_CONFIG)
        shutil.copy(control / ".ssh" / "host_key", own)
        shutil.copy(control / ".ssh" / "id_ed25519.pub", own / "authorized_keys")
    (control / ".ssh" / "config").write_text(config)
    (control / ".ssh" / "known_hosts").write_text(known)


def run_beside(folder: Path, names: Sequence[str], script: str) -> Ran:
    """Let hosts run that were prepared, and run a script from `control` with ``sh``."""
    words = [sys.executable, "-m", "examples.qcow2_cluster.hosts", str(folder.absolute()), script]
    done = subprocess.run(
        [*_ALONE, *words, *names],
        cwd=_HERE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Ran(**json.loads(done.stdout))


def main() -> None:
    """Run in namespaces of one's own; `run_beside` starts it."""
    folder, script, *names = sys.argv[1:]
    place = Path(folder)
    _begin()
    with _running(place, names):
        before = [_sent_to(number) for number in range(len(names))]
        began = time.monotonic()
        done = _at_home(place / "control", ["sh", script])
        seconds = time.monotonic() - began
        links = {name: _sent_to(at) - before[at] for at, name in enumerate(names)}
    told = done.stderr.decode(errors="replace")
    seen = {"code": done.returncode, "told": told, "seconds": seconds, "links": links}
    sys.stdout.write(json.dumps(seen))


def _begin() -> None:
    """Make the network, without hosts yet."""
    _run("mount", "-t", "tmpfs", "run", "/run")
    Path("/run/sshd").mkdir()
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "name", "bridge", "type", "bridge")
    _run("ip", "addr", "add", "10.77.0.1/24", "dev", "bridge")
    _run("ip", "link", "set", "bridge", "up")


@contextmanager
def _running(folder: Path, names: Sequence[str]) -> Iterator[None]:
    serving: list[subprocess.Popen[bytes]] = []
    try:
        for number, name in enumerate(names):
            _plug_in(number)
            words = ["sh", "-c", _SERVE, "sh", str(folder / "hosts" / name), str(folder)]
            command = ["ip", "netns", "exec", f"host{number}", *words]
            with open(folder / f"sshd-{number}.log", "wb") as log:
                serving.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log))
        for name in names:
            _wait_for(folder, name)
        yield
    finally:
        for process in serving:
            process.kill()
            process.wait()


def _plug_in(number: int) -> None:
    space = f"host{number}"
    _run("ip", "netns", "add", space)
    ends = ("name", f"to{number}", "type", "veth", "peer", "name", "eth0", "netns", space)
    _run("ip", "link", "add", *ends)
    _run("ip", "link", "set", f"to{number}", "master", "bridge", "up")
    _run("ip", "-n", space, "addr", "add", f"{_address(number)}/24", "dev", "eth0")
    _run("ip", "-n", space, "link", "set", "eth0", "up")
    _run("ip", "-n", space, "link", "set", "lo", "up")


def _wait_for(folder: Path, name: str) -> None:
    until = time.monotonic() + LONGEST_START
    command = ["ssh", "-o", "BatchMode=yes", "--", name, "true"]
    while (done := _at_home(folder / "control", command)).returncode:
        if time.monotonic() > until:
            raise TimeoutError(f"{name} does not answer: {done.stderr.decode(errors='replace')}")
        time.sleep(0.1)


def _at_home(home: Path, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command with a folder as the home of root."""
    words = [
        "sh",
        "-c",
        f'mount --bind "$0" {_HOME} && cd {_HOME} && exec "$@"',
        str(home),
        *command,
    ]
    return subprocess.run(
        ["unshare", "--mount", *words], stdin=subprocess.DEVNULL, capture_output=True
    )


def _sent_to(number: int) -> int:
    told = _run("ip", "-s", "-j", "link", "show", "dev", f"to{number}")
    count = json.loads(told)[0]["stats64"]["tx"]["bytes"]
    assert isinstance(count, int)
    return count


def _address(number: int) -> str:
    return f"10.77.0.{number + 2}"


def _run(*words: str) -> bytes:
    return subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
