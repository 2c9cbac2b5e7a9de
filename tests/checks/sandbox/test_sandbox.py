"""What every back-end does: run a program, give back what it said, hold its limits."""

import resource
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from programs_inside import PYTHON, RunPython

from fedtranslate.checks.sandbox import (
    Finished,
    Limits,
    Stop,
    find_program,
    kill_group,
    members,
    run,
    start,
)
from fedtranslate.errors import CheckError

MEBIBYTE = 1 << 20


def shell(script: str, folder: Path, limits: Limits | None = None, stdin: bytes = b"") -> Finished:
    return run(["/bin/sh", "-c", script], folder=folder, limits=limits or Limits(), stdin=stdin)


@pytest.mark.usefixtures("backend")
def test_output_and_exit_code_come_back(tmp_path: Path) -> None:
    done = shell("cat; echo err >&2; exit 7", tmp_path, stdin=b"in\0\xff")
    assert done == Finished(7, b"in\0\xff", b"err\n", timed_out=False, truncated=False)


@pytest.mark.usefixtures("backend")
def test_arguments_are_never_read_by_a_shell(tmp_path: Path) -> None:
    argv = ["printf", "%s|", "$(id)", "a b", "; exit 3", "-n", "--", "\n", ""]
    assert run(argv, folder=tmp_path, limits=Limits()).stdout == b"$(id)|a b|; exit 3|-n|--|\n||"


@pytest.mark.usefixtures("backend")
def test_a_signal_that_ends_the_program_is_a_negative_exit_code(python: RunPython) -> None:
    assert python("import os; os.kill(os.getpid(), 11)").exit_code == -11
    assert python("import os; os.abort()").exit_code == -6
    assert python("raise SystemExit(255)").exit_code == 255


@pytest.mark.usefixtures("backend")
def test_the_program_runs_in_its_folder_whatever_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b\n'\"$x:é" / "-"
    folder.mkdir(parents=True)
    done = shell("pwd -P; echo x > made; cat made", folder)
    assert done.stdout == f"{folder}\nx\n".encode()
    assert (folder / "made").read_text() == "x\n"


@pytest.mark.usefixtures("backend")
def test_a_folder_may_be_given_through_a_link_or_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    assert shell(f"echo 1 > {tmp_path}/link/a", Path("link")).exit_code == 0
    assert shell("echo 2 > b", Path("real")).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["a", "b"]


@pytest.mark.usefixtures("backend")
def test_much_input_is_passed_and_may_be_ignored(python: RunPython) -> None:
    given = bytes(range(256)) * (16 * 1024)
    done = python("import sys; print(len(sys.stdin.buffer.read()))", stdin=given)
    assert int(done.stdout) == len(given)
    assert python("print(1)", stdin=given).stdout == b"1\n"
    assert python("import os; os.close(0); print(2)", stdin=given).stdout == b"2\n"


@pytest.mark.usefixtures("backend")
def test_a_program_may_close_its_output_and_go_on(python: RunPython) -> None:
    done = python("import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(5)")
    assert (done.exit_code, done.stdout) == (5, b"")


@pytest.mark.usefixtures("backend")
def test_time_is_limited(tmp_path: Path) -> None:
    started = time.monotonic()
    done = shell("echo begun; sleep 60", tmp_path, Limits(seconds=0.7))
    assert time.monotonic() - started < 10
    assert (done.exit_code, done.timed_out, done.stopped) == (None, True, Stop.TIME)


@pytest.mark.usefixtures("backend")
def test_cpu_time_is_limited(python: RunPython) -> None:
    done = python("while True: pass", seconds=30, cpu_seconds=1)
    assert done.exit_code in (-9, -24)


@pytest.mark.usefixtures("backend")
def test_the_address_space_is_limited(python: RunPython, request: pytest.FixtureRequest) -> None:
    if request.getfixturevalue("backend") == "docker":
        pytest.skip("container engines have no such limit")
    done = python("x = bytearray(2 << 30)", memory_bytes=1 << 30)
    assert done.exit_code == 1
    assert b"MemoryError" in done.stderr


@pytest.mark.usefixtures("backend")
def test_memory_is_limited_over_all_processes_together(python: RunPython) -> None:
    code = (
        "import os, time\n"
        "for _ in range(3): os.fork()\n"
        "x = bytearray(40 << 20); x[::4096] = b'x' * len(x[::4096]); time.sleep(30)"
    )
    done = python(code, memory_bytes=None, resident_bytes=200 * MEBIBYTE)
    assert done.exit_code in (None, -9)  # an engine kills one process, and with it the container
    assert not done.timed_out


@pytest.mark.usefixtures("backend")
def test_memory_that_processes_share_is_counted_once(python: RunPython) -> None:
    code = (
        "import os, time\n"
        "x = bytearray(60 << 20); x[::4096] = b'x' * len(x[::4096])\n"
        "for _ in range(3): os.fork()\n"
        "time.sleep(0.3)"
    )
    assert python(code, resident_bytes=200 * MEBIBYTE).exit_code == 0


@pytest.mark.usefixtures("backend")
def test_the_size_of_a_file_is_limited(python: RunPython, tmp_path: Path) -> None:
    done = python("open('big', 'wb').write(bytes(2 << 20))", file_bytes=MEBIBYTE)
    assert done.exit_code != 0
    assert (tmp_path / "inside" / "big").stat().st_size <= MEBIBYTE


@pytest.mark.usefixtures("backend")
def test_all_that_is_written_is_limited_even_if_it_is_deleted(
    python: RunPython, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if request.getfixturevalue("backend") == "docker":
        pytest.skip("container engines have no such limit")
    if (tmp_path / "probe").write_bytes(bytes(MEBIBYTE)) and not _counts_writes():
        pytest.skip("writing to this file system is not counted")
    code = (
        "import os\n"
        "while True:\n"
        "    with open('x', 'wb') as f: f.write(bytes(1 << 20)); os.unlink('x')"
    )
    done = python(code, written_bytes=30 * MEBIBYTE)
    assert done.stopped is Stop.DISK


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("stream", [1, 2])
def test_endless_output_is_cut_and_fills_neither_memory_nor_disk(
    stream: int, python: RunPython
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = python(
        f"import os\nwhile True: os.write({stream}, bytes(65536))", seconds=30, output_bytes=1000
    )
    assert done.truncated
    assert done.stopped is Stop.OUTPUT
    assert len((done.stdout, done.stderr)[stream - 1]) == 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.usefixtures("backend")
def test_output_up_to_the_limit_comes_back_whole(python: RunPython) -> None:
    done = python("print('x' * 99_999)", output_bytes=100_000)
    assert len(done.stdout) == 100_000
    assert not done.truncated


@pytest.mark.usefixtures("backend")
def test_secrets_of_the_environment_are_not_passed_on(
    python: RunPython, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "hunter2")
    said = python("import os; print(dict(os.environ), open('/proc/self/environ').read())").stdout
    assert b"hunter2" not in said
    assert f"'HOME': '{tmp_path / 'inside'}'".encode() in said


@pytest.mark.usefixtures("backend")
def test_a_job_has_variables_of_its_own(tmp_path: Path) -> None:
    argv = ["/bin/sh", "-c", "echo $LANG $MINE"]
    done = run(argv, folder=tmp_path, limits=Limits(), environment={"MINE": "x", "LANG": "C"})
    assert done.stdout == b"C x\n"


@pytest.mark.usefixtures("backend")
def test_a_program_that_is_nowhere_fails_and_says_so(tmp_path: Path) -> None:
    done = run(["no-such-compiler"], folder=tmp_path, limits=Limits())
    assert done.exit_code not in (0, None)
    assert b"no-such-compiler" in done.stderr
    assert find_program("no-such-compiler") is None


@pytest.mark.usefixtures("backend")
def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckError):
        run(["true"], folder=tmp_path / "nowhere", limits=Limits())


@pytest.mark.usefixtures("backend")
def test_a_program_is_spoken_with_and_can_be_killed(tmp_path: Path) -> None:
    process = start(["cat"], folder=tmp_path, limits=Limits(seconds=None))
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"hello\n"
    held = members(process.pid)
    kill_group(process)
    assert process.poll() is not None
    assert process.stdout.read() == b""
    assert not any(_is_running(pid) for pid in held)
    process.stdin.close()
    process.stdout.close()


@pytest.mark.usefixtures("backend")
def test_a_conversation_that_is_over_may_be_ended_again(tmp_path: Path) -> None:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        process = start(["cat"], folder=tmp_path, limits=Limits(seconds=None))
        assert process.communicate(b"x", timeout=10)[0] == b"x"
        kill_group(process)
        kill_group(process)
        assert process.returncode == 0
    until = time.monotonic() + 10
    while len(list(Path("/proc/self/fd").iterdir())) > descriptors:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.usefixtures("backend")
def test_nothing_stays_open_after_a_run(python: RunPython) -> None:
    python("print(1)")
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        python("print(1)")
        python("while True: print(1)", output_bytes=10)
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


@pytest.mark.usefixtures("backend")
def test_a_caller_with_many_open_files_can_run_programs(python: RunPython) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2048:
        pytest.skip("this process may not open so many files")
    with ExitStack() as opened:
        for _ in range(1100):
            opened.enter_context(Path("/dev/null").open())
        assert python("print(1)").stdout == b"1\n"
        assert python("while True: pass", seconds=0.3).stopped is Stop.TIME


@pytest.mark.usefixtures("backend")
def test_a_started_program_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    made = []
    thread = threading.Thread(
        target=lambda: made.append(start(["cat"], folder=tmp_path, limits=Limits(seconds=None)))
    )
    thread.start()
    thread.join()
    (process,) = made
    time.sleep(0.3)
    assert process.poll() is None
    out, _ = process.communicate(b"still here", timeout=10)
    assert out == b"still here"


@pytest.mark.usefixtures("backend")
def test_a_started_program_is_killed_when_it_takes_too_much(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if request.getfixturevalue("backend") == "docker":
        pytest.skip("python3 may not be in the image under this path")
    code = "import time; x = b'x' * (100 << 20); time.sleep(30)"
    limits = Limits(seconds=None, resident_bytes=50 * MEBIBYTE)
    process = start([PYTHON, "-I", "-S", "-c", code], folder=tmp_path, limits=limits)
    process.communicate(timeout=20)
    assert process.returncode != 0


@pytest.mark.usefixtures("backend")
def test_many_programs_may_run_at_a_time(tmp_path: Path) -> None:
    said: dict[int, bytes] = {}

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        said[number] = shell(f"sleep 0.1; echo {number} | tee out", folder).stdout

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {number: f"{number}\n".encode() for number in range(8)}


def _counts_writes() -> bool:
    """Tell whether the kernel has counted the writing that this process just did."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"]) >= MEBIBYTE


def _is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()  # a zombie runs no more
    except OSError:
        return False
