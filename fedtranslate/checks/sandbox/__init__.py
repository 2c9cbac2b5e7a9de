"""Run compilers and generated programs contained: with limits, alone, and without network.

Every program gets limits of time, memory, processes, sizes of files and of output; one folder in
which it may write; a scrubbed environment; and, in all back-ends but ``none``, a file system
without the home and a machine without network.  ``choose`` says which back-end is taken, and each
back-end says in its own module what it does not cover; none covers flaws of the kernel.

``describe`` tells what is in use here.  Where nothing contains programs, running them is refused.
"""

from fedtranslate.checks.sandbox.choose import Description, describe, find_program
from fedtranslate.checks.sandbox.collect import collect, scratch
from fedtranslate.checks.sandbox.job import Isolation
from fedtranslate.checks.sandbox.limits import Finished, Limits, Stop
from fedtranslate.checks.sandbox.running import kill_group, run, start
from fedtranslate.checks.sandbox.usage import members

__all__ = [
    "Description",
    "Finished",
    "Isolation",
    "Limits",
    "Stop",
    "collect",
    "describe",
    "find_program",
    "kill_group",
    "members",
    "run",
    "scratch",
    "start",
]
