"""Names on the command line, held against those in the cluster: a wrong one is wrong usage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from spareplace.references import nearly


def refuse_unknown(names: Iterable[str], known: Iterable[str], kind: str, where: str) -> None:
    """Refuse a name that is not there, and suggest the one that was probably meant.

    Parameters
    ----------
    names
        What was typed.
    known
        The names that there are.
    kind
        What they are names of: ``"server"``.
    where
        The option or argument that has the names.

    Raises
    ------
    click.BadParameter
        If there is one.
    """
    there = dict.fromkeys(known, "")
    for name in names:
        if name not in there:
            text = f"found {repr(name)[:80]}, expected the name of a {kind}"
            hint = nearly(name, there)
            raise click.BadParameter(f"{text}; {hint}" if hint else text, param_hint=where)


def refuse_taken(names: Sequence[str], taken: Iterable[str], kind: str, where: str) -> None:
    """Refuse a new name that is no name, or that something has already.

    The parameters are those of `refuse_unknown`.

    Raises
    ------
    click.BadParameter
        If there is one.
    """
    there = set(taken)
    for name in names:
        if not name or name in there:
            text = f"found {repr(name)[:80]}, expected a name that no other {kind} has"
            raise click.BadParameter(text, param_hint=where)
        there.add(name)


def refuse_none_left(servers: Iterable[str], gone: Iterable[str], where: str) -> None:
    """Refuse to take away every server.

    Raises
    ------
    click.BadParameter
        If that was asked for.
    """
    if set(servers) <= set(gone):
        raise click.BadParameter("no server would be left", param_hint=where)
