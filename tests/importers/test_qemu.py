from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Imported
from spareplace.importers.known_files import read_images
from spareplace.importers.qemu.importing import import_qemu
from spareplace.importers.sources import Source
from spareplace.planning import plan
from spareplace.verify import check
from tests.importers.given import QEMU, chain, image, recorded, sums, text

ROOM = Host(name="any", disk=10**8)


def imported(*sources: Source, images: str = "", **options: str) -> Imported:
    said = read_images(text(images, path="images")) if images else None
    count = "virtual" if options else "allocated"
    return import_qemu(sources, every_host=ROOM, images=said, vm_disk=count)  # type: ignore[arg-type]


def refused(sources: Sequence[Source], images: str = "") -> str:
    with pytest.raises(InvalidInput) as error:
        imported(*sources, images=images)
    return str(error.value)


def assumed(made: Imported) -> str:
    return "\n".join(str(note) for note in made.notes)


def diffs(made: Imported) -> dict[str, tuple[int, str | None]]:
    return {diff.name: (diff.size, diff.parent) for diff in made.cluster.diffs}


BASE = image("/i/base.qcow2", actual=50)


def leaf(name: str, actual: int = 100, base: str = "base") -> dict[str, object]:
    return image(f"/i/{name}.qcow2", f"/i/{base}.qcow2", actual)


def test_three_recorded_hosts_become_the_cluster_that_they_are() -> None:
    # The sizes are those that qemu-img printed; the base takes most bytes on alpha.
    made = imported(*recorded(QEMU))
    assert diffs(made) == {
        "debian-12": (8_654_848, None),
        "web-mid": (2_363_392, "debian-12"),
        "web1": (1_314_816, "web-mid"),
        "web2": (1_314_816, "web-mid"),
        "db1": (4_460_544, "debian-12"),
        'odd name\'s "ü"': (1_314_816, "debian-12"),
        "mail": (1_314_816, "debian-12"),
        "own": (1_048_576, None),
    }
    resident = {server.name: server.resident for server in made.cluster.servers}
    assert resident == {
        "alpha": ("debian-12", "web-mid"),
        "beta": ("debian-12",),
        "gamma": ("debian-12",),
    }
    (web1,) = [vm for vm in made.cluster.vms if vm.name == "web1"]
    assert (web1.server, web1.diff) == ("alpha", "web1")
    assert web1.disk == 8_654_848 + 2_363_392 + 1_314_816


def test_where_the_files_of_a_diff_lie_is_told() -> None:
    made = imported(*recorded(QEMU))
    places = {(file.diff, file.host): file.path for file in made.files}
    assert len(places) == len(made.files) == 10
    assert places["debian-12", "gamma"] == "/var/lib/libvirt/images/debian-12.qcow2"
    assert places['odd name\'s "ü"', "beta"] == '/var/lib/libvirt/images/odd name\'s "ü".qcow2'


def test_what_is_imported_can_be_planned_and_keeps_every_rule() -> None:
    cluster = imported(*recorded(QEMU)).cluster
    found = plan(cluster, method="greedy")
    assert not check(cluster, found)
    assert {len(recovery.rebuilds) for recovery in found.recoveries} == {2}


def test_copies_that_take_fewer_bytes_are_another_diff_without_a_checksum() -> None:
    made = imported(*(it for it in recorded(QEMU) if "sha256" not in it.path))
    assert {"debian-12@alpha", "debian-12@beta"} <= diffs(made).keys()
    assert "taken to differ from files of its name on other hosts" in assumed(made)
    assert "give sha256sum's output" in assumed(made)


def test_files_of_equal_name_and_sizes_are_taken_to_be_the_same_and_that_is_said() -> None:
    made = imported(chain(leaf("x"), BASE), chain(leaf("y"), BASE, host="b"))
    assert diffs(made) == {"base": (50, None), "x": (100, "base"), "y": (100, "base")}
    assert "'/i/base.qcow2' on host 'a': taken to be what files of its name" in assumed(made)


def test_files_of_one_checksum_are_one_diff_whatever_they_are_called() -> None:
    other = image("/i/b2.qcow2", actual=70)
    made = imported(
        chain(leaf("x"), BASE),
        chain(leaf("y", base="b2"), other, host="b"),
        sums("a", base="1"),
        sums("b", b2="1"),
    )
    assert diffs(made) == {"base": (70, None), "x": (100, "base"), "y": (100, "base")}
    assert "taken to" not in assumed(made)


def test_files_of_one_name_and_different_checksums_are_two_diffs() -> None:
    made = imported(
        chain(leaf("x"), BASE),
        chain(leaf("y"), BASE, host="b"),
        sums("a", base="1"),
        sums("b", base="2"),
    )
    assert diffs(made)["x"] == (100, "base@a")
    assert diffs(made)["y"] == (100, "base@b")
    assert "diff 'base@a': called so" in assumed(made)


def test_equal_differences_on_different_masters_are_two_diffs() -> None:
    made = imported(
        chain(image("/i/x.qcow2", "/i/mid.qcow2"), leaf("mid"), BASE),
        chain(image("/i/y.qcow2", "/i/mid.qcow2"), leaf("mid"), BASE, host="b"),
        sums("a", base="1", mid="3"),
        sums("b", base="2", mid="3"),
    )
    assert diffs(made)["mid@a"] == (100, "base@a")
    assert diffs(made)["mid@b"] == (100, "base@b")


def test_the_user_can_say_which_files_are_one_diff() -> None:
    made = imported(
        chain(leaf("x"), BASE),
        chain(leaf("y"), image("/i/base.qcow2", actual=60), host="b"),
        images="file,diff\n/i/base.qcow2,debian\n",
    )
    assert diffs(made) == {"debian": (60, None), "x": (100, "debian"), "y": (100, "debian")}


@pytest.mark.parametrize(
    ("there", "more", "message"),
    [
        (BASE, [sums("a", base="1"), sums("b", base="2")], "one name for files of different"),
        (image("/i/base.qcow2", virtual=9), [], "virtual size 9 .*expected virtual size 1000"),
    ],
)
def test_a_name_for_files_of_different_contents_is_refused(
    there: dict[str, object], more: list[Source], message: str
) -> None:
    sources = [chain(leaf("x"), BASE), chain(leaf("y"), there, host="b"), *more]
    text_of_error = refused(sources, "file,diff\n/i/base.qcow2,debian\n")
    assert message.split(".*")[-1] in text_of_error


def test_one_name_for_differences_on_different_masters_is_refused() -> None:
    sources = [
        chain(image("/i/x.qcow2", "/i/mid.qcow2"), leaf("mid"), BASE),
        chain(
            image("/i/y.qcow2", "/i/mid.qcow2"),
            leaf("mid"),
            image("/i/base.qcow2", actual=1),
            host="b",
        ),
    ]
    assert "to build on the same diff as" in refused(sources, "file,diff\n/i/mid.qcow2,mid\n")


def test_an_image_that_nobody_builds_on_is_a_vm_unless_it_is_said_to_be_a_template() -> None:
    sources = [chain(leaf("x"), BASE), chain(image("/i/spare.qcow2", actual=30))]
    assert {vm.name for vm in imported(*sources).cluster.vms} == {"x", "spare"}
    made = imported(*sources, images="file,template\n/i/spare.qcow2,true\n")
    assert {vm.name for vm in made.cluster.vms} == {"x"}
    assert diffs(made)["spare"] == (30, None)
    (server,) = made.cluster.servers
    assert server.resident == ("base", "spare")
    assert server.disk == 10**8 - 30
    assert "images that no VM uses there take 30 bytes" in assumed(made)


def test_a_base_that_was_asked_for_too_is_no_vm() -> None:
    made = imported(chain(leaf("x"), BASE), chain(BASE))
    assert [vm.name for vm in made.cluster.vms] == ["x"]


def test_images_of_one_name_are_vms_of_different_names() -> None:
    made = imported(
        chain(image("/i/1/disk")),
        chain(image("/i/2/disk"), path="a/2.json"),
        chain(image("/j/own.img"), host="b"),
        chain(image("/j/own.img"), host="c"),
    )
    names = [vm.name for vm in made.cluster.vms]
    assert names == ["/i/1/disk@a", "/i/2/disk@a", "own@b", "own@c"]
    assert "vm 'own@b': called so" in assumed(made)


def test_a_vm_of_two_disks_has_one_chain_with_the_bytes_of_both() -> None:
    sources = [
        chain(leaf("x"), BASE),
        chain(image("/i/y.qcow2", "/i/data.qcow2", 7), image("/i/data.qcow2", actual=5)),
        chain(image("/i/z.qcow2", "/i/data.qcow2", 9), image("/i/data.qcow2", actual=5)),
    ]
    made = imported(*sources, images="file,vm\n/i/x.qcow2,web\n/i/y.qcow2,web\n")
    assert diffs(made) == {
        "base": (50, None),
        "x": (100, "base"),
        "data of web": (5, "x"),
        "y": (7, "data of web"),
        "data": (5, None),
        "z": (9, "data"),
    }
    (web,) = [vm for vm in made.cluster.vms if vm.name == "web"]
    assert (web.diff, web.disk) == ("y", 162)
    assert "vm 'web': it has 2 disks" in assumed(made)


def test_a_vm_on_two_hosts_is_refused() -> None:
    sources = [chain(leaf("x"), BASE), chain(leaf("x"), BASE, host="b")]
    assert "expected each VM on one host" in refused(sources, "file,vm\n/i/x.qcow2,web\n")


def test_the_disk_of_a_vm_can_be_all_that_its_guest_sees() -> None:
    (vm,) = imported(chain(leaf("x"), BASE), disk="virtual").cluster.vms
    assert vm.disk == 1000


def test_a_list_of_outputs_is_read_as_so_many() -> None:
    outputs = [[leaf("x"), BASE], [leaf("y"), BASE]]
    made = imported(text(json.dumps(outputs)))
    assert {vm.name for vm in made.cluster.vms} == {"x", "y"}


def test_single_outputs_make_a_chain_together() -> None:
    made = imported(text(json.dumps(leaf("x")), path="a/x.json"), text(json.dumps(BASE)))
    assert diffs(made) == {"base": (50, None), "x": (100, "base")}


def test_a_relative_backing_file_is_the_next_one_of_the_chain() -> None:
    top = image("/i/x.qcow2", "sub/base.qcow2")
    made = imported(chain(top, image("/i/sub/base.qcow2", actual=50)))
    assert diffs(made) == {"base": (50, None), "x": (100, "base")}


def test_an_absolute_backing_file_is_not_the_next_image_of_its_name() -> None:
    outputs = [[image("/2/x", "/0/x")], [image("/1/x", "/0/x")], [image("/0/x", actual=50)]]
    made = imported(text(json.dumps(outputs)))
    assert {parent for _, parent in diffs(made).values()} == {None, "/0/x@a"}


def test_what_newer_versions_of_qemu_add_is_passed_over() -> None:
    added = {"children": [{"name": "file", "info": {"virtual-size": 1, "actual-size": 2}}]}
    assert diffs(imported(chain(leaf("x") | added, BASE | added)))["x"] == (100, "base")


def test_a_file_that_grew_between_two_commands_has_its_larger_size() -> None:
    grown = image("/i/base.qcow2", actual=51)
    assert diffs(imported(chain(leaf("x"), BASE), chain(leaf("y"), grown)))["base"] == (51, None)


@pytest.mark.parametrize(
    "name", ["with space", "it's", 'a "b"', "line\nbreak", "dér-東京", "$(rm)", "-rf"]
)
def test_a_name_of_any_letters_stays_as_it_is(name: str) -> None:
    (vm,) = imported(chain(image(f"/i/{name}.qcow2"), path="a/x.json")).cluster.vms
    assert (vm.name, vm.diff) == (name, name)


def test_no_file_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = recorded(QEMU)

    def never(*_given: object, **_named: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", never)
    monkeypatch.setattr("os.stat", never)
    imported(*sources, chain(image("/i/x.qcow2", "/etc/passwd"), image("/etc/passwd")))


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([text('[{"filename": "/i/x.qc')], "a/given.json: $: found a syntax error at line 1"),
        ([text('[{"filename": "/i/x.qc')], "the text ends too early: was it cut off?"),
        ([text("")], "nothing: it is empty"),
        ([text("7")], "found 7, expected what qemu-img info --backing-chain"),
        ([text('["x"]')], "$[0]: found 'x', expected what qemu-img"),
        ([text("[" * 50 + "]" * 50)], "expected what qemu-img"),
        ([text("[" * 100_000)], "nested too deeply"),
        ([chain(leaf("x"))], "the backing file '/i/base.qcow2' of '/i/x.qcow2' on host 'a', of"),
        ([chain(leaf("x"))], "run qemu-img info with --backing-chain"),
        (
            [chain(leaf("x"), image("/i/base.qcow2", "/i/x.qcow2")), chain(leaf("y"))],
            "a chain that comes back to",
        ),
        (
            [chain(leaf("y"), image("/i/base.qcow2", "/i/base.qcow2"))],
            "a chain that comes back to '/i/base.qcow2'",
        ),
        (
            [chain(leaf("x"), BASE), chain(leaf("y"), image("/i/base.qcow2", virtual=7))],
            "the virtual size 7 of '/i/base.qcow2' on host 'a', expected 1000, as a/x.qcow2.json",
        ),
        (
            [chain(image("x.qcow2"), path="a/1.json"), chain(image("x.qcow2"), path="a/2.json")],
            "run qemu-img info with absolute paths",
        ),
        (
            [chain(BASE | {"actual-size": -1})],
            "$[0]['actual-size']: found -1, expected whole bytes",
        ),
        ([chain(BASE | {"actual-size": True})], "$[0]['actual-size']: found true"),
        ([chain(BASE | {"virtual-size": 2**60})], "from 0 to 2^53"),
        (
            [chain(BASE | {"format-specific": {"type": "qcow2", "data": {"data-file": "/i/d"}}})],
            "found an external data file '/i/d', expected an image that is one file",
        ),
        ([text('[{"filename": "/i/x"}]')], "$[0]['virtual-size']: found no such key"),
        ([chain(image("/i/\ud800"), path="a/x.json")], "a path of valid Unicode text"),
        ([chain(BASE), text("x  y", "a/sha256sums")], "a/sha256sums: line 1: found 'x  y'"),
        (
            [sums("a", base="1"), text("2" * 64 + "  /i/base.qcow2", "a/more.sha256")],
            "another checksum, expected one for each file of a host",
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_told_with_its_place(
    sources: list[Source], message: str
) -> None:
    assert message in refused(sources)


def test_a_chain_of_thousands_is_refused() -> None:
    files = [image(f"/i/{it}", f"/i/{it + 1}") for it in range(3000)]
    assert "a chain of more than 1,000 files" in refused([chain(*files, image("/i/3000"))])


def test_a_disk_that_nobody_told_is_refused() -> None:
    with pytest.raises(InvalidInput, match="host 'a': found nothing that tells how large"):
        import_qemu([chain(BASE)])


def test_hosts_without_images_are_servers_too() -> None:
    made = import_qemu([chain(BASE)], hosts=[Host(name="z", disk=5)], every_host=ROOM)
    assert [server.name for server in made.cluster.servers] == ["a", "z"]


def test_what_the_images_file_says_of_no_file_is_noted() -> None:
    made = imported(chain(BASE), images="host,file,diff\na,/i/bse.qcow2,x\n")
    assert "image '/i/bse.qcow2' on host 'a': the images file names it" in assumed(made)


def test_a_checksum_of_a_file_that_nobody_told_of_is_noted() -> None:
    made = import_qemu([chain(image("/i/x.qcow2")), sums("a", x="1", base="2")], every_host=ROOM)
    (note,) = [note for note in made.notes if "sha256sum" in note.assumed]
    assert note.about == "file '/i/base.qcow2' on host 'a'"


def test_sources_without_an_image_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"a/sha256sums: .*found no image here or in another"):
        import_qemu([sums("a", x="1")], every_host=ROOM)


def test_checksums_of_escaped_names_are_found() -> None:
    name = "/i/a\\\\b\\nc"  # as sha256sum writes a backslash and a line break
    digests = text(f"\\{'1' * 64}  {name}\n", "a/sha256sums")
    other = text(f"{'1' * 64}  /i/base.qcow2\n", "b/sha256sums", host="b")
    made = imported(
        chain(image("/i/x", "/i/a\\b\nc"), image("/i/a\\b\nc", actual=50), path="a/x.json"),
        chain(leaf("y"), BASE, host="b"),
        digests,
        other,
    )
    assert len(diffs(made)) == 3
