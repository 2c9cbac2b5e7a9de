"""``kill -9`` at every step on the disk: what is found then is the old state or the new one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from example_releases import DIRECTION, KEY, NOW, published

from fedtranslate.adapters.releases.publishing import receive
from fedtranslate.adapters.releases.store import CURRENT_FILE, ReleaseStore
from fedtranslate.adapters.releases.verifying import verify

HERE = Path(__file__).resolve().parent
PROGRAM = """
import json, os, shutil, signal, sys
from pathlib import Path
import torch
from example_releases import ABOUT, DIRECTION, KEY, MANIFEST, NOW, published
from fedtranslate.adapters.releases.publishing import receive
from fedtranslate.adapters.releases.store import ReleaseStore

torch.set_num_threads(1)
start, work, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
STEPS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}

def act(folder):
    store = ReleaseStore(folder / "store", owner=KEY)
    if action == "publish":
        published(store, 2)
    elif action == "receive":
        (source,) = (folder / "elsewhere" / "releases").iterdir()
        receive(store, source, KEY.public_key(), now=NOW)
    elif action == "promote":
        store.promote(list(store.usage().directions)[-1], now=NOW)
    else:
        store.rollback(DIRECTION, now=NOW)

def die_at(step, folder):
    left = step
    sync = os.fsync

    def count():
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event, arguments):
        if event in STEPS and str(folder) in str(arguments[0]):
            count()

    def counted(descriptor):
        count()
        sync(descriptor)

    os.fsync = counted
    sys.addaudithook(hook)

states, step = [], 0
while True:
    folder = work / str(step)
    shutil.copytree(start, folder)
    child = os.fork()
    if not child:
        try:
            die_at(step, folder)
            act(folder)
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(7)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, -9):
        sys.exit(1)
    found = ReleaseStore(folder / "store")
    states.append([[one.id for one in found.all()], found.usage().current(DIRECTION)])
    if status == 0:
        break
    step += 1
print(json.dumps(states))
"""


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """Two releases, both promoted once, and a third elsewhere."""
    store = ReleaseStore(tmp_path / "start" / "store", owner=KEY)
    for seed in range(2):
        store.promote(published(store, seed).id, now=NOW)
    published(ReleaseStore(tmp_path / "start" / "elsewhere", owner=KEY), 2)
    store.rollback(DIRECTION, now=NOW)
    return tmp_path / "start"


@pytest.mark.parametrize("action", ["publish", "receive", "promote", "rollback"])
def test_a_kill_leaves_the_old_state_or_the_new_one(
    start: Path, tmp_path: Path, action: str
) -> None:
    old = ReleaseStore(start / "store")
    before = [[one.id for one in old.all()], old.usage().current(DIRECTION)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, start, tmp_path / "work", action],
        env={"PYTHONPATH": f"{HERE.parents[1]}:{HERE.parents[2]}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    states = json.loads(done.stdout)
    after = states[-1]
    assert after != before
    assert len(states) > 8
    turn = states.index(after)
    assert states == [before] * turn + [after] * (len(states) - turn)
    for step in range(len(states)):
        store = ReleaseStore(tmp_path / "work" / str(step) / "store", owner=KEY)
        left = {one.what for one in verify(store, KEY.public_key())}
        assert left <= {CURRENT_FILE}
        # Whoever was killed does it again; a rollback, only if it was not done.
        if action == "publish":
            published(store, 2)
        elif action == "receive":
            (source,) = (start / "elsewhere" / "releases").iterdir()
            receive(store, source, KEY.public_key(), now=NOW)
        elif action == "promote":
            store.promote(before[0][-1], now=NOW)
        elif step < turn:
            store.rollback(DIRECTION, now=NOW)
        else:
            store.promote(before[0][0], now=NOW)
            store.rollback(DIRECTION, now=NOW)
        assert verify(store, KEY.public_key()) == ()
        assert [[one.id for one in store.all()], store.usage().current(DIRECTION)] == after
        assert [path.name for path in store.folder.rglob(".*")] == [".lock"]
