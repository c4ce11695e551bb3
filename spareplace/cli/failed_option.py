"""The option that names the servers that failed: many names behind one ``--failed``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import click

from spareplace.cli.arguments import wrong_usage
from spareplace.cli.described import Described
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.lifecycle.recovering.answering import failed_servers

Command = TypeVar("Command", bound=Callable[..., object])

FAILED = "--failed"


class ManyFailed(Described):
    """A command whose ``--failed`` takes all names up to the next option, or to ``--``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line."""
        return super().parse_args(ctx, list(_one_each(args)))


def failed_option(meaning: str, *, required: bool = True) -> Callable[[Command], Command]:
    """Give a command, which is to be a `ManyFailed`, the option."""
    return click.option(
        FAILED,
        multiple=True,
        required=required,
        metavar="SERVER...",
        help=f"{meaning}: all names up to the next option.",
    )


def failed_of(cluster: Cluster, names: Iterable[str]) -> tuple[str, ...]:
    """Give the servers that failed in the cluster's order, each once.

    Raises
    ------
    click.UsageError
        If the cluster lacks one of them.
    """
    try:
        return failed_servers(cluster, names)
    except InvalidInput as bad:
        raise wrong_usage(bad) from bad


def _one_each(words: Iterable[str]) -> Iterator[str]:
    """Put the option before each of its names: click takes one name for an option.

    The first name may begin with a dash, as any value of an option may.
    """
    many = False
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield from (word, *rest)
        elif word == FAILED:
            many = True
            yield from (word, *_next(rest))
        elif many and not word.startswith("-"):
            yield from (FAILED, word)
        else:
            many = False
            yield word


def _next(words: Iterator[str]) -> tuple[str, ...]:
    return tuple(word for word in [next(words, None)] if word is not None)
