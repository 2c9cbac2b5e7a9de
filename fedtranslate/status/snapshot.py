"""One coordinator's folder, read again and again: only what has changed since is read anew."""

import secrets
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from fedtranslate.config.coordinator import CoordinatorSettings, read_coordinator
from fedtranslate.config.federation import Name
from fedtranslate.errors import ConfigError
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.files import STOP_FILE, plain, stamp_of
from fedtranslate.status.history import History
from fedtranslate.status.register import Register
from fedtranslate.status.releases import Releases
from fedtranslate.status.runs import RunReader, Told
from fedtranslate.status.views import Happening, Run, Snapshot

_MAX_RUNS = 1_000
_NAME = TypeAdapter[str](Name)
_STOPPABLE = ("ordered", "running", "waiting", "interrupted", "stopping")


class Watched:
    """Reads the folder of a coordinator; several threads may use it.

    Args:
        place: The folder; whatever is missing in it is shown as missing.
    """

    def __init__(self, place: CoordinatorPlace) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._register = Register(place)
        self._releases = Releases(place.releases)
        self._readers: dict[str, RunReader] = {}
        self._settings: tuple[object, CoordinatorSettings | None] = (None, None)
        self._latest: Snapshot | None = None
        self._version = 0
        self.history = History()
        self.start = secrets.token_hex(4)
        """Names this process: numbers of versions and events begin anew with each."""

    def look(self, now: float) -> tuple[int, Snapshot]:
        """Return the folder as it is at ``now``, and a number that grows when that changes."""
        with self._lock:
            found = self._read(now)
            if found != self._latest:
                self._latest = found
                self._version += 1
            return self._version, found

    def events_after(self, number: int, limit: int, run: str = "") -> list[Happening]:
        """Return the oldest events behind ``number`` that the last look has found."""
        with self._lock:
            return self.history.after(number, limit, run)

    def events_before(self, number: int, limit: int, run: str = "") -> list[Happening]:
        """Return the newest events before ``number``, newest first."""
        with self._lock:
            return self.history.before(number, limit, run)

    def settings(self) -> CoordinatorSettings | None:
        """Return the coordinator's settings; None if they are missing or wrong."""
        return self._read_settings()

    def names(self) -> tuple[str, ...]:
        """Return the names by which the coordinator is reached, as its settings have them."""
        settings = self._read_settings()
        return settings.names if settings is not None else ()

    def ask_to_stop(self, run: Run) -> bool:
        """Leave word that a run shall stop; tell whether it is one that can be stopped.

        The coordinator's programs act on it.
        """
        if run.state not in _STOPPABLE:
            return False
        # Not through a link that somebody has put there.
        path = self._place.run(run.name) / STOP_FILE
        if not path.is_symlink():
            path.touch(mode=0o600)
        return True

    def _read(self, now: float) -> Snapshot:
        settings = self._read_settings()
        happened = self._register.look()
        runs: list[Run] = []
        for name in self._run_names():
            run, told = self._readers[name].look(now)
            runs.append(run)
            happened += _of_run(name, told)
        self.history.add(happened)
        others = {site for run in runs for site in run.sites}
        problems = [self._register.problem]
        if settings is None:
            problems.append(f"{self._place.settings.name} is missing or wrong.")
        return Snapshot(
            federation=settings.federation if settings else "",
            organisation=plain(settings.organisation) if settings else "",
            sites=self._register.sites(others, now),
            runs=tuple(sorted(runs, key=lambda one: (_began(one), one.name), reverse=True)),
            releases=self._releases.look(),
            last_event=self.history.last,
            problems=tuple(problem for problem in problems if problem),
        )

    def _read_settings(self) -> CoordinatorSettings | None:
        stamp = stamp_of(self._place.settings)
        if self._settings[0] != stamp:
            try:
                self._settings = (stamp, read_coordinator(self._place.settings))
            except (ConfigError, OSError, ValueError):
                self._settings = (stamp, None)
        return self._settings[1]

    def _run_names(self) -> list[str]:
        names = sorted(_folders(self._place.runs))[:_MAX_RUNS]
        self._readers = {
            name: self._readers.get(name) or RunReader(self._place.run(name)) for name in names
        }
        return names


def _folders(runs: Path) -> list[str]:
    try:
        return [path.name for path in runs.iterdir() if _is_name(path.name) and _is_real(path)]
    except OSError:
        return []


def _is_name(name: str) -> bool:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True


def _is_real(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _of_run(name: str, told: Iterable[Told]) -> list[Happening]:
    return [
        Happening(0, name, "", one.kind, one.round, one.text, one.values, one.time) for one in told
    ]


def _began(run: Run) -> float:
    """Return when a run was last started, as far as anybody noted it."""
    first = datetime.fromisoformat(run.first).timestamp() if run.first else 0.0
    return max(first, run.started)
