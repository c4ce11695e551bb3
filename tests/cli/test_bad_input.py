"""Whatever is wrong with an input: exit code 3, a message that says where, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from spareplace.cli import sources
from tests.cli.commands import PAPER, ROOT, TINY, process, run
from tests.files.bad_input import BAD_CLUSTERS, BAD_PLANS, GOOD_CLUSTER, GOOD_PLAN, Bad


def _is_clean(code: int, stdout: str, stderr: str) -> None:
    assert (code, stdout) == (3, "")
    assert stderr.count("\n") <= 101
    assert "Traceback" not in stderr


@pytest.mark.parametrize("bad", BAD_CLUSTERS, ids=str)
def test_every_kind_of_bad_cluster_is_refused_with_its_path(bad: Bad) -> None:
    result = run("plan", "-", given=bad.put_into(GOOD_CLUSTER))
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert f"standard input: {bad.path}" in result.stderr


@pytest.mark.parametrize("bad", BAD_PLANS, ids=str)
def test_every_kind_of_bad_plan_is_refused_with_its_path(bad: Bad) -> None:
    result = run("check", PAPER, "-", given=bad.put_into(GOOD_PLAN))
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert f"standard input: {bad.path}" in result.stderr


def test_several_problems_are_all_listed() -> None:
    given = GOOD_CLUSTER
    for bad in BAD_CLUSTERS[:5]:
        given = bad.put_into(given)
    result = run("plan", "-", given=given)
    assert result.exit_code == 3
    for bad in BAD_CLUSTERS[:5]:
        assert bad.path in result.stderr


@pytest.mark.parametrize(
    "given",
    [b"", b" \n", b"{", TINY.encode()[:100], b"\xff\xfe", b"[" * 10**6, b"null", b"\x00" * 1000],
    ids=["nothing", "blanks", "cut", "cut later", "no UTF-8", "a bomb", "null", "zeros"],
)
def test_what_is_no_json_object_is_refused(given: bytes) -> None:
    result = run("plan", "-", given=given)
    _is_clean(result.exit_code, result.stdout, result.stderr)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")
    for arguments in (["plan", missing], ["check", missing, "-"], ["check", PAPER, missing]):
        result = run(*arguments, given=TINY)
        _is_clean(result.exit_code, result.stdout, result.stderr)
        assert f"{missing}: $: found no such file or directory" in result.stderr


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    result = run("plan", str(tmp_path))
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert "is a directory" in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is permitted to root")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cluster.json"
    path.write_text(TINY)
    path.chmod(0)
    result = run("plan", str(path))
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert "permission denied" in result.stderr


def test_whether_a_file_can_be_read_is_seen_by_reading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one that cannot is invalid input, whoever runs this."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert run("plan", PAPER, "--method", "level").exit_code == 0


def test_a_name_that_is_no_text_is_told_in_letters(tmp_path: Path) -> None:
    result = run("plan", f"{tmp_path}/\udcff\x1b[2J.json")
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert "\\udcff\\x1b[2J.json" in result.stderr


def test_a_pipe_to_which_nobody_writes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "WRITER_SECONDS", 0.2)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    result = run("plan", str(path))
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert "a pipe to which nobody writes" in result.stderr


@pytest.mark.parametrize(("content", "code"), [(TINY, 0), ("nonsense", 3), ("", 3)])
def test_a_pipe_is_read_once_somebody_writes(tmp_path: Path, content: str, code: int) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_text(content))
    writer.start()
    result = run("plan", str(path), "--method", "level")
    writer.join()
    assert result.exit_code == code


def test_a_device_without_end_is_read_in_part() -> None:
    result = run("plan", "/dev/zero")
    _is_clean(result.exit_code, result.stdout, result.stderr)
    assert "found more than 67,108,864 bytes" in result.stderr


def test_a_closed_standard_input_is_no_defect() -> None:
    code = "import os, sys; os.close(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = [sys.executable, "-c", code, "-m", "spareplace", "plan", "-"]
    ended = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    _is_clean(ended.returncode, ended.stdout, ended.stderr)
    assert "it is closed" in ended.stderr


def test_a_hundred_megabytes_of_nonsense_are_not_all_read() -> None:
    with process("plan", "-", stdin=subprocess.PIPE) as ended:
        assert ended.stdin is not None
        written = 0
        try:
            while written < 100:
                written += ended.stdin.write(b'{["\\u' * 200_000) // 10**6
        except BrokenPipeError:
            pass
        stdout, stderr = ended.communicate()
    _is_clean(ended.returncode, stdout.decode(), stderr.decode())
    assert written < 100
