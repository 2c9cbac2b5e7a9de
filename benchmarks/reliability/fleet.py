"""The programs of many sites on one machine, in little memory.

    python -m benchmarks.reliability.fleet SITE_FOLDER...

Each site has both its programs, as ``fedtranslate site up`` starts them: the one with the network
and its key, which speaks TLS to the door, and the one with the data, which has the policy, the
ledger and the trade.  Two things differ.  The programs do not load their libraries each for itself:
they are forks of this process, which has loaded them once.  And all have this process as their
supervisor: a program that ends is started again after a second.
"""

import ctypes
import gc
import importlib
import os
import runpy
import signal
import sys
import time
from pathlib import Path

from fedtranslate.federation.service.site import Part, service_programs
from fedtranslate.federation.site.enrolment.joining import joined
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.supervision.processes import free_ports
from fedtranslate.federation.supervision.supervisor import Program

_LIBRARIES = (
    "flwr.supernode.cli.flower_supernode",
    "fedtranslate.federation.flower.client_app",
    "flwr.supernode.runtime.run_clientapp",
    "benchmarks.reliability.trade",
)
_PAUSE_SECONDS = 1.0
_END_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


def main(folders: list[str]) -> None:
    """Start the programs of all sites, and wait until this process is ended."""
    for library in _LIBRARIES:
        importlib.import_module(library)
    # What was loaded is never collected: a collector that counts it would copy the shared pages.
    gc.collect()
    gc.freeze()
    running = {}
    for folder, port in zip(folders, free_ports(len(folders)), strict=True):
        place = SitePlace(Path(folder).resolve())
        place.logs.mkdir(parents=True, exist_ok=True)
        for program in service_programs(place, joined(place), Part.BOTH, port):
            log = place.logs / f"{program.name}.log"
            running[_forked(program, log)] = program, log
    while running:
        ended, _ = os.wait()
        time.sleep(_PAUSE_SECONDS)
        program, log = running.pop(ended)
        running[_forked(program, log)] = program, log


def _forked(program: Program, log: Path) -> int:
    """Start a program, and return its process."""
    process = os.fork()
    if process == 0:
        _become(program, log)
    return process


def _become(program: Program, log: Path) -> None:
    """Run a program of the form ``python -m MODULE ARGUMENT...`` in this process; never return."""
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGTERM)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output, descriptor)
    os.environ.update(program.environment)
    module, *arguments = program.argv[program.argv.index("-m") + 1 :]
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
