"""What HA rules ask for: guests kept apart, and nodes that guests are bound to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spareplace.importers.imported import Note
from spareplace.importers.proxmox.dump import Entry, entries
from spareplace.importers.sources import Source


@dataclass(slots=True, kw_only=True)
class Asked:
    """What rules ask for, by what HA calls each guest.

    Parameters
    ----------
    groups
        The negative affinity rules that it is in.
    nodes
        The nodes that strict node affinity rules bind it to.
    """

    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    nodes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_rules(
    rules: Iterable[Source],
    groups: Iterable[Source],
    resources: Iterable[Source],
    nodes: Collection[str],
    guests: Collection[str],
    notes: list[Note],
) -> Asked:
    """Read HA rules, and the HA groups that they replaced in Proxmox VE 9.

    Parameters
    ----------
    rules, groups, resources
        What ``pvesh get /cluster/ha/rules``, ``.../groups`` and ``.../resources`` printed.
    nodes, guests
        Those that there are.
    notes
        Takes what no plan keeps.

    Raises
    ------
    InvalidInput
        If one is not of that form, or binds a guest to nodes of which there is none.
    """
    asked = Asked()
    for each in (one for source in rules for one in entries(source)):
        name, kind, about = each.name("rule"), each.name("type"), f"HA rule {each.name('rule')!r}"
        members = [guest for guest in each.words("resources") if guest in guests]
        if each.flag("disable") or each.values.get("errors"):
            notes.append(Note(about=about, assumed="it is disabled or has errors: passed over"))
        elif kind == "resource-affinity" and each.name("affinity") == "negative":
            for guest in members:
                asked.groups[guest] = (*asked.groups.get(guest, ()), name)
        elif kind == "node-affinity" and each.flag("strict"):
            _bind(asked, members, each, nodes)
            notes += _preferring(about, each.words("nodes"))
        else:
            notes.append(Note(about=about, assumed=_SOFT.get(kind, "its type is not known here")))
        for guest in each.words("resources"):
            if guest not in guests:
                assumed = f"it names {guest!r:.80}, which no resource is: passed over"
                notes.append(Note(about=about, assumed=assumed))
    _add_groups(asked, groups, resources, nodes, guests, notes)
    return asked


_SOFT = {
    "resource-affinity": "it keeps guests together: no plan keeps that",
    "node-affinity": "it is not strict, a preference: no plan keeps that",
}


def _bind(asked: Asked, members: Iterable[str], each: Entry, nodes: Collection[str]) -> None:
    named = {word.partition(":")[0] for word in each.words("nodes")}
    for guest in members:
        before = asked.nodes.get(guest, tuple(nodes))
        both = tuple(node for node in before if node in named)
        if not both:
            raise each.refuse("nodes", f"a node that there is and that {guest} may be on")
        asked.nodes[guest] = both


def _preferring(about: str, words: Sequence[str]) -> Iterator[Note]:
    if any(":" in word for word in words):
        yield Note(about=about, assumed="it prefers some of its nodes: no plan keeps that")


def _add_groups(
    asked: Asked,
    groups: Iterable[Source],
    resources: Iterable[Source],
    nodes: Collection[str],
    guests: Collection[str],
    notes: list[Note],
) -> None:
    """Take a restricted group as the strict rule that an upgrade makes of it."""
    members: dict[str, list[str]] = {}
    for each in (one for source in resources for one in entries(source)):
        group = each.text("group")
        if group is not None and each.name("sid") in guests:
            members.setdefault(group, []).append(each.name("sid"))
    for each in (one for source in groups for one in entries(source)):
        name, about = each.name("group"), f"HA group {each.name('group')!r}"
        if not each.flag("restricted"):
            notes.append(Note(about=about, assumed=_SOFT["node-affinity"]))
            continue
        _bind(asked, members.get(name, []), each, nodes)
        notes += _preferring(about, each.words("nodes"))


PREFIX = "spareplace-"


def said_in_tags(
    tags: Iterable[str], about: str, notes: list[Note]
) -> Mapping[str, tuple[str, ...]]:
    """Give what tags of ours say, by word: ``group``, ``priority``, ``unprotected``."""
    said: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        if not tag.startswith(PREFIX):
            continue
        word, _, rest = tag.removeprefix(PREFIX).partition("-")
        if word not in ("group", "priority", "unprotected") or (word == "unprotected") is bool(
            rest
        ):
            assumed = f"its tag {tag!r:.80} is none of ours: passed over"
            notes.append(Note(about=about, assumed=assumed))
            continue
        said[word] = (*said.get(word, ()), rest)
    return said
