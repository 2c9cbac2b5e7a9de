"""Programs that are kept alive, with real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from fedtranslate.errors import FederationError
from fedtranslate.federation.supervision.standing import (
    Standing,
    end,
    held,
    is_up,
    read_standing,
    start_detached,
)
from fedtranslate.federation.supervision.supervisor import MAX_LOG_BYTES, Supervisor

SERVICE = """
import sys
from pathlib import Path
from fedtranslate.federation.supervision.supervisor import Program, Supervisor

root = Path(sys.argv[1])
sleeping = Program("sleeping", ("sleep", "1000"))
telling = Program("telling", ("sh", "-c", "echo started $WORD; exec sleep 1000"), {"WORD": "well"})
failing = Program("failing", ("sh", "-c", "echo no good; exit 3"))
programs = {"good": [sleeping, telling], "bad": [sleeping, failing]}[sys.argv[2]]
supervisor = Supervisor(programs, root / "state", root / "logs")

def tick():
    (root / "ticked").touch()
    if (root / "again").exists():
        (root / "again").unlink()
        supervisor.restart("sleeping", lambda: (root / "meanwhile").touch())

supervisor.run(tick, every_seconds=0.1)
"""


def _until(happens: Callable[[], object], seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < limit
        time.sleep(0.05)


def _start(root: Path, kind: str = "good") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SERVICE, root, kind])


def _pids(root: Path) -> dict[str, int]:
    standing = read_standing(root / "state")
    return {one.name: one.pid for one in standing.programs} if standing else {}


def _standing(root: Path) -> Standing:
    standing = read_standing(root / "state")
    assert standing is not None
    return standing


@pytest.fixture
def service(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = _start(tmp_path)
    _until(lambda: all(_pids(tmp_path).values()) and _pids(tmp_path))
    yield process
    process.kill()
    process.wait()


def test_a_program_that_is_killed_is_started_again(
    tmp_path: Path, service: subprocess.Popen[bytes]
) -> None:
    first = _pids(tmp_path)
    os.kill(first["sleeping"], signal.SIGKILL)
    _until(lambda: _pids(tmp_path)["sleeping"] not in (0, first["sleeping"]))
    assert _pids(tmp_path)["telling"] == first["telling"]
    sleeping = _standing(tmp_path).programs[0]
    assert (sleeping.restarts, sleeping.last_code) == (1, -signal.SIGKILL)
    assert service.poll() is None


def test_its_end_is_the_end_of_all_programs(
    tmp_path: Path, service: subprocess.Popen[bytes]
) -> None:
    pids = _pids(tmp_path)
    assert is_up(tmp_path / "state")
    assert end(tmp_path / "state")
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert service.wait(10) == 0
    assert read_standing(tmp_path / "state") is None
    assert not end(tmp_path / "state")


def test_programs_do_not_outlive_a_supervisor_that_is_killed(
    tmp_path: Path, service: subprocess.Popen[bytes]
) -> None:
    pids = _pids(tmp_path)
    service.kill()
    service.wait()
    _until(lambda: not any(psutil.pid_exists(pid) for pid in pids.values()))
    assert not is_up(tmp_path / "state")


def test_a_program_whose_starter_dies_at_once_does_not_begin(tmp_path: Path) -> None:
    starter = (
        "import os, pathlib, sys\n"
        "from fedtranslate.federation.supervision.processes import spawn\n"
        "process = spawn(['sleep', '1000'], {}, pathlib.Path(sys.argv[1]))\n"
        "os.write(1, str(process.pid).encode())\n"
        "os._exit(0)\n"
    )
    argv = [sys.executable, "-c", starter, str(tmp_path / "log")]
    pid = int(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)
    try:
        _until(lambda: not psutil.pid_exists(pid))
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_what_a_killed_supervisor_left_behind_is_ended_by_the_next(tmp_path: Path) -> None:
    stubborn = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    created = psutil.Process(stubborn.pid).create_time()
    (tmp_path / "state").mkdir()
    one = f'{{"name": "old", "pid": {stubborn.pid}, "created": {created}, "restarts": 0, '
    one += '"last_code": null}'
    text = f'{{"pid": 1, "created": 0, "programs": [{one}]}}'
    (tmp_path / "state" / "programs.json").write_text(text)
    process = _start(tmp_path)
    try:
        assert stubborn.wait(20) == -signal.SIGKILL
    finally:
        process.terminate()
        process.wait()


def test_another_process_of_the_same_number_is_left_alone(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    (tmp_path / "state").mkdir()
    one = f'{{"name": "old", "pid": {bystander.pid}, "created": 5.0, "restarts": 0, '
    one += '"last_code": null}'
    text = f'{{"pid": 1, "created": 0, "programs": [{one}]}}'
    (tmp_path / "state" / "programs.json").write_text(text)
    process = _start(tmp_path)
    _until(lambda: (tmp_path / "ticked").exists())
    process.terminate()
    process.wait()
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_there_is_one_supervisor_of_a_folder(
    tmp_path: Path, service: subprocess.Popen[bytes]
) -> None:
    assert service.poll() is None
    with pytest.raises(FederationError, match="running already"), held(tmp_path / "state"):
        pass
    second = subprocess.run(
        [sys.executable, "-c", SERVICE, tmp_path, "good"], capture_output=True, text=True
    )
    assert second.returncode != 0
    assert "running already" in second.stderr


def test_a_program_that_fails_is_tried_again_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    process = _start(tmp_path, "bad")
    log = tmp_path / "logs" / "failing.log"
    _until(lambda: log.exists() and log.read_text().count("no good") == 3)
    time.sleep(0.5)
    assert log.read_text().count("no good") == 3
    assert _standing(tmp_path).programs[1].last_code == 3
    process.terminate()
    assert process.wait(10) == 0


def test_what_programs_print_and_the_environment_they_get(
    tmp_path: Path, service: subprocess.Popen[bytes]
) -> None:
    assert service.poll() is None
    _until(lambda: (tmp_path / "logs" / "telling.log").read_text() == "started well\n")


def test_a_log_that_is_too_long_is_put_aside_while_its_program_goes_on(
    tmp_path: Path, service: subprocess.Popen[bytes]
) -> None:
    assert service.poll() is None
    log = tmp_path / "logs" / "nginx-access.log"
    with log.open("wb") as file:
        file.truncate(MAX_LOG_BYTES + 1)
    _until(lambda: log.stat().st_size == 0)
    assert log.with_suffix(".log.1").stat().st_size == MAX_LOG_BYTES + 1


def test_a_service_that_is_not_ready_in_time_is_ended_and_its_programs_are_quoted(
    tmp_path: Path,
) -> None:
    state, log = tmp_path / "state", tmp_path / "logs" / "service.log"
    with pytest.raises(FederationError, match=r"not ready after 8 s.\s+failing says:\s+no good"):
        start_detached(["-c", SERVICE, str(tmp_path), "bad"], state, log, lambda: False, 8.0)
    _until(lambda: not is_up(state))


def test_a_service_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "service.log"
    with pytest.raises(FederationError, match="broken by intent"):
        start_detached(
            ["-c", "raise SystemExit('broken by intent')"],
            tmp_path / "state",
            log,
            lambda: True,
            20.0,
        )


def test_of_two_starts_at_once_the_slower_one_is_told_that_programs_run(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "service.log"
    # The other has taken the lock by the time that this one would take it.
    slower = f"import time; time.sleep(3){SERVICE}"
    argv = ["-c", slower, str(tmp_path), "good"]
    quicker = threading.Timer(1.0, lambda: _start(tmp_path).wait())
    quicker.start()
    try:
        with pytest.raises(FederationError) as found:
            start_detached(argv, tmp_path / "state", log, lambda: False, 30.0)
    finally:
        end(tmp_path / "state")
        quicker.join()
    assert str(found.value).startswith(f"The programs of {tmp_path} are running already.")


def test_who_finds_programs_running_touches_nothing(tmp_path: Path) -> None:
    touched: list[str] = []
    supervisor = Supervisor([], tmp_path / "state", tmp_path / "logs")
    with held(tmp_path / "state"), pytest.raises(FederationError, match="already"):
        supervisor.run(lambda: None, every_seconds=1.0, first=lambda: touched.append("the log"))
    assert not touched


def test_a_service_that_is_ready_stays_when_its_starter_ends(tmp_path: Path) -> None:
    starter = (
        "import sys\n"
        "from pathlib import Path\n"
        "from fedtranslate.federation.supervision.standing import start_detached\n"
        f"root = Path({str(tmp_path)!r})\n"
        f"argv = ['-c', {SERVICE!r}, str(root), 'good']\n"
        "ready = (root / 'ticked').exists\n"
        "start_detached(argv, root / 'state', root / 'logs' / 'service.log', ready, 20.0)\n"
    )
    subprocess.run([sys.executable, "-c", starter], check=True)
    assert is_up(tmp_path / "state")
    assert end(tmp_path / "state")


def test_a_program_can_be_started_again(tmp_path: Path) -> None:
    service = _start(tmp_path)
    try:
        _until(lambda: (tmp_path / "ticked").exists() and len(_pids(tmp_path)) == 2)
        before = _pids(tmp_path)
        (tmp_path / "again").touch()
        _until(lambda: _pids(tmp_path)["sleeping"] not in (0, before["sleeping"]))
        assert (tmp_path / "meanwhile").exists()
        assert not psutil.pid_exists(before["sleeping"])
        assert _pids(tmp_path)["telling"] == before["telling"]
    finally:
        service.terminate()
        service.wait(20)
