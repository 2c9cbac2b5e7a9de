"""Run programs in a container of docker or podman.

``FEDTRANSLATE_SANDBOX_IMAGE`` names the image.  It must hold the compilers: those of this machine
are not seen.  The container has no network, a root that cannot be written, no capabilities, and
limits that its engine holds.

What is not covered, besides flaws of the kernel and shared hardware:

- The engine: who may speak with docker's daemon is root on this machine, so whoever runs
  fedtranslate so must be trusted with that.
- The engine's own settings: its filter of system calls, which ours does not add to, and its /dev,
  in which a program may write a little.
- The disk: ``written_bytes`` is not held, only the size of each file.
- ``memory_bytes`` is not held, since engines have no limit of address space; ``resident_bytes`` is.
"""

import itertools
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from fedtranslate.checks.sandbox.job import Isolation, Job, Launch
from fedtranslate.checks.sandbox.limits import OPEN_FILES

IMAGE = "FEDTRANSLATE_SANDBOX_IMAGE"
_PROBE_SECONDS = 60.0
_numbers = itertools.count()


class Docker:
    """Contained by a container engine."""

    name = "docker"
    isolation = Isolation(network=True, files=True, processes=True)

    def unusable(self) -> str:
        """Return what is missing."""
        if not os.environ.get(IMAGE):
            return f"{IMAGE} names no image"
        return "" if _engine() else "neither docker nor podman was found"

    def find(self, program: str) -> Path | None:
        """Return where the image has the program."""
        return _find(program, os.environ.get(IMAGE, ""))

    def launch(self, job: Job) -> Launch:
        """Return the engine's command."""
        engine = _engine()
        name = f"fedtranslate-{os.getpid()}-{next(_numbers)}"
        words = [engine, "run", "--rm", "-i", "--init", "--name", name, *_contained(job)]
        folder = str(job.folder)
        words += ["-w", folder, "-v", f"{job.folder.resolve()}:{folder}"]
        for path in job.readable:
            real = path.resolve()
            for place in {real, Path(os.path.normpath(path.absolute()))}:
                words += ["-v", f"{real}:{place}:ro"]
        own = {"LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder, **job.environment}
        for key, value in own.items():
            words += ["-e", f"{key}={value}"]
        words += [os.environ.get(IMAGE, ""), *job.argv]
        passed = ("PATH", "HOME", "DOCKER_HOST", "XDG_RUNTIME_DIR")
        kept = {key: os.environ[key] for key in passed if key in os.environ}
        return Launch(words, kept, ending=[engine, "rm", "-f", name])


def _contained(job: Job) -> list[str]:
    limits = job.limits
    words = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--log-driver", "none"]
    words += ["--security-opt", "no-new-privileges", "--user", f"{os.getuid()}:{os.getgid()}"]
    words += ["--tmpfs", f"/tmp:rw,exec,nosuid,nodev,size={limits.temporary_bytes}"]  # noqa: S108
    words += ["--shm-size", str(limits.temporary_bytes), "--ulimit", "core=0"]
    words += ["--ulimit", f"nofile={OPEN_FILES}"]
    words += ["--ulimit", f"fsize={limits.file_bytes}"]
    cpu = limits.cpu_seconds
    if cpu is None and limits.seconds is not None:
        cpu = int(limits.seconds) + 1
    if cpu is not None:
        words += ["--ulimit", f"cpu={cpu}"]
    if limits.processes is not None:
        words += ["--pids-limit", str(limits.processes)]
    if limits.resident_bytes is not None:
        words += ["--memory", str(limits.resident_bytes)]
        words += ["--memory-swap", str(limits.resident_bytes)]
    return words


def _engine() -> str:
    return shutil.which("docker") or shutil.which("podman") or ""


@lru_cache
def _find(program: str, image: str) -> Path | None:
    script = ["--ulimit", f"nofile={OPEN_FILES}", "--entrypoint", "/bin/sh", image]
    script += ["-c", 'command -v -- "$0"', program]
    try:
        done = subprocess.run(
            [_engine(), "run", "--rm", "--network", "none", *script],
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = done.stdout.decode("utf-8", "replace").strip()
    return Path(said) if done.returncode == 0 and said else None
