"""The options that say how a cluster is to be changed, for commands that ask what would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import click

from spareplace.cli.names import refuse_none_left, refuse_taken, refuse_unknown
from spareplace.cluster import Cluster
from spareplace.explaining.changes import ClusterChange
from spareplace.units import LARGEST, format_bytes, parse_amount

Command = TypeVar("Command", bound=Callable[..., object])


def _pairs(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Read values of the form NAME=VALUE; a name may have an equals sign in it."""
    found = []
    for text in texts:
        name, sign, value = text.rpartition("=")
        if not sign or not name or not value:
            raise click.BadParameter(f"found {text!r}, expected SERVER=SIZE")
        found.append((name, value))
    return tuple(found)


without_option = click.option(
    "--without",
    multiple=True,
    metavar="SERVER",
    help="Go on without this server; its VMs are rebuilt as in a failure.",
)

_OPTIONS = (
    without_option,
    click.option(
        "--disk",
        "disks",
        multiple=True,
        callback=_pairs,
        metavar="SERVER=+SIZE",
        help="Give a server more disk (+200GB), less (-200GB), or just so much (2TB).",
    ),
    click.option(
        "--add-server",
        "added",
        multiple=True,
        metavar="NAME",
        help="Add a server of this name; needs --like.",
    ),
    click.option(
        "--like",
        "likes",
        multiple=True,
        metavar="SERVER",
        help="The server that the added one is like.",
    ),
    click.option(
        "--net",
        "nets",
        multiple=True,
        callback=_pairs,
        metavar="SERVER=RATE",
        help="What a server receives and sends a second, such as 1GB/s.",
    ),
)


def change_options(command: Command) -> Command:
    """Give a command the options of `changes_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def changes_of(
    cluster: Cluster,
    *,
    without: tuple[str, ...],
    disks: tuple[tuple[str, str], ...],
    added: tuple[str, ...],
    likes: tuple[str, ...],
    nets: tuple[tuple[str, str], ...],
) -> list[ClusterChange]:
    """Make changes of options: what is added first, what is taken away last.

    Raises
    ------
    click.UsageError
        If a value cannot be read, a server is unknown, or the options do not go together.
    """
    _refuse_unknown(cluster, added, without=without, disks=disks, likes=likes, nets=nets)
    if bool(likes) != bool(added) or len(likes) not in (0, 1, len(added)):
        raise click.UsageError("give each --add-server its --like SERVER, or one for all")
    patterns = likes * len(added) if len(likes) == 1 else likes
    changes = [
        ClusterChange(kind="add_server", server=name, like=like)
        for name, like in zip(added, patterns, strict=True)
    ]
    has = {server.name: server.disk for server in cluster.servers}
    for name, text in disks:
        amount = _signed(text, "--disk")
        if text[0] not in "+-":
            amount -= has.get(name, 0)
        elif has.get(name, 0) + amount < 0:
            found = f"server {name!r} has only {format_bytes(has.get(name, 0))} of disk"
            raise click.BadParameter(found, param_hint="--disk")
        changes.append(ClusterChange(kind="capacity", server=name, resource="disk", amount=amount))
    for name, text in nets:
        rate = _signed(text.removesuffix("/s"), "--net")
        if rate < 0:
            raise click.BadParameter(f"found {text!r}, expected 0 or more", param_hint="--net")
        changes.append(ClusterChange(kind="rates", server=name, amount=rate))
    gone = dict.fromkeys(without)
    changes += [ClusterChange(kind="without_server", server=name) for name in gone]
    return changes


def _refuse_unknown(
    cluster: Cluster,
    added: tuple[str, ...],
    *,
    without: tuple[str, ...],
    disks: tuple[tuple[str, str], ...],
    likes: tuple[str, ...],
    nets: tuple[tuple[str, str], ...],
) -> None:
    today = [server.name for server in cluster.servers]
    refuse_taken(added, today, "server", "--add-server")
    later = [*today, *added]
    for option, names, known in (
        ("--like", likes, today),
        ("--disk", [name for name, _ in disks], later),
        ("--net", [name for name, _ in nets], later),
        ("--without", without, later),
    ):
        refuse_unknown(names, known, "server", option)
    refuse_none_left(later, without, "--without")


_SIGNS: Mapping[str, int] = {"+": 1, "-": -1}


def _signed(text: str, option: str) -> int:
    sign, size = _SIGNS.get(text[0], 1), text[1:] if text[0] in _SIGNS else text
    try:
        amount = int(size) if size.isascii() and size.isdigit() else parse_amount(size)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
    if amount != int(amount) or amount > LARGEST:
        expected = "whole bytes, at most 2^53"
        raise click.BadParameter(f"found {text!r}, expected {expected}", param_hint=option)
    return sign * int(amount)
