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


@settings(max_examples=25)
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
