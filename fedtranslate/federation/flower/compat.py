"""The parts of Flower that it does not promise to keep, and the version that has them.

Everything else in fedtranslate imports Flower's public names only, but for ``control``,
``executor``, ``link``, ``node`` and ``receiving``, which speak to its servers or start them, and
``mending`` and ``thrift``, which change its ways.
"""

import os
import time
from importlib.metadata import version
from types import SimpleNamespace

from flwr.app import Error, Message
from flwr.common.constant import ErrorCode
from flwr.supercore import heartbeat, sql_mixin
from flwr.supercore.corestate import in_memory_corestate, sql_corestate
from flwr.supercore.task_identity import TaskIdentity
from flwr.supernode import fleet_http_connection, start_client_internal

from fedtranslate.errors import InstallError

POLL_VARIABLE = "FEDTRANSLATE_POLL_SECONDS"
HEARTBEAT_VARIABLE = "FEDTRANSLATE_HEARTBEAT_SECONDS"
VERSION = "1.41.0"
"""The version whose internals are used here and in the modules named above."""
BEGIN_SECONDS = 120.0
"""How long the coordinator's app may take from being claimed to its first sign of life."""
REFUSED = "refused: "
"""How the reply of a site begins whose policy refuses; a code follows."""
_DATABASE = {"busy_timeout": "25000", "cache_size": "-8000", "mmap_size": "0"}
"""Milliseconds to wait for others that write, a little less than those wait who ask the SuperLink;
KiB, if negative, that a connection keeps; bytes that it maps."""


def check_version() -> None:
    """Refuse a Flower whose internals nobody has looked at.

    Raises:
        InstallError: Another version than ``VERSION`` is installed.
    """
    if (found := version("flwr")) != VERSION:
        raise InstallError(
            f"Flower {found} is installed, but fedtranslate works with {VERSION} only.",
            hint=f"pip install flwr=={VERSION}",
        )


def identify(run_id: int, node_id: int) -> None:
    """Say who this process is; without it no Flower message can be made."""
    TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = run_id, node_id, 1


def name_message(message: Message, message_id: str) -> None:
    """Give a message the id that a SuperLink would give it."""
    message.metadata.__dict__["_message_id"] = message_id


def restart_clock(message: Message) -> None:
    """Let the life time of a message begin now."""
    message.metadata.__dict__["_created_at"] = time.time()


def set_pace(poll_seconds: float, heartbeat_seconds: float) -> None:
    """Let the SuperNode or executor of this process look for work, and tell that it lives, often.

    A SuperNode takes an executor for dead after two heartbeats, and a SuperLink a SuperNode: both
    ends of the first must be given the same.  Less than ten seconds the SuperLink does not accept.
    """

    def sleep(seconds: float) -> None:
        time.sleep(min(seconds, poll_seconds))

    start_client_internal.time = SimpleNamespace(sleep=sleep)
    for module in (fleet_http_connection, heartbeat, in_memory_corestate):
        module.HEARTBEAT_DEFAULT_INTERVAL = heartbeat_seconds


def allow_slow_starts(seconds: float) -> None:
    """Let apps of the SuperLink of this process take so long to begin; stock, it is 30 seconds.

    How long it takes to miss an app that has begun stays as it is: a number of such intervals.
    """
    missed = sql_corestate.HEARTBEAT_PATIENCE * sql_corestate.HEARTBEAT_DEFAULT_INTERVAL
    sql_corestate.HEARTBEAT_DEFAULT_INTERVAL = seconds
    sql_corestate.HEARTBEAT_PATIENCE = missed / seconds


def set_pace_as_told() -> None:
    """Set the pace by the environment, or a usual one."""
    set_pace(
        float(os.environ.get(POLL_VARIABLE, "1")), float(os.environ.get(HEARTBEAT_VARIABLE, "10"))
    )


def set_patience() -> None:
    """Let the database of the SuperLink in this process wait for its turn, and keep little."""
    stock = dict(sql_mixin.SQLITE_PRAGMAS)
    sql_mixin.SQLITE_PRAGMAS = tuple({**stock, **_DATABASE}.items())


def error_reply(error: BaseException, message: Message) -> Message:
    """Return the reply to ``message`` that tells the class of ``error`` and nothing else."""
    told = Error(code=ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason=type(error).__name__)
    return Message(told, reply_to=message)


def refusal_reply(code: str, message: Message) -> Message:
    """Return the reply to ``message`` of a site whose policy refuses it, and the code of why."""
    told = Error(code=ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason=f"{REFUSED}{code}")
    return Message(told, reply_to=message)


def late_reply(message: Message) -> Message:
    """Return what stands for the reply to a message that outlived its time."""
    told = Error(code=ErrorCode.MESSAGE_UNAVAILABLE, reason="it did not answer in time")
    return Message(told, reply_to=message)
