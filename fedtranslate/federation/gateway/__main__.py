"""``python -m fedtranslate.federation.gateway DIR [--behind]``: the door of a coordinator.

The access log goes to standard error.  Ends with 0 after SIGTERM, and with 2 and one sentence
where it cannot start.
"""

import argparse
import logging
import resource
import signal
import sys
import time
from pathlib import Path

from fedtranslate.errors import FedTranslateError
from fedtranslate.federation.coordinator.founding import open_folder
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.gateway.accesslog import AccessLog
from fedtranslate.federation.gateway.door import Door
from fedtranslate.federation.gateway.enrolment import enrolment
from fedtranslate.federation.gateway.proxy import link_client
from fedtranslate.federation.gateway.serving import serve

_FILES = 8_192


def main() -> int:
    """Serve until told to end; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m fedtranslate.federation.gateway")
    parser.add_argument("folder", type=Path, help="of the coordinator")
    parser.add_argument(
        "--behind", action="store_true", help="only the enrolment, without TLS, behind nginx"
    )
    given = parser.parse_args()
    _log_to_standard_error()
    _allow_files()
    # uvicorn raises the signal again once it has ended, for the handler that was here before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    place = CoordinatorPlace(given.folder.resolve())
    try:
        settings = open_folder(place)
        log = AccessLog(logging.getLogger("fedtranslate.access").info, time.monotonic)
        link = None
        if not given.behind:
            link = lambda: link_client(settings.link_port, place.ca_certificate)  # noqa: E731
        serve(Door(enrolment(settings, place), log, link), settings, place, behind=given.behind)
    except FedTranslateError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _log_to_standard_error() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("fedtranslate").setLevel(logging.INFO)
    # Of each stranger that speaks no HTTP it would say so.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _allow_files() -> None:
    """Allow as many open files as the system does: a connection is one, or two."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


if __name__ == "__main__":
    sys.exit(main())
