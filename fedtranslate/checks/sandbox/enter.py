"""Enter namespaces of one's own, and run a program there; ``unshare`` starts this file.

It imports nothing of fedtranslate, to start fast.  Its one argument is a plan in JSON::

    {"argv": [...], "folder": "...", "status": 5, "temporary_bytes": 1, "shown": [[source, place,
    is_writable], ...], "links": [[place, target], ...], "files": {name: text}, "devices": [...],
    "read_only_proc": [...], "masked_proc": [...], "filter": "in hexadecimal digits"}

To ``status`` it tells, in JSON, the first process of the new namespace, and later the exit code.
Three processes run: this one, which waits; the first of the namespace, which buries the dead; and
the program.  If one of the first two dies, the kernel kills the rest.
"""

# pathlib takes longer to load than all that is done here; /tmp is ours alone once it is mounted.
# ruff: noqa: PTH102, PTH103, PTH110, PTH112, PTH120, PTH123, PTH211, S108, S606

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

# The numbers of linux/sched.h, linux/mount.h, linux/prctl.h and linux/sockios.h.
_NEW_MOUNT, _NEW_CGROUP, _NEW_UTS, _NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_SPACES = _NEW_MOUNT | _NEW_CGROUP | _NEW_UTS | _NEW_IPC | _NEW_USER | _NEW_PID | _NEW_NET
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 32, 4096, 16384, 1 << 18
_NO_ATIME, _NO_DIR_ATIME, _RELATIVE_ATIME = 1024, 2048, 1 << 21
_STATVFS_RELATIVE_ATIME = 4096
_DETACH = 2
_DEATH_SIGNAL, _DROP_BOUNDING, _NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR_ALL = 1, 24, 38, 47, 4
_SECCOMP, _FILTER = 22, 2
_CAPABILITY_VERSION = 0x20080522
_SET_INTERFACE, _UP_AND_RUNNING = 0x8914, 0x41
_CAPABILITIES = 64

_libc = ctypes.CDLL(None, use_errno=True)
_syscall_pivot_root = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}


def main() -> None:
    """Enter the namespaces, and end as the program ends."""
    plan = json.loads(sys.argv[1])
    user, group = os.getuid(), os.getgid()
    _checked(_libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0))
    _checked(_libc.unshare(_SPACES), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    first = os.fork()
    if first == 0:
        _first(plan)
    _tell(plan["status"], {"child-pid": first})
    os._exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0xFF)


def _first(plan: dict[str, Any]) -> None:
    """Be the first process of the namespace."""
    _checked(_libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0))
    try:
        _build(plan)
        os.chdir(plan["folder"])
        _raise_loopback()
        socket.sethostname("sandbox")
        _write("/proc/sys/user/max_user_namespaces", "0")
        for name in plan["read_only_proc"]:
            _bind(f"/proc/{name}", f"/proc/{name}", _READ_ONLY)
        _mount(None, "/", None, _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | _NO_DEVICES)
        _mount(None, "/dev", None, _REMOUNT | _BIND | _READ_ONLY | _NO_SUID)
        _drop_capabilities()
    except OSError as error:
        _say(f"{error.strerror or error} ({error.filename or 'kernel'})")
        os._exit(1)
    program = os.fork()
    if program == 0:
        _become(plan)
    code = 0
    while True:
        try:
            dead, state = os.wait()
        except ChildProcessError:
            break
        if dead == program:
            code = os.waitstatus_to_exitcode(state)
            code = 128 - code if code < 0 else code
            _tell(plan["status"], {"exit-code": code})
            break
    os._exit(code)


def _become(plan: dict[str, Any]) -> None:
    """Become the program."""
    os.setsid()
    os.close(plan["status"])
    _filter_calls(bytes.fromhex(plan["filter"]))
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(plan["argv"][0], plan["argv"])
    except OSError as error:
        _say(f"{plan['argv'][0]}: {error.strerror}")
        os._exit(127)


def _build(plan: dict[str, Any]) -> None:
    """Put the file system together and move into it."""
    points = list(_mount_points())
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    _tmpfs("/tmp", 1 << 20, "755")
    os.mkdir("/tmp/new")
    os.mkdir("/tmp/old")
    _tmpfs("/tmp/new", 16 << 20, "755")
    _pivot_root("/tmp", "/tmp/old")
    os.chdir("/")
    os.mkdir("/new/proc")
    _mount("proc", "/new/proc", "proc", _NO_SUID | _NO_DEVICES | _NO_EXEC)
    for name in plan["masked_proc"]:
        _bind("/old/dev/null", f"/new/proc/{name}", 0)
    os.makedirs("/new/dev")
    os.mkdir("/new/tmp")
    _devices(plan["devices"], plan["temporary_bytes"])
    _tmpfs("/new/tmp", plan["temporary_bytes"], "1777")
    for source, place, is_writable in plan["shown"]:
        _show(source, place, is_writable, points)
    for place, target in plan["links"]:
        os.makedirs(f"/new{os.path.dirname(place)}", exist_ok=True)
        os.symlink(target, f"/new{place}")
    os.makedirs("/new/etc", exist_ok=True)
    for name, text in plan["files"].items():
        _write(f"/new{name}", text)
    os.chdir("/new")
    _pivot_root(".", ".")
    _checked(_libc.umount2(b".", _DETACH), "umount")
    os.chdir("/")


def _devices(names: list[str], temporary_bytes: int) -> None:
    _tmpfs("/new/dev", 1 << 20, "755")
    for name in names:
        _write(f"/new/dev/{name}", "")
        _mount(f"/old/dev/{name}", f"/new/dev/{name}", None, _BIND)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"/new/dev/{name}")
    os.mkdir("/new/dev/shm")
    _tmpfs("/new/dev/shm", temporary_bytes, "1777")


def _show(source: str, place: str, is_writable: bool, points: list[str]) -> None:
    """Bind a path, and make each file system below it read-only."""
    if os.path.isdir(f"/old{source}"):
        os.makedirs(f"/new{place}", exist_ok=True)
    elif not os.path.exists(f"/new{place}"):
        os.makedirs(os.path.dirname(f"/new{place}"), exist_ok=True)
        _write(f"/new{place}", "")
    _mount(f"/old{source}", f"/new{place}", None, _BIND | _RECURSIVE)
    below = [point for point in points if point.startswith(f"{source}/")]
    for path in (place, *(place + point[len(source) :] for point in below)):
        _restrict(f"/new{path}", 0 if is_writable else _READ_ONLY)


def _bind(source: str, place: str, flags: int) -> None:
    _mount(source, place, None, _BIND)
    if flags:
        _restrict(place, flags)


def _restrict(path: str, flags: int) -> None:
    """Add flags to those that a mount has; the kernel lets none of those go."""
    had = os.statvfs(path).f_flag
    kept = had & (_READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_EXEC | _NO_ATIME | _NO_DIR_ATIME)
    if had & _STATVFS_RELATIVE_ATIME:
        kept |= _RELATIVE_ATIME
    _mount(None, path, None, _REMOUNT | _BIND | kept | flags | _NO_SUID | _NO_DEVICES)


def _mount_points() -> Iterator[str]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        for line in stream:
            place = line.split()[4].encode("utf-8", "surrogateescape")
            for code, character in ((rb"\040", b" "), (rb"\011", b"\t"), (rb"\134", b"\\")):
                place = place.replace(code, character)
            yield os.fsdecode(place)


def _tmpfs(place: str, size: int, mode: str) -> None:
    _mount("tmpfs", place, "tmpfs", _NO_SUID | _NO_DEVICES, f"size={size},mode={mode}")


def _mount(
    source: str | None, place: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, place, kind)]
    more = None if options is None else options.encode()
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), more), place)


def _pivot_root(new: str, old: str) -> None:
    number = _syscall_pivot_root.get(os.uname().machine)
    if number is None:
        raise OSError(0, "this processor is not known", os.uname().machine)
    _checked(_libc.syscall(ctypes.c_long(number), os.fsencode(new), os.fsencode(old)), new)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        fcntl.ioctl(door, _SET_INTERFACE, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))


def _drop_capabilities() -> None:
    """Give up all capabilities, and every way to get one."""
    _checked(_libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0), "prctl")
    for number in range(_CAPABILITIES):
        if _libc.prctl(_DROP_BOUNDING, number, 0, 0, 0) != 0:
            break
    _checked(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")


def _filter_calls(rules: bytes) -> None:
    if rules:
        held = ctypes.create_string_buffer(rules, len(rules))
        program = struct.pack("@HP", len(rules) // 8, ctypes.addressof(held))
        _checked(_libc.prctl(_SECCOMP, _FILTER, program, 0, 0), "seccomp")


def _checked(result: int, about: str = "") -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), about)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(text)


def _tell(descriptor: int, news: dict[str, int]) -> None:
    os.write(descriptor, json.dumps(news).encode() + b"\n")


def _say(text: str) -> None:
    os.write(2, f"sandbox: {text}\n".encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        _say(f"{error.strerror or error} ({error.filename or 'kernel'})")
        sys.exit(1)
