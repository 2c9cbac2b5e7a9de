"""Run programs in namespaces that we make ourselves, where bubblewrap is missing or too old.

The kernel's means are the same, put to use by ``enter``: namespaces for users, processes, network,
mounts, host name and System V objects, a file system put together from what ``view`` lists, no
capability.  So it covers what bubblewrap covers, and what is not covered there is not covered here.
It comes second because fewer eyes have looked at it, and because it starts more slowly.
"""

import ctypes
import json
import os
import shutil
import sys
from pathlib import Path

from fedtranslate.checks.sandbox.filter import call_filter
from fedtranslate.checks.sandbox.job import Isolation, Job, Launch
from fedtranslate.checks.sandbox.limits import counts_processes_by_namespace, limited
from fedtranslate.checks.sandbox.view import DEVICES, MASKED_PROC, READ_ONLY_PROC, view

_ENTER = Path(__file__).with_name("enter.py")


class Unshare:
    """Contained by our own use of the kernel's namespaces."""

    name = "unshare"
    isolation = Isolation(network=True, files=True, processes=True)

    def unusable(self) -> str:
        """Return what is missing."""
        if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "unshare"):
            return "this is not Linux"
        return "" if sys.executable else "the path of this Python is not known"

    def find(self, program: str) -> Path | None:
        """Return where this machine has the program."""
        found = shutil.which(program)
        return Path(found) if found else None

    def launch(self, job: Job) -> Launch:
        """Return the command that enters the namespaces."""
        seen = view(job)
        told, telling = os.pipe()
        own = counts_processes_by_namespace()
        plan = {
            "argv": limited(job.argv, job.limits, has_own_processes=own),
            "folder": str(job.folder),
            "status": telling,
            "temporary_bytes": job.limits.temporary_bytes,
            "shown": [[str(one.source), str(one.place), one.is_writable] for one in seen.shown],
            "links": [[str(place), target] for place, target in seen.links],
            "files": {
                name: text.decode("utf-8", "surrogateescape") for name, text in seen.files.items()
            },
            "devices": DEVICES,
            "read_only_proc": [one for one in READ_ONLY_PROC if Path("/proc", one).is_dir()],
            "filter": call_filter().hex(),
            "masked_proc": [one for one in MASKED_PROC if Path("/proc", one).exists()],
        }
        words = [sys.executable, "-I", "-S", "-B", str(_ENTER), json.dumps(plan)]
        return Launch(words, seen.environment, inherited=[telling], status=told)
