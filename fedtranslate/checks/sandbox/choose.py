"""Which back-end contains programs here: the strongest that works, or the one that is asked for.

``FEDTRANSLATE_SANDBOX`` asks: ``auto`` (the default), ``bubblewrap``, ``unshare``, ``docker`` or
``none``.  ``auto`` never ends with ``none``: where nothing contains programs, none is run.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fedtranslate.checks.sandbox.bubblewrap import Bubblewrap
from fedtranslate.checks.sandbox.docker import Docker
from fedtranslate.checks.sandbox.group import can_make_groups
from fedtranslate.checks.sandbox.job import Backend, Isolation, Job
from fedtranslate.checks.sandbox.limits import Limits, counts_processes_by_namespace
from fedtranslate.checks.sandbox.plain import Plain
from fedtranslate.checks.sandbox.process import execute
from fedtranslate.checks.sandbox.unshare import Unshare
from fedtranslate.errors import CheckError, UnknownNameError

CHOICE = "FEDTRANSLATE_SANDBOX"
_TRIAL = Limits(seconds=30.0)
_BACKENDS: Mapping[str, Backend] = {
    backend.name: backend for backend in (Bubblewrap(), Unshare(), Docker(), Plain())
}
"""From the strongest to the weakest."""
_ADVICE = (
    "On Debian and Ubuntu, apt-get install bubblewrap; where the kernel forbids user namespaces, "
    "set FEDTRANSLATE_SANDBOX_IMAGE to an image with the compilers, for docker or podman. Only for "
    f"texts that you trust: {CHOICE}=none."
)


@dataclass(frozen=True, slots=True)
class Description:
    """Which back-end is in use, and why no other."""

    name: str
    """Empty when no program is run here."""
    isolation: Isolation
    passed_over: Mapping[str, str]
    """Those that would have come before it, and why they cannot be used."""
    is_held_by_kernel: bool
    """Whether the kernel holds the number of processes.  Where it does not, they are counted now
    and then: a program that starts many at once is killed, but slows the machine down before."""


def chosen() -> Backend:
    """Return the back-end that contains programs here.

    Raises:
        CheckError: None does, or not the one that is asked for.
        UnknownNameError: What is asked for is no back-end.
    """
    name = _asked()
    if name != "auto":
        if reason := _unusable(name):
            raise CheckError(f"{CHOICE}={name} cannot be used here: {reason}.", hint=_ADVICE)
        return _BACKENDS[name]
    reasons = {}
    for name, backend in _BACKENDS.items():
        if name == "none":
            break
        if not (reason := _unusable(name)):
            return backend
        reasons[name] = reason
    said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    raise CheckError(f"No compiler is run here, since nothing contains it ({said}).", hint=_ADVICE)


def describe() -> Description:
    """Return which back-end is in use, and why no stronger one.

    Raises:
        UnknownNameError: What is asked for is no back-end.
    """
    asked = _asked()
    names = list(_BACKENDS) if asked == "auto" else [asked]
    reasons: dict[str, str] = {}
    for name in names:
        if name == "none" and asked == "auto":
            break
        if not (reason := _unusable(name)):
            return Description(name, _BACKENDS[name].isolation, reasons, _is_held(name))
        reasons[name] = reason
    return Description("", Isolation(True, True, True), reasons, is_held_by_kernel=True)


def find_program(name: str) -> Path | None:
    """Return where the program ``name`` is; None when it is nowhere, or nothing may run here."""
    try:
        return chosen().find(name)
    except CheckError:
        return _BACKENDS["none"].find(name)


def _is_held(name: str) -> bool:
    by_namespace = name in ("bubblewrap", "unshare") and counts_processes_by_namespace()
    return can_make_groups() or name == "docker" or (by_namespace and os.getuid() != 0)


def _asked() -> str:
    name = os.environ.get(CHOICE) or "auto"
    if name != "auto" and name not in _BACKENDS:
        raise UnknownNameError("sandbox", name, ("auto", *_BACKENDS))
    return name


def _unusable(name: str) -> str:
    return _tried(
        name, os.environ.get("PATH", ""), os.environ.get("FEDTRANSLATE_SANDBOX_IMAGE", "")
    )


@lru_cache
def _tried(name: str, _path: str, _image: str) -> str:
    """Run a program in a back-end, once; return why that is not possible, or nothing."""
    backend = _BACKENDS[name]
    if reason := backend.unusable():
        return reason
    with tempfile.TemporaryDirectory(prefix="fedtranslate-trial-") as folder:
        job = Job(["true"], Path(folder), _TRIAL, readable=(), environment={})
        try:
            done = execute(backend, job, b"")
        except CheckError as error:
            return str(error).rstrip(".")
    if done.exit_code != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        return f"a trial ended with {done.exit_code or done.stopped}: {said[-300:]}"
    return ""
