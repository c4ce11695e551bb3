from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from spareplace.disks import read_disks
from spareplace.files import load_cluster
from tests.cli.commands import ROOT, run

QEMU = str(ROOT / "examples" / "three_hosts")
FIXTURES = ROOT / "tests" / "importers" / "fixtures"
LIBVIRT = str(FIXTURES / "libvirt")
PROXMOX = str(FIXTURES / "proxmox" / "three_nodes")
GANETI = str(FIXTURES / "ganeti" / "mixed.data")


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    """A cluster file of the three recorded hosts."""
    path = tmp_path / "cluster.json"
    given = run("import", "qemu", QEMU, "--hosts", f"{QEMU}/hosts.csv", "-o", str(path))
    assert given.exit_code == 0
    return path


@pytest.mark.parametrize("name", ["qemu", "libvirt", "proxmox", "ganeti", "usage"])
def test_every_importer_has_a_help_and_fits_a_narrow_terminal(name: str) -> None:
    result = run("import", name, "-h")
    assert result.exit_code == 0
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert f"  {name} " in run("import", "-h").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("qemu", QEMU, "--hosts", f"{QEMU}/hosts.csv"),
        ("libvirt", LIBVIRT, "--hosts", f"{QEMU}/hosts.csv"),
        ("proxmox", PROXMOX),
        ("ganeti", GANETI, "--zone-kind", "rack"),
        ("ganeti", GANETI, "--mirrors", "planned", "--stopped", "run"),
        ("usage", "CLUSTER", f"{QEMU}/usage.csv"),
    ],
    ids=["qemu", "libvirt", "proxmox", "ganeti", "ganeti without mirrors", "usage"],
)
def test_two_commands_lead_from_what_tools_say_to_a_plan_that_keeps_every_rule(
    arguments: tuple[str, ...], cluster: Path, tmp_path: Path
) -> None:
    made, plan = str(tmp_path / "made.json"), str(tmp_path / "plan.json")
    words = [word.replace("CLUSTER", str(cluster)) for word in arguments]
    assert run("import", *words, "-o", made).exit_code == 0
    planned = run("plan", made, "--method", "greedy", "--allow-unprotected", "-o", plan)
    assert planned.exit_code == 0
    assert run("check", made, plan).exit_code == 0


def test_a_summary_goes_to_standard_output_and_notes_to_standard_error(tmp_path: Path) -> None:
    path = str(tmp_path / "c.json")
    result = run("import", "qemu", QEMU, "--disk", "100MB", "-o", path)
    assert result.stdout == "3 servers, 6 VMs, 8 diffs of 21.8 MB, 4 of them resident somewhere\n"
    assert result.stderr.startswith("note: all 6 VMs: qemu-img knows no cpu")
    assert all(line.startswith("note: ") for line in result.stderr.splitlines())


def test_json_is_the_cluster_and_nothing_else(cluster: Path) -> None:
    result = run("import", "qemu", QEMU, "--hosts", f"{QEMU}/hosts.csv", "--json")
    assert result.stdout == cluster.read_text()


def test_libvirt_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    assert run("import", "libvirt", LIBVIRT, "-o", str(path)).exit_code == 0
    assert {vm.name for vm in load_cluster(path).vms} == {"web1", "web2", "db1", "mail"}


def test_usage_is_put_over_a_cluster_in_place(cluster: Path) -> None:
    usage = f"{QEMU}/usage.csv"
    result = run("import", "usage", str(cluster), usage, "--percentile", "50", "-o", str(cluster))
    assert result.exit_code == 0
    demands = {vm.name: vm.demand for vm in load_cluster(cluster).vms}
    assert demands["db1"] == {"cpu": 3}
    assert "vm 'mail'" in result.stderr


def test_options_say_what_hosts_have() -> None:
    made = run(
        "import", "qemu", "--host", f"x 1={QEMU}/gamma", "--disk", "1GB",
        "--capacity", "cpu=1.5", "--capacity", "memory=2GiB", "--json",
    )  # fmt: skip
    (server,) = json.loads(made.stdout)["servers"]
    assert server["name"] == "x 1"
    assert server["capacity"] == {"cpu": 1.5, "memory": 2**31}


def test_a_hosts_file_names_the_sources_of_its_hosts(tmp_path: Path) -> None:
    (tmp_path / "g").mkdir()
    content = Path(QEMU, "gamma", "mail.qcow2.json").read_text()
    (tmp_path / "g" / "mail.json").write_text(content)
    host = {"name": "far", "disk": "1GB", "sources": ["g/mail.json"]}
    (tmp_path / "hosts.json").write_text(
        json.dumps({"format": "spareplace/hosts/1", "hosts": [host]})
    )
    made = run("import", "qemu", "--hosts", str(tmp_path / "hosts.json"), "--json")
    assert [server["name"] for server in json.loads(made.stdout)["servers"]] == ["far"]


def test_an_images_file_names_vms(tmp_path: Path) -> None:
    (tmp_path / "images.csv").write_text("file,vm\n/var/lib/libvirt/images/own.img,mail\n")
    made = run(
        "import", "qemu", QEMU, "--disk", "1GB", "--images", str(tmp_path / "images.csv"), "--json"
    )
    assert "own" not in {vm["name"] for vm in json.loads(made.stdout)["vms"]}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["qemu", QEMU, "--disk", "1GB"], 2, "give -o CLUSTER or --json"),
        (["qemu", "--disk", "1GB", "--json"], 2, "name a file or a folder to read"),
        (["qemu", QEMU, "--disk", "1GB", "-o", "-"], 2, "for standard output, use --json"),
        (["qemu", QEMU, "--host", "x", "--json"], 2, "found 'x', expected NAME=PATH"),
        (["qemu", QEMU, "--capacity", "cpu=x", "--json"], 2, "found 'x', expected a number"),
        (["qemu", QEMU, "--capacity", "cpu", "--json"], 2, "found 'cpu', expected NAME=VALUE"),
        (["qemu", "--host", f"a={QEMU}", "--host", f"b={QEMU}"], 2, "each path of one host"),
        (["libvirt", LIBVIRT, "--stopped", "x", "--json"], 2, "'x' is not one of 'protect', 'run'"),
        (["usage", "-", "-", "--json"], 2, "only one of CLUSTER and USAGE"),
        (["qemu", QEMU, "--json"], 3, "host 'alpha': found nothing that tells how large its disk"),
        (["qemu", f"{QEMU}/delta", "--json"], 3, "no such file or directory"),
        (["libvirt", QEMU, "--json"], 3, "found no domain here"),
        (["usage", "c.json", "u.csv", "--percentile", "0", "--json"], 2, "above 0 and at most 100"),
        (["usage", "c.json", "u.csv", "--json"], 3, "c.json: $: found no such file"),
        (["qmu"], 2, "No such command"),
    ],
    ids=lambda value: str(value)[-20:],
)
def test_what_is_wrong_is_told(arguments: list[str], code: int, message: str) -> None:
    result = run("import", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.split())


def test_names_from_outside_do_not_act_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    entry = {"filename": "/i/\x1b[2J\n.qcow2", "virtual-size": 1, "actual-size": 1}
    (tmp_path / "a" / "x.json").write_text(json.dumps([entry]))
    (tmp_path / "a" / "y.json").write_text(json.dumps([entry | {"filename": "/j/\x1b[2J\n.qcow2"}]))
    result = run("import", "qemu", str(tmp_path / "a"), "--disk", "1GB", "--json")
    assert result.exit_code == 0
    assert "\x1b" not in result.stderr
    assert "\\x1b[2J\\n" in result.stderr


def test_nothing_that_is_read_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    content = Path(QEMU, "gamma", "mail.qcow2.json").read_text()
    hosts, images, told = (tmp_path / name for name in ("hosts.csv", "images.csv", "a/x.json"))
    hosts.write_text("name,disk\na,1GB\n")
    images.write_text("file,vm\n/var/lib/libvirt/images/mail.qcow2,mail\n")
    told.write_text(content)
    options = ("--hosts", str(hosts), "--images", str(images))
    for path in (hosts, images, told):
        before = path.read_bytes()
        result = run("import", "qemu", str(tmp_path), *options, "-o", str(path))
        assert (result.exit_code, path.read_bytes()) == (2, before)
        assert "it is what is read" in " ".join(result.stderr.split())


def test_what_a_tool_prints_may_come_from_standard_input(cluster: Path) -> None:
    state = run("import", "ganeti", "-", "--json", given=Path(GANETI).read_bytes())
    assert state.stdout == run("import", "ganeti", GANETI, "--json").stdout
    samples = Path(QEMU, "usage.csv")
    piped = run("import", "usage", str(cluster), "-", "--json", given=samples.read_bytes())
    assert piped.stdout == run("import", "usage", str(cluster), str(samples), "--json").stdout


def test_guests_that_do_not_run_are_planned_for_as_the_user_says() -> None:
    made = run("import", "proxmox", PROXMOX, "--stopped", "run", "--json")
    assert {vm["name"]: vm for vm in json.loads(made.stdout)["vms"]}["old"]["demand"]["cpu"] == 2


def two_disks(tmp_path: Path, *words: str) -> Result:
    images = tmp_path / "images.csv"
    images.write_text(
        "file,vm\n/var/lib/libvirt/images/mail.qcow2,mail\n/var/lib/libvirt/images/own.img,mail\n"
    )
    return run("import", "qemu", QEMU, "--disk", "1GB", "--images", str(images), *words)


def test_the_disks_of_vms_with_several_go_to_a_file_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "disks.json"
    result = two_disks(tmp_path, "--json", "--disks-output", str(path))
    assert result.exit_code == 0
    assert result.stdout == two_disks(tmp_path, "--json").stdout
    (vm,) = read_disks(path.read_text())
    assert [disk.chain for disk in vm.disks] == [("debian-12", "mail"), ("own",)]
    assert "--disks-output" not in result.stderr


def test_without_that_file_a_note_names_the_vms(tmp_path: Path) -> None:
    told = " ".join(two_disks(tmp_path, "--json").stderr.split())
    assert "note: vm 'mail': which diffs make up which of its disks is not written; give" in told


def test_where_each_vm_has_one_disk_the_file_lists_none(tmp_path: Path) -> None:
    path = tmp_path / "disks.json"
    result = run("import", "proxmox", PROXMOX, "--json", "--disks-output", str(path))
    assert result.exit_code == 0
    assert read_disks(path.read_text()) == ()
    assert "which of its disks" not in run("import", "proxmox", PROXMOX, "--json").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--json", "--disks-output", "-"), "--disks-output: they need a file"),
        (("-o", "FOLDER/d", "--disks-output", "FOLDER/../f/d"), "name the same file"),
        (("--json", "--disks-output", "FOLDER/no/d"), "--disks-output: cannot write"),
        (("--json", "--disks-output", "FOLDER/images.csv"), "it is what is read"),
        (("--json", "--disks-output", f"{QEMU}/gamma/mail.qcow2.json"), "it is what is read"),
    ],
)
def test_a_file_of_disks_that_cannot_be_is_refused(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    result = two_disks(folder, *(word.replace("FOLDER", str(folder), 1) for word in words))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert not (folder / "d").exists()
