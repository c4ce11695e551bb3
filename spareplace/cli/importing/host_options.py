"""The options on what hosts have, and which files are from which host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import click

from spareplace.cli.arguments import FILE
from spareplace.cli.values import read_size
from spareplace.errors import InvalidInput
from spareplace.fields import Amount
from spareplace.files.number_kinds import AMOUNTS
from spareplace.importers.folders import read_sources
from spareplace.importers.hosts import Host, read_hosts
from spareplace.importers.sources import Source, read_source

_NOBODY = "every host"
"""The name of the host that stands for the options on all of them; no server gets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """What hosts have.

    Parameters
    ----------
    file
        The hosts file, or ``None``.
    disk, capacity
        What each host has of which nothing else tells it.
    """

    file: str | None
    disk: int | None
    capacity: Mapping[str, str]

    def listed(self) -> tuple[Host, ...]:
        """Read the hosts file, if there is one.

        Raises
        ------
        InvalidInput
            If anything is wrong with it.
        """
        return () if self.file is None else read_hosts(read_source(self.file))

    def every(self) -> Host:
        """Make what the options say of hosts of which nothing else tells it.

        Raises
        ------
        click.BadParameter
            If a capacity is no amount.
        """
        amounts: dict[str, Amount] = {}
        for resource, text in self.capacity.items():
            plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 40
            try:
                read = AMOUNTS.read({resource: text + "B" if plain else text})
            except InvalidInput:
                found = f"found {text!r}, expected a number, with a unit or without"
                raise click.BadParameter(found, param_hint="--capacity") from None
            assert isinstance(read, dict)
            amounts |= read
        return Host(name=_NOBODY, disk=self.disk, capacity=amounts)

    def sources(
        self, listed: tuple[Host, ...], paths: tuple[str, ...], named: Mapping[str, str]
    ) -> tuple[Source, ...]:
        """Read all that the command line and the hosts file name.

        Parameters
        ----------
        listed
            What the hosts file says.
        paths, named
            What the command line names, without a host and with one.

        Raises
        ------
        InvalidInput
            If a file cannot be read, or nothing says which host it is from.
        click.UsageError
            If nothing is named.
        """
        folder = Path(self.file or "").parent
        of_list = {str(folder / path): host.name for host in listed for path in host.sources}
        if not (paths or named or of_list):
            raise click.UsageError("name a file or a folder to read")
        return read_sources(paths, of_list | dict(named))


def _read_pairs(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        if not (name and equals and rest):
            raise click.BadParameter(f"found {text!r}, expected NAME=VALUE")
        if name in pairs:
            raise click.BadParameter(f"found {name!r} again, expected each name once")
        pairs[name] = rest
    return pairs


def _read_hosts_of_paths(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    """Read NAME=PATH as a mapping from paths to names: a host may have several paths."""
    paths: dict[str, str] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise click.BadParameter(f"found {text!r}, expected NAME=PATH")
        if paths.setdefault(path, name) != name:
            raise click.BadParameter(f"found {path!r} again, expected each path of one host")
    return paths


paths_argument = click.argument("paths", nargs=-1, type=FILE, metavar="[PATH]...")

named_option = click.option(
    "--host",
    "named",
    multiple=True,
    callback=_read_hosts_of_paths,
    metavar="NAME=PATH",
    help="Read a file or folder from this host. May be given again.",
)


def host_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options on what hosts have, as the argument ``hosts``."""

    @click.option(
        "--hosts",
        "hosts_file",
        type=FILE,
        metavar="FILE",
        help="What hosts have: spareplace/hosts/1, or CSV with a column name.",
    )
    @click.option(
        "--disk",
        callback=read_size,
        metavar="SIZE",
        help="The disk of each host of which nothing tells it.",
    )
    @click.option(
        "--capacity",
        multiple=True,
        callback=_read_pairs,
        metavar="RESOURCE=AMOUNT",
        help="What each host has of a resource, if nothing tells it.",
    )
    @wraps(command)
    def gathered(
        *given: object,
        hosts_file: str | None,
        disk: int | None,
        capacity: dict[str, str],
        **others: object,
    ) -> None:
        hosts = HostOptions(file=hosts_file, disk=disk, capacity=capacity)
        command(*given, hosts=hosts, **others)

    return gathered
