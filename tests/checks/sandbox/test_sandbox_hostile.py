"""Hostile programs, really run: each is contained, and nothing of it is left."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from programs_inside import RunPython

from fedtranslate.checks.sandbox import Limits, Stop, describe, kill_group, run, start

HIDDEN = ("/root", "/home", "/var", "/run", "/srv", "/mnt", "/media", "/boot", "/sys")


def test_a_fork_bomb_is_contained(container: str, tmp_path: Path) -> None:
    bomb = "bomb() { bomb | bomb & }; bomb; sleep 60"
    done = run(["/bin/sh", "-c", bomb], folder=tmp_path, limits=Limits(seconds=20, processes=60))
    # Where the kernel lets it start no more, it may sit there until its time is up.
    assert container == "docker" or done.stopped in (Stop.PROCESSES, Stop.TIME)
    assert subprocess.run(["true"], check=False).returncode == 0
    assert len(_all_processes()) < 1000


@pytest.mark.usefixtures("host_container")
def test_time_counts_while_nothing_can_be_read_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs_while_it_lives(proc: int, *_: object) -> None:
        """Be as slow as smaps_rollup is in a storm of forks."""
        until = time.monotonic() + 20
        with contextlib.suppress(OSError):
            while time.monotonic() < until and any(map(str.isdigit, os.listdir(proc))):
                time.sleep(0.05)

    monkeypatch.setattr("fedtranslate.checks.sandbox.process.exceeded", hangs_while_it_lives)
    start = time.monotonic()
    done = run(["sleep", "60"], folder=tmp_path, limits=Limits(seconds=1))
    assert done.stopped is Stop.TIME
    assert time.monotonic() - start < 10


@pytest.mark.skipif(not shutil.which("gcc"), reason="no C compiler on this machine")
@pytest.mark.usefixtures("container")
def test_a_fork_bomb_in_c_that_hides_is_contained(tmp_path: Path) -> None:
    if not describe().is_held_by_kernel:
        pytest.skip("it would be contained, but the machine would be slow for a minute")
    mark = f"m{secrets.token_hex(6)}"
    (tmp_path / "bomb.c").write_text(
        "#include <unistd.h>\n#include <signal.h>\n"
        "int main(void) { for (int s = 1; s < 32; s++) signal(s, SIG_IGN);"
        " for (;;) if (fork() == 0) setsid(); }"
    )
    subprocess.run(["gcc", "-o", mark, "bomb.c"], cwd=tmp_path, check=True)
    done = run([f"./{mark}"], folder=tmp_path, limits=Limits(seconds=5, processes=100))
    assert done.exit_code is None
    assert not _running(mark)


@pytest.mark.usefixtures("container")
def test_threads_are_counted_as_processes(python: RunPython) -> None:
    code = (
        "import threading, time\n"
        "for _ in range(200):\n"
        "    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n"
        "time.sleep(30)"
    )
    done = python(code, processes=50, seconds=20)
    assert done.stopped is Stop.PROCESSES or b"start new thread" in done.stderr


@pytest.mark.usefixtures("container")
def test_a_process_that_takes_leave_does_not_outlive_its_program(
    python: RunPython, tmp_path: Path
) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        for fd in (0, 1, 2): os.close(fd)\n"
        "        while True:\n"
        "            open('beat', 'a').write('x'); time.sleep(0.01)\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)"
    )
    assert python(code).exit_code == 0
    beats = (tmp_path / "inside" / "beat").stat().st_size
    assert beats > 0
    time.sleep(0.3)
    assert (tmp_path / "inside" / "beat").stat().st_size == beats


@pytest.mark.usefixtures("container")
def test_a_killed_program_leaves_no_process_that_took_leave(
    python: RunPython, tmp_path: Path
) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "while True: open('beat', 'a').write('x'); time.sleep(0.01)"
    )
    assert python(code, seconds=0.7).stopped is Stop.TIME
    beats = (tmp_path / "inside" / "beat").stat().st_size
    time.sleep(0.3)
    assert (tmp_path / "inside" / "beat").stat().st_size == beats


def test_programs_die_with_the_process_that_runs_them(container: str, tmp_path: Path) -> None:
    if container == "docker":
        pytest.skip("an engine's containers outlive its client")
    code = (
        "from pathlib import Path; from fedtranslate.checks.sandbox import *\n"
        "run(['/bin/sh', '-c', 'while :; do echo >> beat; sleep 0.02; done'],"
        f" folder=Path({str(tmp_path)!r}), limits=Limits())"
    )
    owner = subprocess.Popen([sys.executable, "-c", code])
    beat = tmp_path / "beat"
    _wait(beat.exists)
    owner.kill()
    owner.wait()
    time.sleep(0.5)
    beats = beat.stat().st_size
    time.sleep(0.3)
    assert beat.stat().st_size == beats


@pytest.mark.usefixtures("container")
def test_a_gigabyte_is_not_had(python: RunPython) -> None:
    code = "x = bytearray(1 << 30); x[::4096] = b'x' * len(x[::4096]); print('had')"
    for limits in (
        {"memory_bytes": 512 << 20},
        {"memory_bytes": None, "resident_bytes": 256 << 20},
    ):
        done = python(code, **limits)
        assert b"had" not in done.stdout
        assert done.exit_code != 0


@pytest.mark.usefixtures("container")
@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])
def test_files_in_memory_are_limited(place: str, python: RunPython) -> None:
    code = f"for n in range(100): open(f'{place}/{{n}}', 'wb').write(bytes(1 << 20))"
    done = python(code, temporary_bytes=8 << 20)
    assert done.exit_code == 1
    assert b"No space left" in done.stderr


@pytest.mark.usefixtures("container")
def test_memory_that_belongs_to_no_process_is_not_had(python: RunPython) -> None:
    code = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.memfd_create(b'x', 0), libc.shmget(0, 1 << 20, 0o1600))"
    )
    assert python(code).stdout == b"-1 -1\n"


def test_the_home_and_the_places_of_others_are_not_there(
    container: str, python: RunPython, tmp_path: Path
) -> None:
    if container == "docker":
        pytest.skip("an image has such places of its own")
    (tmp_path / "secret").write_text("hunter2")
    homes = [str(Path.home()), *HIDDEN]
    code = (
        "import os\n"
        f"for place in {homes!r}:\n"
        "    if os.path.isdir(place): print(place, os.listdir(place))\n"
        f"print(os.path.exists({str(tmp_path / 'secret')!r}), os.listdir({str(tmp_path)!r}))"
    )
    *shown, last = python(code).stdout.decode().splitlines()
    assert last == "False ['inside']"
    toolchain = {
        part
        for path in (sys.executable, os.environ.get("PYENV_ROOT", "/"))
        for part in Path(path).resolve().parts
    }
    for line in shown:  # a home may hold the toolchain of the program, and nothing else
        names = set(line.partition(" ")[2].strip("[]").replace("'", "").split(", ")) - {""}
        assert names <= toolchain | {"lib"}, line


@pytest.mark.usefixtures("container")
@pytest.mark.parametrize("name", ["/etc/shadow", "/etc/ssl/private", "/proc/kcore", "/dev/mem"])
def test_secrets_of_the_system_are_not_there(name: str, python: RunPython) -> None:
    done = python(f"import os; os.listdir({name!r}) if os.path.isdir({name!r}) else open({name!r})")
    assert done.exit_code == 1


@pytest.mark.usefixtures("container")
def test_users_of_the_machine_are_not_told(python: RunPython) -> None:
    assert len(python("print(open('/etc/passwd').read(), end='')").stdout.splitlines()) <= 1


@pytest.mark.usefixtures("container")
def test_links_and_paths_lead_out_of_no_folder(python: RunPython, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "inside" / "given").symlink_to("../secret")
    code = (
        "import os\n"
        f"os.symlink({str(tmp_path / 'secret')!r}, 'link')\n"
        f"os.symlink({str(tmp_path)!r}, 'up')\n"
        "here = os.getcwd()\n"
        "ways = ['link', 'up/secret', 'given', '../secret', f'/proc/1/root{here}/../secret',"
        " f'/proc/self/root/..{here}/../secret', '/proc/1/cwd/../secret']\n"
        "for way in ways:\n"
        "    try: print(open(way).read())\n"
        "    except OSError: pass\n"
        "    try: open(way, 'w').write('pwned')\n"
        "    except OSError: pass"
    )
    done = python(code)
    assert (done.exit_code, b"hunter2" in done.stdout) == (0, False)
    assert (tmp_path / "secret").read_text() == "hunter2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside", "secret"]


def test_nothing_is_written_outside_of_the_folder(
    container: str, python: RunPython, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "a.jar").write_text("as it was")
    places = ["/pwned", "/usr/pwned", "/etc/pwned", "/proc/pwned", "/usr/bin/env"]
    places += [] if container == "docker" else ["/dev/pwned"]
    places += [str(library / "pwned"), str(library / "a.jar")]
    code = (
        f"for place in {places!r}:\n"
        "    try: open(place, 'a').write('x'); print(place)\n"
        "    except OSError: pass\n"
        f"import os; open({str(tmp_path / 'lost')!r}, 'w')\n"
        f"for act in (lambda: os.unlink({str(library / 'a.jar')!r}), lambda: os.mkdir('/new'),\n"
        f"            lambda: os.link({str(library / 'a.jar')!r}, 'hard')):\n"
        "    try: act(); print('done')\n"
        "    except OSError: pass"
    )
    assert python(code, readable=(library,)).stdout == b""
    assert (library / "a.jar").read_text() == "as it was"
    assert not (tmp_path / "inside" / "hard").exists()
    assert not (tmp_path / "lost").exists()  # it was written to the private /tmp


@pytest.mark.usefixtures("container")
def test_the_kernels_settings_cannot_be_changed(python: RunPython) -> None:
    code = (
        "import os\n"
        "for folder, _, names in os.walk('/proc/sys'):\n"
        "    for name in names:\n"
        "        path = os.path.join(folder, name)\n"
        "        try: os.close(os.open(path, os.O_WRONLY)); print(path)\n"
        "        except OSError: pass\n"
        "for name in ('sysrq-trigger', 'irq/default_smp_affinity'):\n"
        "    try: open('/proc/' + name, 'w'); print(name)\n"
        "    except OSError: pass"
    )
    assert python(code).stdout == b""


@pytest.mark.usefixtures("container")
def test_there_is_no_network(python: RunPython) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import socket\n"
            f"for place in (('127.0.0.1', {port}), ('192.0.2.1', 80), ('pypi.org', 443)):\n"
            "    try: socket.create_connection(place, 2); print(place)\n"
            "    except OSError: pass\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "try: s.sendto(b'x', ('192.0.2.1', 53)); print('sent')\n"
            "except OSError: pass"
        )
        assert python(code).stdout == b""


@pytest.mark.usefixtures("container")
def test_sockets_of_this_machine_cannot_be_reached(python: RunPython, tmp_path: Path) -> None:
    name = f"fedtranslate-{secrets.token_hex(6)}"
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        abstract.bind(f"\0{name}")
        named.bind(path)
        for server in (abstract, named):
            server.listen()
        code = (
            "import socket\n"
            f"for place in ('\\0{name}', {path!r}):\n"
            "    try: socket.socket(socket.AF_UNIX).connect(place); print('reached')\n"
            "    except OSError: pass"
        )
        assert python(code).stdout == b""


@pytest.mark.usefixtures("container")
def test_processes_of_others_are_neither_seen_nor_killed(python: RunPython) -> None:
    code = (
        "import os, signal\n"
        "print(sum(name.isdigit() for name in os.listdir('/proc')))\n"
        "for pid in range(2, 70000):\n"
        "    if pid != os.getpid():\n"
        "        try: os.kill(pid, signal.SIGKILL)\n"
        "        except OSError: pass\n"
        "os.kill(-1, signal.SIGKILL)"
    )
    with subprocess.Popen(["sleep", "60"]) as innocent:
        done = python(code)
        assert int(done.stdout.split()[0]) < 10
        assert innocent.poll() is None
        innocent.kill()


def test_no_power_is_had_and_none_can_be_got(container: str, python: RunPython) -> None:
    status = python("print(open('/proc/self/status').read())").stdout.decode()
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(said[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert said["NoNewPrivs"] == "1"
    if container == "docker":
        return  # whether a program may make namespaces is the engine's own setting
    code = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None)\n"
        "print(libc.unshare(0x10000000), libc.mount(b'x', b'/tmp', b'tmpfs', 0, None),"
        " libc.chroot(b'/tmp'), libc.umount2(b'/usr', 2))"
    )
    assert python(code).stdout == b"-1 -1 -1 -1\n"


@pytest.mark.usefixtures("container")
def test_a_terminal_cannot_be_typed_into(python: RunPython) -> None:
    assert python("open('/dev/tty')").exit_code == 1


@pytest.mark.usefixtures("container")
def test_descriptors_of_the_caller_are_not_inherited(python: RunPython, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    with (tmp_path / "secret").open() as open_here:
        os.set_inheritable(open_here.fileno(), True)
        code = "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
        assert python(code).stdout == b"[0, 1, 2]\n"


@pytest.mark.usefixtures("container")
def test_no_mount_is_left_and_no_file_outside(python: RunPython, tmp_path: Path) -> None:
    before = _mounts()
    python("open('/tmp/left', 'w').write('x'); open('kept', 'w').write('x')")
    assert _mounts() == before
    assert not Path("/tmp/left").exists()
    assert (tmp_path / "inside" / "kept").exists()


@pytest.mark.usefixtures("container")
def test_a_killed_conversation_leaves_nothing(tmp_path: Path) -> None:
    mark = f"61.{secrets.randbelow(10**9):09}"
    script = f"sleep {mark} & setsid sleep {mark} & echo up; cat"
    process = start(["/bin/sh", "-c", script], folder=tmp_path, limits=Limits(seconds=None))
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"up\n"
    _wait(lambda: len(_running(mark)) >= 2)
    kill_group(process)
    assert not _running(mark)
    process.stdin.close()
    process.stdout.close()


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def _mounts() -> list[str]:
    return Path("/proc/self/mountinfo").read_text().splitlines()


def _all_processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def _running(mark: str) -> list[int]:
    """Return the processes whose command line holds ``mark``, all of this machine."""
    found = []
    for path in _all_processes():
        try:
            said = (path / "cmdline").read_bytes()
            is_dead = b") Z " in (path / "stat").read_bytes()
        except OSError:
            continue
        if mark.encode() in said and not is_dead:
            found.append(int(path.name))
    return found
