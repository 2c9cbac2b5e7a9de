"""A contained program while it runs: watch what it uses, and end it with all that it started."""

import contextlib
import os
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from fedtranslate.checks.sandbox.group import make_group
from fedtranslate.checks.sandbox.job import Backend, Job, Launch
from fedtranslate.checks.sandbox.limits import Finished, Limits, Stop
from fedtranslate.checks.sandbox.lookout import LOOK_SECONDS, Lookout
from fedtranslate.checks.sandbox.streams import Streams
from fedtranslate.checks.sandbox.usage import exceeded, open_proc, processes_in, processes_of
from fedtranslate.errors import CheckError

_STATUS_SECONDS = 5.0
_END_SECONDS = 30.0
_HOLDER = re.compile(rb'"child-pid":\s*(\d+)\b(?=\D)')
_EXIT = re.compile(rb'"exit-code":\s*(\d+)\b(?=\D)')


class Process:
    """A program that was launched, and the processes that it started."""

    def __init__(self, launch: Launch, job: Job, *, stdin: int, stderr: int) -> None:
        self.launch = launch
        self._group = None if launch.ending else make_group(job.limits)
        self._status = launch.status
        self._told = b""
        self._proc: int | None = None
        self._held: int | None = None
        self._is_ended = False
        self._lock = threading.RLock()
        try:
            self.process = subprocess.Popen(
                self._group.entering(launch.argv) if self._group else launch.argv,
                cwd=job.folder,
                env=launch.environment,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                pass_fds=launch.inherited,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            if self._group:
                self._group.remove()
            self.close()
            raise CheckError(f"{launch.argv[0]} could not be started: {error}.") from error
        finally:
            launch.close_inherited()

    @property
    def holder(self) -> int | None:
        """The first process of the namespace, as it is numbered here; None when not known yet."""
        found = _HOLDER.search(self._told)
        return int(found[1]) if found else None

    @property
    def has_run(self) -> bool:
        """Whether the program itself was run; false when containing it failed."""
        return self.launch.status is None or _EXIT.search(self._told) is not None

    def exceeded(self, limits: Limits) -> Stop | None:
        """Return the limit that the processes exceed together, if any; may take long."""
        if self.launch.ending:
            return None
        with self._lock:
            if self._group:
                if self._group.has_run_out_of_memory():
                    return Stop.MEMORY
                limits = replace(limits, resident_bytes=None)  # the kernel holds it
            self._listen(0)
            if self._proc is None and (self.launch.status is None or self.holder is not None):
                self._proc = open_proc(self.holder)
            if self._proc is None:
                return None
            # Of its own, and not under the lock: while this reads, others may end the program.
            proc = os.dup(self._proc)
        try:
            if self.holder is not None:
                return exceeded(proc, processes_in(proc), limits)
            return exceeded(proc, processes_of(proc, self.process.pid), limits)
        except OSError:  # the namespace is gone
            return None
        finally:
            os.close(proc)

    def end(self) -> Stop | None:
        """Kill all processes, and wait until they are dead.

        Returns:
            The limit for which the kernel had killed one of them already, if any.
        """
        stopped = None
        with self._lock:
            if self._is_ended:
                return None
            self._is_ended = True
            if self.launch.status is not None:
                self._end_namespace()
            else:
                self._end_session()
            self._listen(0)
            if self._group:
                self._group.kill()
                stopped = Stop.MEMORY if self._group.has_run_out_of_memory() else None
                self._group.remove()
                self._group = None
        if self.launch.ending:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    self.launch.ending, capture_output=True, timeout=_END_SECONDS, check=False
                )
        return stopped

    def close(self) -> None:
        """Close the descriptors; what runs goes on."""
        with self._lock:
            for descriptor in (self._status, self._proc, self._held):
                if descriptor is not None:
                    os.close(descriptor)
            self._status = self._proc = self._held = None

    def _end_namespace(self) -> None:
        """Kill the first process of the namespace: the kernel then kills all others before it."""
        # A holder that nobody knows yet would survive the process that is to tell of it.
        until = time.monotonic() + _STATUS_SECONDS
        while self.holder is None and self._listen(until - time.monotonic()):
            pass
        if self._held is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._held, signal.SIGKILL)
        self._kill_group()
        if self._held is not None:
            _is_ready(self._held, _END_SECONDS)

    def _end_session(self) -> None:
        if not self.launch.ending and (proc := self._proc or open_proc(None)) is not None:
            for one in processes_of(proc, self.process.pid):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(one.pid, signal.SIGKILL)
            if proc != self._proc:
                os.close(proc)
        self._kill_group()

    def _kill_group(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _listen(self, seconds: float) -> bool:
        """Read what the launch tells of itself; tell whether more may come."""
        while self._status is not None:
            if not _is_ready(self._status, seconds):
                return False
            piece = os.read(self._status, 4096)
            self._told += piece
            if not piece:
                return False
            if self.holder is not None:
                seconds = 0
                self._hold(self.holder)
        return False

    def _hold(self, holder: int) -> None:
        """Keep hold of a process, whose number may be another's when it is dead."""
        if self._held is None:
            with contextlib.suppress(ProcessLookupError):
                self._held = os.pidfd_open(holder)


def execute(backend: Backend, job: Job, stdin: bytes) -> Finished:
    """Run a job to its end, or until it exceeds a limit.

    Raises:
        CheckError: The program could not be contained, and was not run.
    """
    launch = backend.launch(job)
    given = subprocess.PIPE if stdin else subprocess.DEVNULL
    running = Process(launch, job, stdin=given, stderr=subprocess.PIPE)
    streams = Streams(running.process, stdin, job.limits.output_bytes)
    lookout = Lookout(lambda: running.exceeded(job.limits))
    stopped: Stop | None = None
    try:
        stopped = _watch(lookout, streams, job.limits)
    finally:
        stopped = running.end() or stopped
        lookout.close()
        streams.close()
        running.close()
    out, err = streams.texts
    if stopped is None and not running.has_run:
        said = err.decode("utf-8", "replace").strip()
        raise CheckError(f"{backend.name} could not contain {job.argv[0]}: {said[-500:]}.")
    return Finished(
        exit_code=None if stopped else _exit_code(running),
        stdout=out,
        stderr=err,
        timed_out=stopped is Stop.TIME,
        truncated=streams.is_overfull,
        stopped=stopped,
    )


def keep(running: Process, limits: Limits, seconds: float) -> None:
    """Look every ``seconds`` at a program that others speak with, until it ends."""
    for _ in _looks(running.process, seconds):
        if running.exceeded(limits):
            running.end()


def _looks(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    try:
        end = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        while process.poll() is None:
            time.sleep(seconds)
            yield
        return
    try:
        while not _is_ready(end, seconds):
            yield
    finally:
        os.close(end)


def _is_ready(descriptor: int, seconds: float) -> bool:
    """Wait until something can be read, or the process that is meant has ended."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(1000 * max(0.0, seconds)))


def _watch(lookout: Lookout, streams: Streams, limits: Limits) -> Stop | None:
    """Wait for the end; return the limit that is exceeded before, if one is."""
    deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
    while True:
        if streams.is_overfull:
            return Stop.OUTPUT
        left = LOOK_SECONDS if deadline is None else deadline - time.monotonic()
        if left <= 0:
            return Stop.TIME
        if lookout.found:
            return lookout.found
        if streams.step(min(left, LOOK_SECONDS)):
            return None


def _exit_code(running: Process) -> int:
    code = int(running.process.returncode)
    is_told = running.launch.status is not None or bool(running.launch.ending)
    return 128 - code if is_told and 128 < code <= 128 + signal.NSIG else code
