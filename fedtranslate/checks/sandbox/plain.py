"""Run programs with limits and nothing else; only for those who ask for it.

Time, CPU, address space, sizes of files, output, memory, the number of processes and the
variables are limited as elsewhere.

What is not covered, besides all that bubblewrap does not cover:

- Files: a program reads, writes and deletes whatever its user may.
- The network.
- Where no control group can be made, a process that takes leave of its session and whose parent
  has ended: it is neither counted nor killed.
"""

import os
import shutil
from pathlib import Path

from fedtranslate.checks.sandbox.job import Isolation, Job, Launch
from fedtranslate.checks.sandbox.limits import limited
from fedtranslate.checks.sandbox.toolchains import toolchain
from fedtranslate.checks.sandbox.view import environment


class Plain:
    """Not contained."""

    name = "none"
    isolation = Isolation(network=False, files=False, processes=False)

    def unusable(self) -> str:
        """Return nothing: this can be had everywhere."""
        return ""

    def find(self, program: str) -> Path | None:
        """Return where this machine has the program."""
        found = shutil.which(program)
        return Path(found) if found else None

    def launch(self, job: Job) -> Launch:
        """Return the command with its limits."""
        variables = environment(job, toolchain(job.argv[0], os.environ))
        return Launch(limited(job.argv, job.limits), variables)
