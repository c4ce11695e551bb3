"""Saved images that name what they build on in other ways than a runbook lays them out."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from spareplace import VM, Cluster, Diff, Extent, Placement, Server, recover
from spareplace.lifecycle.runbook import runbook_script
from tests.qcow2.needs import needs_qemu_img
from tests.saving.strategies import write_raw

pytestmark = needs_qemu_img


def qemu_img(folder: Path, *words: str) -> None:
    subprocess.run(["qemu-img", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A master and a difference on it, made where their guest ran."""
    folder = tmp_path / "made here"
    folder.mkdir()
    write_raw(folder / "base.raw", "aaaa")
    write_raw(folder / "web.raw", "aaab")
    qemu_img(folder, "convert", "-O", "qcow2", "base.raw", "base.qcow2")
    qemu_img(folder, "create", "-f", "qcow2", "-F", "raw", "-b", "web.raw", "web.qcow2")
    rebase(folder, "base.qcow2", safe=True)
    return folder


def rebase(folder: Path, onto: str, safe: bool = False, kind: str = "qcow2") -> None:
    unsafe = [] if safe else ["-u"]
    qemu_img(folder, "rebase", *unsafe, "-f", "qcow2", "-F", kind, "-b", onto, "web.qcow2")


def rebuilt(folder: Path, saved: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Store both images on b, lose a, and run the script."""
    files = {name: (saved / f"{name}.qcow2").read_bytes() for name in ("base", "web")}
    cluster = Cluster(
        servers=(Server(name="a", disk=10**9), Server(name="b", disk=10**9)),
        diffs=(
            Diff(name="base", size=len(files["base"])),
            Diff(name="web", size=len(files["web"]), parent="base"),
        ),
        vms=(VM(name="shop", server="a", diff="web", disk=10**7),),
    )
    server = folder / "servers" / "b"
    (server / "records").mkdir(parents=True)
    for name, held in files.items():
        (server / "store" / name).mkdir(parents=True)
        (server / "store" / name / f"0-{len(held)}").write_bytes(held)
        record = f"{len(held)} {sha256(held).hexdigest()} qcow2\n"
        (server / "records" / f"{name}.record").write_text(record)
    stored = Placement(
        stored=tuple(
            Extent(diff=name, server="b", start=0, stop=len(held)) for name, held in files.items()
        )
    )
    script = folder / "script.sh"
    script.write_text(runbook_script(cluster, recover(cluster, stored, ["a"])))
    return subprocess.run(
        ["sh", str(script)],
        cwd=folder,
        env={**os.environ, "ROOT": str(folder / "servers"), **environment},
        capture_output=True,
        check=False,
    )


def is_web(folder: Path) -> bool:
    image = folder / "servers" / "b" / "images" / "shop.qcow2"
    full = folder / "made here" / "web.raw"
    command = ["qemu-img", "compare", "-q", "-f", "qcow2", "-F", "raw", str(image), str(full)]
    return subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize("onto", ["base.qcow2", "{}/base.qcow2", "base.img", "/gone/base"])
def test_a_path_from_elsewhere_is_replaced(tmp_path: Path, images: Path, onto: str) -> None:
    rebase(images, onto.format(images))
    done = rebuilt(tmp_path, images)
    assert done.returncode == 0, done.stderr
    (images / "base.qcow2").unlink()  # what it builds on is the file beside it
    assert is_web(tmp_path)


def test_another_name_is_refused_unless_the_user_says_that_it_is_the_same(
    tmp_path: Path, images: Path
) -> None:
    rebase(images, "/var/lib/debian-12.qcow2")
    done = rebuilt(tmp_path, images)
    assert done.returncode == 1
    assert b"REBASE=any takes it as that" in done.stderr
    again = rebuild_again(tmp_path, REBASE="any")
    assert again.returncode == 0, again.stderr
    assert is_web(tmp_path)


def test_a_wrong_format_of_what_it_builds_on_is_put_right(tmp_path: Path, images: Path) -> None:
    rebase(images, "base.qcow2", kind="raw")
    assert rebuilt(tmp_path, images).returncode == 0
    assert is_web(tmp_path)


def test_an_image_of_version_2_has_no_features_to_be_refused(tmp_path: Path, images: Path) -> None:
    for name in ("base", "web"):
        qemu_img(images, "amend", "-f", "qcow2", "-o", "compat=0.10", f"{name}.qcow2")
    done = rebuilt(tmp_path, images)
    assert done.returncode == 0, done.stderr
    assert is_web(tmp_path)


def test_an_image_whose_path_was_being_replaced_when_that_was_cut_off_is_fetched_again(
    tmp_path: Path, images: Path
) -> None:
    rebase(images, f"{images}/base.qcow2")
    tool = tmp_path / "torn"
    tool.write_text(
        '#!/bin/sh\n[ "$1" = rebase ] || exec qemu-img "$@"\n'
        'for file; do :; done\ndd if=/dev/zero of="$file" bs=8 count=1 conv=notrunc; exit 1\n'
    )
    tool.chmod(0o755)
    assert rebuilt(tmp_path, images, QEMU_IMG=str(tool)).returncode == 1
    again = [rebuild_again(tmp_path) for _ in range(2)]
    assert [it.returncode for it in again] == [1, 0], again
    assert is_web(tmp_path)


def rebuild_again(folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "script.sh"],
        cwd=folder,
        env={**os.environ, "ROOT": str(folder / "servers"), **environment},
        capture_output=True,
        check=False,
    )


def test_an_image_that_was_given_another_path_is_not_passed_off_as_the_saved_one(
    tmp_path: Path, images: Path
) -> None:
    rebase(images, f"{images}/base.qcow2")
    assert rebuilt(tmp_path, images).returncode == 0
    saved = tmp_path / "servers" / "b" / "saved"
    assert [path.name for path in saved.iterdir()] == ["base.qcow2"]


def _full(folder: Path) -> None:
    qemu_img(folder, "convert", "-O", "qcow2", "web.raw", "web.qcow2")


def _backed_master(folder: Path) -> None:
    qemu_img(folder, "create", "-f", "qcow2", "-F", "raw", "-b", "/etc/passwd", "base.qcow2")


def _data_elsewhere(folder: Path) -> None:
    (folder / "web.qcow2").unlink()
    options = f"data_file={folder}/data.raw,data_file_raw=on"
    qemu_img(folder, "create", "-f", "qcow2", "-o", options, "web.qcow2", "1M")


def _no_image(folder: Path) -> None:
    (folder / "base.qcow2").write_bytes(b"nothing of the kind" * 10)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_full, b"web builds on nothing, and should on base"),
        (_backed_master, b"base builds on a file, and should on nothing"),
        (_data_elsewhere, b"web keeps its data in another file"),
        (_no_image, b"base is no qcow2 image"),
    ],
)
def test_an_image_that_is_not_what_the_cluster_says_starts_no_vm(
    tmp_path: Path, images: Path, change: object, said: bytes
) -> None:
    assert callable(change)
    change(images)
    done = rebuilt(tmp_path, images)
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "servers" / "b" / "images" / "shop.qcow2").exists()


def test_a_raw_master_is_taken_as_raw_whatever_its_guest_wrote(
    tmp_path: Path, images: Path
) -> None:
    # The guest of the master wrote the first bytes of a qcow2 file, with a file to build on.
    trap = images / "trap.qcow2"
    qemu_img(images, "create", "-f", "qcow2", "-F", "raw", "-b", "/etc/passwd", trap.name, "1M")
    held = trap.read_bytes().ljust(2**20, b"\0")
    cluster = Cluster(
        servers=(Server(name="a", disk=10**9), Server(name="b", disk=10**9, resident=("base",))),
        diffs=(Diff(name="base", size=len(held)),),
        vms=(VM(name="shop", server="a", diff="base", disk=10**7),),
    )
    saved = tmp_path / "servers" / "b" / "saved"
    saved.mkdir(parents=True)
    (saved / "base.raw").write_bytes(held)
    script = tmp_path / "script.sh"
    script.write_text(runbook_script(cluster, recover(cluster, Placement(), ["a"])))
    subprocess.run(["sh", str(script)], cwd=tmp_path, check=True, capture_output=True)
    image = tmp_path / "servers" / "b" / "images" / "shop.qcow2"
    command = ["qemu-img", "compare", "-q", "-f", "qcow2", "-F", "raw", str(image),
               str(saved / "base.raw")]  # fmt: skip
    assert subprocess.run(command, check=False).returncode == 0
