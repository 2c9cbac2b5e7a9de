"""A filter of system calls: what compilers never ask of the kernel, and hostile programs might.

Refused, as if the kernel did not know them: memory that belongs to no process and so is counted
nowhere (``memfd_create``, ``memfd_secret``, ``shmget``); and doors behind which flaws of the kernel
were often found (``bpf``, ``io_uring``, ``perf_event_open``, ``userfaultfd``, the kernel's keys).
A program for another processor than this machine's, 32-bit ones included, is killed.

Not covered: all other system calls, and processors other than x86-64 and ARM64, for which there is
no filter.

Reference: The BPF of linux/bpf_common.h and linux/seccomp.h; seccomp(2).
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets in the kernel's struct seccomp_data."""
_ALLOW, _KILL, _UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050000 | 38
_COMPATIBILITY = 0x40000000
"""Calls of x32 begin here; they go by other numbers."""


@dataclass(frozen=True, slots=True)
class _Processor:
    audit: int
    """Its number in linux/audit.h."""
    refused: Sequence[int]


# memfd_create, memfd_secret, shmget, bpf, perf_event_open, userfaultfd, add_key, request_key,
# keyctl; the three of io_uring have the same numbers everywhere.
_RING = (425, 426, 427)
_PROCESSORS = {
    "x86_64": _Processor(0xC000003E, (319, 447, 29, 321, 298, 323, 248, 249, 250, *_RING)),
    "aarch64": _Processor(0xC00000B7, (279, 447, 194, 280, 241, 282, 217, 218, 219, *_RING)),
}


def call_filter() -> bytes:
    """Return the filter as the kernel reads it; empty for a processor that is not known."""
    processor = _PROCESSORS.get(os.uname().machine)
    if processor is None:
        return b""
    refused = [(_AT_LEAST, _COMPATIBILITY), *((_EQUAL, one) for one in processor.refused)]
    rules = [
        _rule(_LOAD, _ARCHITECTURE),
        _rule(_EQUAL, processor.audit, if_true=1),
        _rule(_RETURN, _KILL),
        _rule(_LOAD, _NUMBER),
    ]
    for index, (test, number) in enumerate(refused):
        rules.append(_rule(test, number, if_true=len(refused) - index))
    return b"".join([*rules, _rule(_RETURN, _ALLOW), _rule(_RETURN, _UNKNOWN)])


def _rule(code: int, value: int, *, if_true: int = 0) -> bytes:
    """Return one instruction; a test that holds skips ``if_true`` others."""
    return struct.pack("=HBBI", code, if_true, 0, value)
