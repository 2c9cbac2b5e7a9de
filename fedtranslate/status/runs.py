"""One run, read again and again: only what has changed since is read anew."""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fedtranslate.errors import FederationError
from fedtranslate.status.files import (
    EVENTS_FILE,
    MAX_NAME,
    ORDER_FILE,
    RUN_FILE,
    STATUS_FILE,
    STOP_FILE,
    Lines,
    count,
    is_there,
    moment,
    number,
    plain,
    read_object,
    stamp_of,
    table,
)
from fedtranslate.status.rounds import FILES, read_round
from fedtranslate.status.settings import formats_text, method_text
from fedtranslate.status.views import Round, Run

_OVER = ("stopped", "completed", "failed")
_STATES = ("ordered", "running", "waiting", "interrupted", *_OVER)
_ROUND = re.compile(r"round-(\d{1,6})")
_MAX_ROUNDS = 10_001
_MAX_VALUES = 20
_GRACE_SECONDS = 60.0
_DAMAGED = "A line of this journal cannot be read."
_TICK_SECONDS = 0.1
"""Longer than the steps of a file system's clock: two changes within one have the same time."""
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the run's journal."""

    kind: str
    round: int | None
    text: str
    values: dict[str, float] = field(default_factory=dict)
    time: str = ""


class RunReader:
    """Reads the folder of one run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines = Lines(folder / EVENTS_FILE)
        self._rounds: dict[int, tuple[_Stamp | None, Round]] = {}
        self._damaged: dict[int, tuple[_Stamp, ...]] = {}
        self._files: dict[str, tuple[_Stamp, dict[str, Any], str]] = {}
        self._first = self._last = ""
        self._seen: tuple[_Stamp | None, _Stamp] | None = None
        self._now = 0.0
        self._run: Run | None = None

    def look(self, now: float) -> tuple[Run, list[Told]]:
        """Return the run as it is ``now``, and the events since the last look."""
        self._now = now
        stamps = stamp_of(self._folder), stamp_of(self._folder / EVENTS_FILE)
        run = self._run
        if run is not None and run.state in _OVER and not run.problems and stamps == self._seen:
            return run, []
        told = []
        for line in self._lines.new():
            event = _told(line, self._last)
            self._first, self._last = self._first or event.time, event.time
            told.append(event)
        self._seen = self._settled(stamps[0]), stamps[1]
        self._run = self._read()
        return self._run, told

    def _read(self) -> Run:
        order, no_order = self._object(ORDER_FILE)
        about, not_begun = self._object(RUN_FILE)
        status, no_status = self._object(STATUS_FILE)
        rounds = self._all_rounds()
        settings = table(about.get("settings")) or table(order.get("settings"))
        problems = [*(text for text in (no_order, not_begun, no_status) if text)]
        problems += [f"Round {one.number}: {one.problem}" for one in rounds if one.problem]
        state, cause = _state(order, status, stops=is_there(self._folder / STOP_FILE))
        has_rounds = any(one.number for one in rounds)
        if no_status or (state == "ordered" and not status and has_rounds):
            state, cause = "unknown", no_status or f"{STATUS_FILE} is missing."
        return Run(
            name=self._folder.name,
            state=state,
            cause=cause,
            rounds=rounds,
            of=count(settings.get("rounds")),
            sites=_sites(order, about, rounds),
            source=plain(settings.get("source"), MAX_NAME),
            target=plain(settings.get("target"), MAX_NAME),
            method=method_text(settings),
            robust=plain(settings.get("robust"), MAX_NAME),
            formats=formats_text(settings),
            base=plain(settings.get("base"), 2 * MAX_NAME),
            started=count(order.get("started")) or 0,
            first=self._first,
            last=self._last,
            patience=_GRACE_SECONDS
            + (number(settings.get("round_seconds")) or 3600.0)
            + (number(settings.get("join_seconds")) or 300.0),
            problems=tuple(problems),
        )

    def _object(self, name: str) -> tuple[dict[str, Any], str]:
        """Return what a file says, and what is wrong with it; one that is not there is empty."""
        stamp = stamp_of(self._folder / name)
        known = self._files.get(name)
        if known is None or known[0] != stamp or known[2]:
            values: dict[str, Any] = {}
            problem = ""
            try:
                values = read_object(self._folder / name) if stamp[0] else {}
            except FederationError as error:
                problem = str(error)
            known = self._files[name] = (stamp, values, problem)
        return known[1], known[2]

    def _all_rounds(self) -> tuple[Round, ...]:
        found: dict[int, tuple[_Stamp | None, Round]] = {}
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    match = _ROUND.fullmatch(entry.name)
                    if match and entry.is_dir(follow_symlinks=False):
                        at, about = int(match.group(1)), entry.stat(follow_symlinks=False)
                        stamp = (about.st_ino, about.st_mtime_ns, about.st_size)
                        found[at] = self._round(entry.path, at, stamp)
        except OSError:
            return tuple(kept for _, kept in self._rounds.values())
        self._rounds = dict(sorted(found.items())[-_MAX_ROUNDS:])
        return tuple(kept for _, kept in self._rounds.values())

    def _round(self, folder: str, at: int, stamp: _Stamp) -> tuple[_Stamp | None, Round]:
        known = self._rounds.get(at)
        if known is not None and known[0] == stamp and not self._may_have_mended(folder, known[1]):
            return known
        made = read_round(Path(folder), at)
        kept = known[1] if known is not None and known[1] == made else made
        return self._settled(stamp), kept

    def _may_have_mended(self, folder: str, damaged: Round) -> bool:
        """Tell whether a round has to be read again because its files may be whole by now.

        What is half written becomes whole without a sign of that at the folder.
        """
        if not damaged.problem:
            return False
        stamps = tuple(stamp_of(Path(folder, name)) for name in FILES)
        if self._damaged.get(damaged.number) == stamps:
            return False
        self._damaged[damaged.number] = stamps
        return True

    def _settled(self, stamp: _Stamp) -> _Stamp | None:
        """Return the stamp of a folder if any later change must change it; else None."""
        return stamp if self._now - stamp[1] / 1e9 > _TICK_SECONDS else None


def _state(order: dict[str, Any], status: dict[str, Any], *, stops: bool) -> tuple[str, str]:
    """Return state and cause, as ``federation.coordinator.orders`` tells them."""
    state, cause = status.get("state", "ordered"), plain(status.get("reason"))
    if state not in _STATES:
        return "unknown", "status.json has a state that this version does not know."
    if order.get("wish") == "stop" and state != "completed":
        return "stopped", "It was stopped by hand."
    if stops and state not in _OVER:
        return "stopping", "It was asked to stop."
    if state in ("running", "ordered", "completed"):
        return str(state), ""
    return str(state), cause


def _sites(
    order: dict[str, Any], about: dict[str, Any], rounds: tuple[Round, ...]
) -> tuple[str, ...]:
    listed = order.get("sites")
    names = {plain(name, MAX_NAME) for name in listed} if isinstance(listed, list) else set()
    names |= {plain(name, MAX_NAME) for name in table(about.get("data"))}
    for one in rounds:
        names |= one.replies.keys() | one.left_out.keys() | one.scores.keys()
    return tuple(sorted(name for name in names if name))


def _told(line: bytes | None, before: str) -> Told:
    """Return the event of a line; without a time of its own it has the one ``before``."""
    try:
        values = json.loads(line) if line is not None else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return Told("damaged", None, _DAMAGED, time=before)
    figures = {
        plain(name, MAX_NAME): figure
        for name, value in list(table(values.get("values")).items())[:_MAX_VALUES]
        if (figure := number(value)) is not None
    }
    return Told(
        plain(values.get("kind"), MAX_NAME) or "unknown",
        count(values.get("round")),
        plain(values.get("text")),
        figures,
        moment(values.get("time")) or before,
    )
