"""The machine that a site works on: files, disk, memory, base models, languages, compilers."""

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from fedtranslate.checks.compilers import compiler_found
from fedtranslate.errors import ModelError, UnknownNameError
from fedtranslate.federation.site.doctor.check import Check, bad, good, weak
from fedtranslate.federation.site.lessons import cached_base
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.models.load import weights_bytes

_LEAST_DISK, _GOOD_DISK = 200e6, 2e9
"""Bytes: for ledger, usage and a few adapters; and for a base model of some size besides."""
_FACTOR = 3.0
"""Memory that training takes, for each byte of weights as they are stored: in float32 twice what
bfloat16 takes, and the other half for activations and optimiser."""
_CGROUP = Path("/sys/fs/cgroup")


def files(place: SitePlace) -> Iterator[Check]:
    """Yield whether secrets are for their owner only, and whether loopback can be listened at."""
    # The two parts of a site may be two users, who share one secret through a group.
    forbidden = {place.key: 0o077, place.next_key: 0o077, place.executor_secret: 0o037}
    open_to_others = [
        path
        for path, bits in forbidden.items()
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & bits
    ]
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others)
        fix = f"chmod 600 {names}; if others could read them, rotate the key, too."
        yield bad("secrets", f"others than the owner may read {names}", fix)
    elif place.key.exists():
        yield good("secrets", "keys and secrets are for their owner only")
    try:
        with socket.create_server(("127.0.0.1", 0)):
            yield good("ports", "programs can listen at loopback; nothing listens elsewhere")
    except OSError as error:
        fix = "The network and the data process speak over loopback: let them."
        yield bad("ports", f"loopback cannot be listened at: {error.strerror}", fix)


def disk(place: SitePlace) -> Iterator[Check]:
    """Yield how much room the site's folder has."""
    folder = next(path for path in (place.root, *place.root.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB are free at {place.root}"
    fix = "Make room: what cannot be written to the ledger does not leave, and rounds are lost."
    if not os.access(folder, os.W_OK):
        fix = "Give the user that the site runs as the right to write there."
        yield bad("disk", f"{place.root} cannot be written", fix)
    elif free < _LEAST_DISK:
        yield bad("disk", found, fix)
    else:
        yield weak("disk", found, fix) if free < _GOOD_DISK else good("disk", found)


def memory(base: str) -> Iterator[Check]:
    """Yield whether training on ``base`` fits into what memory is free."""
    name = f"memory for {base}"
    size = weights_bytes(base)
    free = available_bytes()
    if size is None:
        fix = "The first run downloads it; have three times its size free."
        yield weak(name, "its size is not known before it is loaded", fix)
        return
    needed = int(size * _FACTOR)
    found = f"about {needed / 1e9:.2f} GB are needed, {free / 1e9:.1f} GB are free{_gpu()}"
    if needed > free:
        yield bad(name, found, "Use a machine with more memory, or a smaller base model.")
    else:
        yield good(name, found)


def fits(base: str) -> bool:
    """Tell whether ``base`` may be loaded at all."""
    size = weights_bytes(base)
    return size is None or size * _FACTOR <= available_bytes()


def base_model(base: str) -> Iterator[Check]:
    """Yield whether a base model can be loaded, if it fits into memory."""
    name = f"base {base}"
    if not fits(base):
        yield bad(name, "not loaded, as memory would not do", "See memory above.")
        return
    try:
        model = cached_base(base)
    except ModelError as error:
        yield bad(name, str(error), "Correct policy.bases, or put the model there.")
        return
    yield good(name, f"loads, fingerprint {model.fingerprint}")


def language(name: str) -> Iterator[Check]:
    """Yield whether a language can be parsed here."""
    try:
        pack = load_pack(name)
        parse_problems("", pack)
    except UnknownNameError as error:
        yield bad(f"grammar {name}", str(error), "Correct policy.languages, or add a pack.")
        return
    how = "grammar" if pack.grammar else "rules"
    yield good(f"grammar {name}", f"{pack.title} is parsed by {how}")


def compiler(name: str) -> Iterator[Check]:
    """Yield whether translations into a language can be compiled here."""
    found = compiler_found(load_pack(name))
    if not found.name:
        yield good(f"compiler {name}", "the language has no compile check")
    elif found.path is None:
        fix = f"{found.help} Rounds go on without it; the gate then judges by text alone."
        yield weak(f"compiler {name}", f"{found.name} is missing", fix)
    else:
        yield good(f"compiler {name}", found.version or str(found.path))


def available_bytes() -> int:
    """Return how much memory a new program can have, in a container, too."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        text = Path("/proc/meminfo").read_text("ascii")
        lines = dict(line.split(":", 1) for line in text.splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError):
        pass
    try:
        most = int((_CGROUP / "memory.max").read_text("ascii"))
        used = int((_CGROUP / "memory.current").read_text("ascii"))
    except (OSError, ValueError):
        return free
    return min(free, max(0, most - used))


def _gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        return "; no GPU"
    free, _ = torch.cuda.mem_get_info()
    return f"; {torch.cuda.get_device_name(0)} has {free / 1e9:.1f} GB free"
