"""From instances to VMs, and the diffs that are their images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from spareplace.fields import Amount
from spareplace.files.number_kinds import INTEGER
from spareplace.importers.ganeti import tags
from spareplace.importers.ganeti.stated import LOCAL, MIRRORED, SHARED, Instance, Stated
from spareplace.importers.guests import priority_in
from spareplace.importers.imported import Note
from spareplace.importers.sources import refused
from spareplace.importers.stopped import Stopped, when_stopped
from spareplace.parts import VM, Diff


def contents_of(
    stated: Stated, kept: Collection[str], resources: Collection[str], stopped: Stopped
) -> tuple[list[Diff], list[VM], list[Note]]:
    """Make the VMs, each with an image of its own, and say what was assumed.

    Parameters
    ----------
    stated
        The file.
    kept
        The instances that fail over to their mirrors.
    resources
        What servers list; a VM demands nothing else.
    stopped
        What is planned for instances that are down.

    Raises
    ------
    InvalidInput
        If a tag of ours is not understood.
    """
    members: defaultdict[str, list[str]] = defaultdict(list)
    for node in stated.nodes:
        members[node.group].append(node.name)
    group_of = {node.name: node.group for node in stated.nodes}
    exclusions = tags.starts(stated.tags, tags.EXCLUSION)
    diffs: list[Diff] = []
    vms: list[VM] = []
    notes: list[Note] = []
    for it in stated.instances:
        within = tuple(members[group_of[it.primary]]) if len(members) > 1 else None
        mirrored = it.name in kept
        local = it.template in (*LOCAL, MIRRORED) and not mirrored
        copied = local and tags.UNCOPIED not in it.tags
        if copied:
            diffs.append(Diff(name=it.name, size=it.disk))
        vm = VM(
            name=it.name,
            server=it.primary,
            diff=it.name if copied else None,
            disk=it.disk if local else 0,
            demand={what: much for what, much in _demand(it).items() if what in resources},
            groups=tags.groups_of(it.tags, exclusions),
            allowed_servers=_pair(it) if mirrored else within,
            priority=_priority(it),
            protect=it.balanced and not it.forthcoming,
        )
        if it.down and not it.forthcoming:
            vm, note = when_stopped(vm, stopped)
            notes.append(note)
        vms.append(vm)
        notes += _said(it, mirrored)
    return diffs, vms, notes


def _pair(instance: Instance) -> tuple[str, ...]:
    assert instance.secondary is not None, "a mirror is somewhere"
    return (instance.primary, instance.secondary)


def _demand(instance: Instance) -> Mapping[str, Amount]:
    return {"cpu": instance.cpus, "memory": instance.memory, "spindles": instance.spindles}


def _priority(instance: Instance) -> int:
    said = [tag for tag in instance.tags if tag.startswith(tags.PRIORITY)]
    if not said:
        return 0
    priority = priority_in(said[0].removeprefix(tags.PRIORITY))
    if priority is None or len(said) > 1:
        line, expected = instance.line, f"{INTEGER.expected}, once"
        raise refused(line.source, line.at("tags"), f"{said[-1]!r:.80}", expected)
    return priority


def _said(instance: Instance, mirrored: bool) -> Iterator[Note]:
    about = f"vm {instance.name!r}"
    if instance.forthcoming:
        yield Note(about=about, assumed="it is not made yet: it takes its room, unprotected")
    if not instance.balanced:
        yield Note(about=about, assumed="its auto_balance is N: it is not protected")
    if mirrored:
        assumed = (
            "its DRBD mirror is kept: it fails over to its secondary node alone, and its disk is "
            "taken off both nodes"
        )
        yield Note(about=about, assumed=assumed, give="to plan its copies, say --mirrors planned")
    if instance.template in SHARED:
        assumed = f"its disks are {instance.template}, on no node: nothing is planned for them"
        yield Note(about=about, assumed=assumed)
