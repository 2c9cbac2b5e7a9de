"""The networks and disks that disturbed federations stand in, on this machine's kernel."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.reliability import surroundings
from benchmarks.reliability.surroundings import slowed

TRIED = """
import json, socket, subprocess, sys, threading
from pathlib import Path
from random import Random
from benchmarks.reliability.surroundings import Surroundings

ASK = '''
import socket, sys, time
start = time.monotonic()
try:
    line = socket.create_connection(("10.77.0.1", int(sys.argv[1])), 2)
    line.settimeout(2)
    line.sendall(b"x" * int(sys.argv[2]))
    line.shutdown(socket.SHUT_WR)
    got = sum(len(part) for part in iter(lambda: line.recv(65536), b""))
    print(got, time.monotonic() - start)
except OSError:
    print(-1, 0)
'''
root = Path(sys.argv[1])
around = Surroundings(root, "hub", ("ada", "bob"), Random(1))
server = socket.create_server((around.address, 0))

def serve():
    while True:
        line, _ = server.accept()
        with line:
            for part in iter(lambda: line.recv(65536), b""):
                line.sendall(part)

threading.Thread(target=serve, daemon=True).start()

def ask(size=1000, site="ada"):
    port = str(server.getsockname()[1])
    argv = [*around.inside(site), sys.executable, "-c", ASK, port, str(size)]
    got, seconds = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    return int(got), float(seconds)

def wrote():
    try:
        (root / "ada" / "file").write_bytes(bytes(100_000))
        return True
    except OSError as error:
        return error.strerror

found = {"plain": ask()}
around.lines["ada"].is_whole = False
found["cut"] = ask()
found["other"] = ask(site="bob")
around.mend()
found["mended"] = ask()
around.lines["ada"].delay = 0.15
found["late"] = ask()
around.mend()
around.lines["ada"].loss = 0.05
found["lossy"] = ask(200_000)
around.mend()
around.fill("ada")
found["full"] = wrote()
around.mend()
found["cleared"] = wrote()
around.close()
print(json.dumps(found))
"""


@pytest.mark.skipif(not surroundings.possible(), reason="no networks of one's own on this machine")
def test_lines_are_cut_slow_and_lossy_and_disks_are_full(tmp_path: Path) -> None:
    command = [*surroundings._APART, *surroundings._FIRST, sys.executable, "-c", TRIED]
    environment = {**os.environ, surroundings._INSIDE: "1"}
    done = subprocess.run(
        [*command, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [found[name][0] for name in ("plain", "other", "mended")] == [1000] * 3
    assert found["cut"][0] == -1
    # A connection and an answer take two ways there and back.
    assert found["late"][0] == 1000
    assert found["late"][1] >= 0.6 > found["plain"][1]
    assert found["lossy"][0] == 200_000
    assert (found["full"], found["cleared"]) == ("No space left on device", True)
    assert not any(tmp_path.rglob("file")), "its disks are gone with it"


def test_what_is_slowed_down_works_a_twentieth_of_the_time() -> None:
    worker = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.5)
        process = psutil.Process(worker.pid)
        before, start = process.cpu_times().user, time.monotonic()
        with slowed(lambda: iter([worker.pid]), 20.0):
            time.sleep(3.0)
            share = (process.cpu_times().user - before) / (time.monotonic() - start)
        assert share < 0.2
        assert process.status() != psutil.STATUS_STOPPED
    finally:
        worker.kill()
        worker.wait()
