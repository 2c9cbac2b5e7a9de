"""A SuperNode that waits for nothing that cannot come, on Flower's own state of it."""

import subprocess
import sys

import pytest
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.common.constant import Status, SubStatus
from flwr.supercore.constant import TaskType
from flwr.supercore.inflatable.inflatable_object import get_object_tree
from flwr.supercore.object_store import ObjectStoreFactory
from flwr.supercore.run import Run, RunNotRunningException
from flwr.supernode import start_client_internal
from flwr.supernode.nodestate import NodeStateFactory

from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.mending import mend_supernode

RUN, NODE = 7, 8
WAITING = """
from flwr.supercore.constant import TaskType
from flwr.supercore.object_store import ObjectStoreFactory
from flwr.supernode import start_client_internal
from flwr.supernode.nodestate import NodeStateFactory

from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.mending import mend_supernode

compat.set_pace(0.01, 10.0)
mend_supernode()
factory = ObjectStoreFactory()
state = NodeStateFactory(factory).state()
state.set_node_id(8)


def send(message, *_):
    return {{message.metadata.message_id}}, "session"

{more}
print("waits", flush=True)
start_client_internal._push_messages(
    state=state, object_store=factory.store(), send=send, push_object=print
)
"""
WORKING = "state.create_task(TaskType.CLIENT_APP, 7, 'hash')"
HALF_A_REPLY = """
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.supercore.inflatable.inflatable_object import get_object_tree

compat.identify(7, 8)
asked = Message(RecordDict({"one": ConfigRecord({"a": 1})}), 8, "train")
compat.name_message(asked, "asked")
reply = Message(RecordDict({"one": ConfigRecord({"a": 2})}), reply_to=asked)
compat.name_message(reply, reply.object_id)
factory.store().preregister(7, get_object_tree(reply))
state.store_message(reply)
"""


@pytest.fixture
def _mended(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pull_objects", "_push_messages"):
        monkeypatch.setattr(start_client_internal, name, getattr(start_client_internal, name))
    mend_supernode()


@pytest.mark.usefixtures("_mended")
def test_nothing_is_left_of_a_message_whose_run_ends_on_the_way() -> None:
    stores = ObjectStoreFactory()
    state = NodeStateFactory(stores).state()
    state.set_node_id(NODE)
    state.store_run(Run.create_empty(RUN))
    compat.identify(RUN, 1)
    message = Message(RecordDict({"one": ConfigRecord({"a": 1})}), NODE, "train")
    compat.name_message(message, message.object_id)

    def ended(*_: object) -> bytes:
        raise RunNotRunningException

    found = start_client_internal._pull_and_store_message(
        state=state,
        object_store=stores.store(),
        node_config={},
        receive=lambda: (message, get_object_tree(message)),
        get_run=ended,
        get_fab=ended,
        pull_object=ended,
        confirm_message_received=ended,
        trusted_entities=None,
    )
    assert found is None
    (task,) = state.get_tasks()
    assert (task.type, task.status.status) == (TaskType.CLIENT_APP, Status.FINISHED)
    assert task.status.sub_status == SubStatus.FAILED
    assert list(state.get_messages_legacy()) == []
    assert stores.store().get(message.object_id) is None


@pytest.mark.parametrize("more", ["", HALF_A_REPLY], ids=["no reply", "half a reply"])
def test_a_supernode_whose_executor_died_on_the_job_ends(more: str) -> None:
    script = WAITING.format(more=more)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "waits\n"), done.stderr
    assert "this SuperNode starts again" in done.stderr


def test_a_supernode_waits_for_an_executor_that_works() -> None:
    script = WAITING.format(more=WORKING)
    waiting = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "waits\n"
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1.0)
    waiting.kill()
    waiting.communicate()


GIVES_UP = """
import importlib, runpy, threading, time

def gives_up():
    threading.Thread(target=time.sleep, args=(600,)).start()

importlib.import_module("flwr.supernode.cli.flower_supernode").flower_supernode = gives_up
runpy.run_module("fedtranslate.federation.flower.node", run_name="__main__")
"""


def test_a_supernode_that_has_given_up_does_not_live_on_as_a_shell() -> None:
    done = subprocess.run([sys.executable, "-c", GIVES_UP], timeout=60, check=False)
    assert done.returncode == 1
