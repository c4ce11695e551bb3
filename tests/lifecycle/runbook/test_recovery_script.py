from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace import VM, Cluster, Diff, Extent, Placement, Server, recover
from spareplace.filenames import file_name
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.runbook import runbook_script
from tests.lifecycle.runbook.running import Files, files_of, worlds

PAIR = Cluster(
    servers=tuple(Server(name=name, disk=10**6) for name in ("a", "b 1", "c")),
    diffs=(Diff(name="base", size=200), Diff(name="we b", size=90, parent="base")),
    vms=(VM(name="shop", server="a", diff="we b", disk=300),
         VM(name="wiki", server="a", diff="base", disk=200)),
)  # fmt: skip
STORED = Placement(
    stored=(
        Extent(diff="base", server="b 1", start=0, stop=120),
        Extent(diff="base", server="c", start=100, stop=200),
        Extent(diff="we b", server="c", start=0, stop=90),
    )
)


@pytest.fixture
def lost(tmp_path: Path) -> tuple[Files, str, RecoverySchedule]:
    """Server a is lost; half of base has to be sent."""
    files = files_of(tmp_path, PAIR, STORED)
    schedule = recover(PAIR, STORED, ["a"])
    files.lose(["a"])
    return files, runbook_script(PAIR, schedule), schedule


def all_rebuilt(files: Files, schedule: RecoverySchedule) -> bool:
    return all(files.is_rebuilt(it.vm, it.server) for it in schedule.rebuilds)


@settings(max_examples=14)
@given(world=worlds(), data=st.data())
def test_what_a_script_rebuilds_is_what_was_saved_and_what_it_sends_is_planned(
    world: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, placement = world
    homes = sorted({vm.server for vm in cluster.vms})
    failed = data.draw(st.lists(st.sampled_from(homes), min_size=1, max_size=2, unique=True))
    schedule = recover(cluster, placement, failed)
    with TemporaryDirectory() as folder:
        files = files_of(Path(folder), cluster, placement)
        files.lose(failed)
        code, told = files.run(runbook_script(cluster, schedule))
        assert code == 0, told
        assert all_rebuilt(files, schedule)
        assert files.passed == schedule.transfer_bytes
        assert sorted(files.started) == sorted(file_name(it.vm) for it in schedule.rebuilds)


@settings(max_examples=12)
@given(
    world=worlds(),
    data=st.data(),
    seconds=st.lists(st.floats(0.01, 0.25), min_size=1, max_size=4),
)
def test_a_script_that_is_killed_anywhere_goes_on_when_it_is_run_again(
    world: tuple[Cluster, Placement], data: st.DataObject, seconds: list[float]
) -> None:
    cluster, placement = world
    failed = data.draw(st.sampled_from([vm.server for vm in cluster.vms]))
    schedule = recover(cluster, placement, [failed])
    script = runbook_script(cluster, schedule)
    with TemporaryDirectory() as folder:
        files = files_of(Path(folder), cluster, placement)
        files.lose([failed])
        files.cut_off(script, seconds)
        code, told = files.run(script)
        assert code == 0, told
        assert all_rebuilt(files, schedule)
        assert files.passed >= schedule.transfer_bytes
        assert f"sent {schedule.transfer_bytes} bytes" in told
        assert {*files.started} == {file_name(it.vm) for it in schedule.rebuilds}


def test_run_again_it_sends_nothing_and_starts_nothing(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    assert files.run(script)[0] == 0
    sent, started = files.passed, files.started
    assert sent == schedule.transfer_bytes == 100
    code, told = files.run(script)
    assert (code, files.passed, files.started) == (0, sent, started)
    assert "sent 100 bytes; the plan says 100" in told


def test_nothing_is_overwritten(lost: tuple[Files, str, RecoverySchedule]) -> None:
    files, script, schedule = lost
    image = files.of(schedule.rebuilds[0].server) / "images" / "shop.qcow2"
    image.parent.mkdir()
    image.write_text("precious")
    code, told = files.run(script)
    assert code == 1
    assert "exists: nothing is overwritten" in told
    assert image.read_text() == "precious"
    assert files.passed == 0


def test_a_link_in_the_place_of_an_image_is_not_written_through(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    image = files.of(schedule.rebuilds[0].server) / "images" / "shop.qcow2"
    image.parent.mkdir()
    image.symlink_to(files.folder / "elsewhere")
    assert files.run(script)[0] == 1
    assert not (files.folder / "elsewhere").exists()


def damage(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[7] ^= 1
    path.write_bytes(held)


def test_bytes_that_rotted_start_no_vm_and_are_found(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, _ = lost
    stored = files.of("b 1") / "store" / "base" / "0-120"
    right = stored.read_bytes()
    damage(stored)
    code, told = files.run(script)
    assert (code, files.started) == (1, [])
    assert "base is not as it was saved" in told
    assert "NOT REBUILT" in told
    code, told = files.run(script, "scrub")
    assert code == 1
    assert "b%201/store/base/0-120" in told
    stored.write_bytes(right)
    assert files.run(script)[0] == 0
    assert files.started


def test_an_image_of_another_content_under_the_same_name_is_refused(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, _ = lost
    record = files.of("b 1") / "records" / "base.record"
    record.write_text(f"200 {'0' * 64} qcow2\n")
    code, told = files.run(script)
    assert code == 1
    assert "another image of the name base" in told
    assert not files.started


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (f"201 {'0' * 64} qcow2", "has 201 bytes, the plan says 200"),
        (f"200 {'0' * 64} qcow2; rm", "makes no sense"),
        ("200 $(reboot) qcow2", "makes no sense"),
        (f"200 {'0' * 64} vmdk", "makes no sense"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(
    lost: tuple[Files, str, RecoverySchedule], record: str, said: str
) -> None:
    files, script, _ = lost
    for server in ("b 1", "c"):
        (files.of(server) / "records" / "base.record").write_text(record + "\n")
    code, told = files.run(script)
    assert code == 1
    assert said in told


def test_what_fails_for_one_vm_stops_no_other(tmp_path: Path) -> None:
    files = files_of(tmp_path, PAIR, STORED)
    schedule = recover(PAIR, STORED, ["a"])
    files.lose(["a"])
    damage(files.of("c") / "store" / "we%20b" / "0-90")
    code, told = files.run(runbook_script(PAIR, schedule))
    assert code == 1
    assert "shop: NOT REBUILT" in told
    assert files.started == ["wiki"]


def test_two_runs_at_once_are_refused(lost: tuple[Files, str, RecoverySchedule]) -> None:
    files, script, _ = lost
    (files.folder / "script.sh").write_text(script)
    with open(files.folder / "script.sh", "rb") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        process = subprocess.run(
            ["sh", "script.sh"], cwd=files.folder, env=files.environment(), capture_output=True
        )
    assert process.returncode == 1
    assert b"still going on" in process.stderr
    assert not files.started


def test_what_a_started_vm_leaves_running_does_not_hold_the_script(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, _ = lost
    left = script.replace("${START_VM:-echo start}", "sleep 3 >/dev/null 2>&1 & ${START_VM}")
    assert files.run(left)[0] == 0
    assert files.run(left)[0] == 0


def test_a_server_that_is_not_to_be_reached_ends_it_before_anything_is_written(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    files.lose({it.server for it in schedule.rebuilds})
    code, told = files.run(script)
    assert code
    assert "is not to be reached" in told
    assert files.passed == 0


@pytest.mark.parametrize(
    "folder", ["it's $(here)", "-o", "a\nb", 'q"uote', "two  spaces", "bäck\\slash", "nbd:x"]
)
def test_the_folder_of_the_servers_may_have_any_name(
    lost: tuple[Files, str, RecoverySchedule], folder: str
) -> None:
    files, script, schedule = lost
    (files.folder / folder).mkdir()
    (files.folder / "servers").rename(files.folder / folder / "servers")
    (files.folder / "script.sh").write_text(script)
    done = subprocess.run(
        ["sh", "script.sh"],
        cwd=files.folder,
        env={**files.environment(), "ROOT": f"{folder}/servers"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (files.folder / folder / "servers").rename(files.folder / "servers")
    assert all_rebuilt(files, schedule)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_it_runs_in_several_shells(
    lost: tuple[Files, str, RecoverySchedule], shell: str, available: Callable[[str], bool]
) -> None:
    if not available(shell):
        pytest.skip(f"{shell} is not here")
    files, script, schedule = lost
    words = [shell, "sh"] if shell == "busybox" else [shell]
    (files.folder / "script.sh").write_text(script.replace('sh -- "$script"', f"{shell} sh"
        ' "$script"' if shell == "busybox" else f'{shell} -- "$script"'))  # fmt: skip
    done = subprocess.run(
        [*words, "script.sh"], cwd=files.folder, env=files.environment(), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert all_rebuilt(files, schedule)


@pytest.fixture
def available() -> Callable[[str], bool]:
    def found(name: str) -> bool:
        return any((Path(folder) / name).exists() for folder in ("/bin", "/usr/bin"))

    return found


def test_with_other_parts_after_a_cut_each_byte_is_counted_once(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    assert files.run(script.replace("finish c base -", "die"))[0] == 1
    (files.folder / "script.sh").write_text(script)
    done = subprocess.run(
        ["sh", "script.sh"], cwd=files.folder, env=files.environment(chunk=77), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert b"sent 100 bytes; the plan says 100" in done.stdout
    assert all_rebuilt(files, schedule)


@pytest.mark.parametrize("chunk", ["0", "-5", "many", "010", ""])
def test_parts_of_no_size_are_refused(
    lost: tuple[Files, str, RecoverySchedule], chunk: str
) -> None:
    files, script, _ = lost
    given = script.replace("CHUNK=${CHUNK:-1073741824}", f"CHUNK={chunk}")
    code, told = files.run(given)
    assert code == 1
    assert "CHUNK is a number of bytes" in told


def test_what_was_cut_off_before_it_was_linked_to_saved_is_linked_then(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    assert files.run(script)[0] == 0
    server = files.of(schedule.rebuilds[0].server)
    for path in (server / "saved").iterdir():
        path.unlink()
    assert files.run(script)[0] == 0
    assert {path.name for path in (server / "saved").iterdir()} == {"base.qcow2", "we%20b.qcow2"}


def test_what_another_run_began_is_not_taken_for_an_image_of_this_one(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    images = files.of(schedule.rebuilds[0].server) / "images"
    images.mkdir()
    (images / "shop.qcow2").write_text("precious")
    (images / "shop.part").hardlink_to(images / "shop.qcow2")
    (images / "shop.recovery-0123456789abcdef.part").hardlink_to(images / "shop.qcow2")
    code, told = files.run(script)
    assert code == 1
    assert "exists: nothing is overwritten" in told


def test_names_that_look_like_endings_do_not_meet(tmp_path: Path) -> None:
    # What is noted of one diff had the name of the half-done image of the other.
    diffs = [Diff(name=name, size=90) for name in ("a.record", "a", "a.draft", "a.ranges", "a.vm")]
    cluster = Cluster(
        servers=(Server(name="x", disk=10**6), Server(name="y", disk=10**6)),
        diffs=tuple(diffs),
        vms=tuple(VM(name=it.name, server="x", diff=it.name, disk=90) for it in diffs),
    )
    stored = Placement(
        stored=tuple(Extent(diff=it.name, server="y", start=0, stop=90) for it in diffs)
    )
    files = files_of(tmp_path, cluster, stored)
    schedule = recover(cluster, stored, ["x"])
    files.lose(["x"])
    script = runbook_script(cluster, schedule)
    # All are put together before any of them is finished, as when one fails after the other.
    assert files.run(script.replace("    finish ", "    false "))[0] == 1
    code, told = files.run(script)
    assert code == 0, told
    chain = next(files.of("y").glob("chains/*"))
    for it in diffs:
        assert (chain / f"{it.name}.qcow2").read_bytes() == files.contents[it.name]


def test_what_another_run_still_writes_on_a_server_is_waited_for(
    lost: tuple[Files, str, RecoverySchedule],
) -> None:
    files, script, schedule = lost
    server = files.of(schedule.rebuilds[0].server)
    with open(server / ".lock", "ab") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        process = files.begin(script)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=0.5)
        assert not files.started
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"waiting in" in err
    assert b"sent 100 bytes" in out
