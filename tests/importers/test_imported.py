from __future__ import annotations

from spareplace.cluster import Cluster
from spareplace.importers.imported import Imported, Note, told
from spareplace.parts import Server


def test_a_note_says_what_was_assumed_and_how_to_say_it() -> None:
    note = Note(about="vm 'a'", assumed="no memory is known", give="measure it")
    assert str(note) == "vm 'a': no memory is known; measure it"


def test_a_note_is_kept_once() -> None:
    note = Note(about="vm 'a'", assumed="no memory is known")
    cluster = Cluster(servers=(Server(name="a", disk=1),))
    assert Imported(cluster=cluster, notes=(note, note)).notes == (note,)


def test_what_was_assumed_of_many_takes_one_line() -> None:
    notes = [Note(about=f"vm '{name}'", assumed="nothing") for name in range(9)]
    other = Note(about="pool", assumed="something")
    assert told([*notes[:2], other, *notes[2:]]) == [
        "vm '0', vm '1', vm '2' and 6 more: nothing",
        "pool: something",
    ]
