"""What is to be run, how a back-end runs it, and what a back-end promises."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fedtranslate.checks.sandbox.limits import Limits


@dataclass(frozen=True, slots=True)
class Job:
    """One program, the place where it runs, and what it may see and use."""

    argv: Sequence[str]
    folder: Path
    """Absolute; where the program runs, and the one place where it may write."""
    limits: Limits
    readable: Sequence[Path]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Launch:
    """A command of this machine that runs a job contained."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    inherited: Sequence[int] = ()
    """Descriptors that it inherits; they are to be closed here once it runs."""
    status: int | None = None
    """Where it tells, in JSON, the process that holds all others (``child-pid``), and later the
    ``exit-code``; None when it tells nothing and is the program itself."""
    ending: Sequence[str] = ()
    """The command that ends what killing the process does not; such a launch holds its limits
    itself."""

    def close_inherited(self) -> None:
        """Close this process's copies of what was inherited."""
        for descriptor in self.inherited:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a back-end keeps from a program."""

    network: bool
    """No network, not even the loopback of this machine."""
    files: bool
    """All files but its folder, what was named as readable, and the system's programs."""
    processes: bool
    """Processes of others are not seen, and none of its own survives."""


class Backend(Protocol):
    """A way to run a program contained."""

    name: str
    isolation: Isolation

    def unusable(self) -> str:
        """Return why it cannot even be tried here; empty when it can."""

    def find(self, program: str) -> Path | None:
        """Return where a program is, as it is named inside."""

    def launch(self, job: Job) -> Launch:
        """Return the command that runs a job."""
