import os
import socket
import sys
import time
from pathlib import Path

import pytest

from fedtranslate.checks.sandbox import (
    Limits,
    find_program,
    has_network_namespace,
    kill_group,
    run,
    start,
)

PYTHON = str(Path(sys.executable).resolve())


def python(code: str, folder: Path, **limits: float | int | None) -> tuple[int | None, str, str]:
    done = run([PYTHON, "-c", code], folder=folder, limits=Limits(**limits))  # type: ignore[arg-type]
    return done.exit_code, done.stdout.decode(), done.stderr.decode()


def test_output_and_exit_code_come_back(tmp_path: Path) -> None:
    done = run(
        ["/bin/sh", "-c", "cat; echo err >&2; exit 7"],
        folder=tmp_path,
        limits=Limits(),
        stdin=b"in\0\xff",
    )
    assert (done.exit_code, done.stdout, done.stderr) == (7, b"in\0\xff", b"err\n")
    assert not done.timed_out
    assert not done.truncated


def test_arguments_are_never_read_by_a_shell(tmp_path: Path) -> None:
    done = run(
        ["printf", "%s|", "$(id)", "a b", "; exit 3", "-n"], folder=tmp_path, limits=Limits()
    )
    assert done.stdout == b"$(id)|a b|; exit 3|-n|"


def test_time_is_limited_and_the_children_are_killed_too(tmp_path: Path) -> None:
    started = time.monotonic()
    done = run(
        ["/bin/sh", "-c", "sleep 60 & echo $!; wait"], folder=tmp_path, limits=Limits(seconds=0.5)
    )
    assert done.timed_out
    assert done.exit_code is None
    assert time.monotonic() - started < 10
    assert _ends(int(done.stdout))


def test_children_do_not_outlive_a_program_that_ends(tmp_path: Path) -> None:
    done = run(["/bin/sh", "-c", "sleep 60 & echo $!"], folder=tmp_path, limits=Limits())
    assert _ends(int(done.stdout))


def test_cpu_time_is_limited(tmp_path: Path) -> None:
    code, _, _ = python("while True: pass", tmp_path, seconds=30, cpu_seconds=1)
    assert code in (-9, -24, 137, 152)


def test_memory_is_limited(tmp_path: Path) -> None:
    code, _, said = python("x = bytearray(2 << 30)", tmp_path, memory_bytes=1 << 30)
    assert code == 1
    assert "MemoryError" in said


def test_written_files_are_limited(tmp_path: Path) -> None:
    code, _, _ = python("open('big', 'wb').write(bytes(2 << 20))", tmp_path, file_bytes=1 << 20)
    assert code != 0
    assert (tmp_path / "big").stat().st_size <= 1 << 20


def test_giant_output_neither_hangs_nor_fills_memory(tmp_path: Path) -> None:
    done = run(
        ["/bin/sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"],
        folder=tmp_path,
        limits=Limits(seconds=30, file_bytes=1 << 20, output_bytes=1000),
    )
    assert done.truncated
    assert len(done.stdout) == 1000


def test_secrets_of_the_environment_are_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "hunter2")
    _, said, _ = python("import os; print(dict(os.environ))", tmp_path)
    assert "hunter2" not in said
    assert f"'HOME': '{tmp_path}'" in said


def test_there_is_no_network(tmp_path: Path) -> None:
    if not has_network_namespace():
        pytest.skip("this machine forbids network namespaces")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, _, said = python(
            f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)", tmp_path
        )
    assert code == 1
    assert "Error" in said


def test_a_program_that_is_spoken_with_can_be_killed(tmp_path: Path) -> None:
    process = start(["cat"], folder=tmp_path, limits=Limits(seconds=None))
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"hello\n"
    kill_group(process)
    assert process.poll() is not None
    process.stdin.close()
    process.stdout.close()


def test_a_program_that_is_nowhere_is_not_found() -> None:
    assert find_program("no-such-compiler") is None


def _ends(process: int) -> bool:
    """Tell whether ``process`` is gone soon; a busy machine takes its time to bury the dead."""
    until = time.monotonic() + 10
    while _is_running(process) and time.monotonic() < until:
        time.sleep(0.05)
    return not _is_running(process)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return ") Z " not in Path(f"/proc/{pid}/stat").read_text()  # a zombie runs no more
