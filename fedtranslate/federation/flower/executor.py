"""The process at a site that works: it has the code and the model, and no network but loopback.

It takes the place of flower-superexec beside a SuperNode in process isolation.  Three things
differ: it runs the installed ClientApp and never what is in a bundle, it refuses bundles that
the site has not allowed, and it stays, so the base model is loaded once and not per message.

    python -m fedtranslate.federation.flower.executor 127.0.0.1:9094 SECRET_FILE BUNDLE_SHA256...
"""

import hashlib
import os
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from flwr.app import Context, Message
from flwr.common.constant import SubStatus
from flwr.proto.runtime_pb2 import AcquireTaskRequest
from flwr.supercore.auth import load_superexec_auth_secret
from flwr.supercore.heartbeat import HeartbeatSender, make_task_heartbeat_fn_http
from flwr.supercore.interceptors import (
    RuntimeTokenHttpInterceptor,
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.retry import make_simple_http_retry_invoker
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.supernode.runtime.run_clientapp import pull_task_input, push_message, push_task_output

from fedtranslate.federation.flower import client_app, compat
from fedtranslate.federation.flower.thrift import be_thrifty

_POLL_SECONDS = 0.2
_IDLE_SECONDS = 1.0
_EAGER_SECONDS = 30.0
"""So long after a message the next one is looked for more often: a round sends several."""


def serve(address: str, secret_file: Path, allowed: Collection[str]) -> None:
    """Work on messages of the SuperNode at ``address`` until the process is stopped.

    Args:
        address: Host and port of the SuperNode's runtime interface, on this machine.
        secret_file: Shared with the SuperNode.
        allowed: SHA-256 of the bundles that may start runs here.
    """
    compat.check_version()
    compat.set_pace_as_told()
    be_thrifty()
    end_at_once()
    secret = load_superexec_auth_secret(secret_file=str(secret_file))
    protected = frozenset({"/flwr.proto.Runtime/AcquireTask"})
    signed = SuperExecAuthHttpInterceptor(master_secret=secret, protected_methods=protected)
    client = _client(address, "SuperExec", signed)
    eager_until = time.monotonic() + _EAGER_SECONDS
    while True:
        found = client.AcquireTask(AcquireTaskRequest(supported_task_types=["flwr-clientapp"]))
        if found.HasField("task") and found.token:
            _work(address, found.token, allowed)
            eager_until = time.monotonic() + _EAGER_SECONDS
        else:
            time.sleep(_POLL_SECONDS if time.monotonic() < eager_until else _IDLE_SECONDS)


def end_at_once() -> None:
    """End this process at SIGINT, whatever it does.

    Flower raises that signal when the SuperNode has given up the task in hand, as after a run was
    stopped.  An exception in the midst of anything could leave locks behind; all that is on the
    disk survives, and the supervisor starts another process.
    """
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))


def _client(address: str, component: str, interceptor: Any) -> RuntimeHttpClient:  # noqa: ANN401
    return RuntimeHttpClient.from_server_address(
        server_address=address,
        insecure=True,
        root_certificates=None,
        interceptors=[RuntimeVersionHttpInterceptor(component_name=component), interceptor],
        retry_invoker=make_simple_http_retry_invoker(),
    )


def _work(address: str, token: str, allowed: Collection[str]) -> None:
    client = _client(address, "flwr-clientapp", RuntimeTokenHttpInterceptor(token))
    heartbeat = HeartbeatSender(make_task_heartbeat_fn_http(client))
    heartbeat.start()
    context: Context | None = None
    status, details = SubStatus.FAILED, "failed"
    try:
        message, context, _, fab = pull_task_input(client)
        reply = _answered(message, context, hashlib.sha256(fab.content).hexdigest() in allowed)
        push_message(client, reply, context)
        status, details = SubStatus.COMPLETED, ""
    finally:
        push_task_output(client, context, status, details)
        heartbeat.stop()
        client.close()


def _answered(message: Message, context: Context, is_allowed: bool) -> Message:
    if not is_allowed:
        return client_app.refuse_bundle(message, context)
    try:
        return client_app.app(message, context)
    except Exception as error:
        # The app catches its own; this is Flower around it, and still nobody else's business.
        return compat.error_reply(error, message)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
