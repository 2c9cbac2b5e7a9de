"""What a run has done so far, on disk, so that a killed run goes on where it was.

    RUN/run.json                         settings, key, fingerprints of base and data
    RUN/status.json                      running, waiting, completed or failed, and why
    RUN/events.jsonl                     what happened, line by line, for those who watch
    RUN/round-00003/adapter.safetensors  the joint adapter after round 3, with manifest.json
    RUN/round-00003/round.json           who took part, with which weight and losses
    RUN/round-00003/evaluation.json      how good that adapter is, as the sites measured it
    RUN/round-00003/contribution.json    what each reply was worth, if it was to be found out

A round appears as a whole, by one rename, or not at all (``roundfolder``).  This module loads no
arithmetic, so that whoever only looks at a run is quick.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fedtranslate.config.federation import RunSettings
from fedtranslate.config.files import locked, open_plain, read_plain, write_durably
from fedtranslate.errors import FederationError

if TYPE_CHECKING:
    from fedtranslate.federation.exchange import Introduction

RUN_FILE = "run.json"
STATUS_FILE = "status.json"
EVENTS_FILE = "events.jsonl"
FORMAT = 1
_NOT_IN_KEY = {
    "rounds",
    "personal_from",
    "round_seconds",
    "join_seconds",
    "rejoin_seconds",
    "contribution",
    "coalitions",
    "released_to",
}
"""Settings that say how long to go on or to wait, what to find out besides, or who gets what comes
out, not what that is."""

_MOST_LOSS = 1e300
"""More is damage; sums of less are finite."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run, for those who watch."""

    kind: str
    """started, left-out, round, evaluated, contribution, completed, failed, interrupted, waiting or
    damaged."""
    round: int
    text: str
    """A full sentence."""
    values: Mapping[str, float] = field(default_factory=dict)
    time: str = ""
    """When it was written, in UTC and ISO 8601."""


@dataclass(frozen=True, slots=True)
class Score:
    """One site's evaluation of a joint adapter on its own validation pairs."""

    loss: float
    """Summed over ``tokens``."""
    tokens: int


def settings_key(settings: RunSettings) -> str:
    """Return 16 hex digits: equal for runs that differ only in how many rounds they go."""
    plain = {name: RunSettings.model_fields[name].default for name in _NOT_IN_KEY}
    return settings.model_copy(update=plain).fingerprint()


class Journal:
    """The folder of one run.

    Args:
        folder: Made if missing.
        now: Gives the time for events.
    """

    def __init__(self, folder: Path, now: Callable[[], str]) -> None:
        self.folder = folder
        self._now = now

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from working on this run; the lock dies with the process.

        Raises:
            FederationError: Another process works on it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        busy = FederationError(
            f"Another process is at work on the run in {self.folder}.",
            hint="Wait until it is done, or stop it.",
        )
        with locked(self.folder / ".lock", busy):
            yield

    def check(self, settings: RunSettings) -> None:
        """Refuse to work in the folder of another run.

        Raises:
            FederationError: The folder holds a run of other settings.
        """
        self._about(settings)

    def begin(
        self, settings: RunSettings, sites: Mapping[str, "Introduction"], *, liars: int = 0
    ) -> None:
        """Note the settings and the sites; a run of other settings is refused.

        Args:
            settings: Of the run.
            sites: That are there.
            liars: How many sites may say what is not so, as the run's rule bears them.

        Raises:
            FederationError: The folder holds a run of other settings or another base model.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        about = self._about(settings)
        base = next(iter(sites.values())).base_fingerprint
        if about.get("base_fingerprint", base) != base:
            raise FederationError(
                f"The run in {self.folder} began with the base model of fingerprint "
                f"{about['base_fingerprint']}; the sites now have {base}.",
                hint="Give them the model that it began with, or start anew in another folder.",
            )
        known = {name: site.data for name, site in sites.items()} | _data(about, self.folder)
        about = {
            "format": FORMAT,
            "key": settings_key(settings),
            "base_fingerprint": base,
            "settings": settings.model_dump(mode="json"),
            "data": dict(sorted(known.items())),
            "liars": liars,
        }
        write_json(self.folder / RUN_FILE, about)

    def changed(self, sites: Mapping[str, "Introduction"]) -> set[str]:
        """Return the sites whose pairs are not those that they had when the run began.

        Raises:
            FederationError: The folder is damaged.
        """
        path = self.folder / RUN_FILE
        known = _data(read_json(path), self.folder) if path.exists() else {}
        return {name for name, site in sites.items() if known.get(name, site.data) != site.data}

    def set_status(self, state: str, reason: str = "", *, wanted: int = 0) -> None:
        """Note that the run is running, waiting, interrupted, completed or failed, and why.

        With ``wanted``, also how many sites have to be there before it is worth going on.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        status: dict[str, Any] = {"state": state, "reason": reason}
        write_json(self.folder / STATUS_FILE, status | ({"wanted": wanted} if wanted else {}))

    def tell(self, kind: str, number: int, text: str, **values: float) -> None:
        """Append an event."""
        self.folder.mkdir(parents=True, exist_ok=True)
        event = Event(kind, number, text, values, self._now())
        with (self.folder / EVENTS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(event)) + "\n")

    def save_evaluation(self, number: int, scores: Mapping[str, Score]) -> None:
        """Keep how good the joint adapter of a round is; the first evaluation counts."""
        if read_evaluation(self.folder, number) is None:
            values = {name: asdict(score) for name, score in sorted(scores.items())}
            write_json(round_folder(self.folder, number) / "evaluation.json", values)

    def has_evaluation(self, number: int) -> bool:
        """Tell whether the joint adapter of a round was evaluated."""
        return read_evaluation(self.folder, number) is not None

    def sweep(self) -> None:
        """Remove what a killed process left half written."""
        for leftover in self.folder.glob(".round-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _about(self, settings: RunSettings) -> dict[str, Any]:
        """Return what the folder says of its run; nothing if it is new."""
        path = self.folder / RUN_FILE
        if not path.exists():
            return {}
        try:
            about = read_json(path)
        except FederationError as error:
            raise FederationError(str(error), hint=_begin_anew(self.folder)) from error
        if about.get("format") != FORMAT or about.get("key") != settings_key(settings):
            raise FederationError(
                f"{self.folder} holds a run with other settings than {settings.name}.",
                hint="Choose another folder, or give the settings that it began with.",
            )
        return about


def _data(about: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Return the fingerprint of every site's pairs, as the file of a run has them."""
    data = about.get("data", {})
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise FederationError(f"{folder / RUN_FILE} is damaged.", hint=_begin_anew(folder))
    return data


def _begin_anew(folder: Path) -> str:
    return f"Delete {folder} to start the run anew, or choose another folder."


def round_folder(folder: Path, number: int) -> Path:
    """Return where the run in ``folder`` keeps a round; ``load_adapter`` reads it."""
    return folder / f"round-{number:05d}"


def read_round(folder: Path, number: int) -> dict[str, Any]:
    """Return the record of a round.

    Raises:
        FederationError: It is missing or damaged.
    """
    path = round_folder(folder, number) / "round.json"
    record = read_json(path)
    # Not by isinstance: true is an int to Python, and equals 1.
    kinds = [type(record.get(key)) for key in ("checksum", "format", "round")]
    tables = [record.get(key, {}) for key in ("replies", "left_out")]
    if (
        kinds != [str, int, int]
        or (record["format"], record["round"]) != (FORMAT, number)
        or not all(isinstance(table, dict) for table in tables)
    ):
        raise FederationError(f"{path} is not the record of round {number}.")
    return record


def read_evaluation(folder: Path, number: int) -> dict[str, Score] | None:
    """Return the sites' scores of a round's joint adapter; None if missing or damaged."""
    try:
        values = read_json(round_folder(folder, number) / "evaluation.json")
        scores = {name: _score(value) for name, value in values.items()}
    except (FederationError, KeyError, TypeError, ValueError, OverflowError):
        return None
    sound = all(0 <= s.loss <= _MOST_LOSS and 0 <= s.tokens < 2**63 for s in scores.values())
    return scores if sound else None


def _score(values: Mapping[str, Any]) -> Score:
    if any(isinstance(values[key], bool) for key in ("loss", "tokens")):
        raise TypeError("a truth is no number")
    return Score(float(values["loss"]), int(values["tokens"]))


def read_events(folder: Path, offset: int = 0) -> Iterator[tuple[Event, int]]:
    """Yield the events from a byte offset on, each with the offset behind it.

    A line that is damaged is told as such, at the place where it is.

    Raises:
        FederationError: The file cannot be read.
    """
    path = folder / EVENTS_FILE
    if not path.exists():
        return
    try:
        opened = open_plain(path)
    except OSError as error:
        raise FederationError(f"{path} cannot be read: {error.strerror}.") from None
    with opened as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield _event(line), offset


def _event(line: bytes) -> Event:
    try:
        event = Event(**json.loads(line))
        if all(isinstance(text, str) for text in (event.kind, event.text, event.time)):
            return event
    except (ValueError, TypeError, RecursionError):
        pass
    return Event("damaged", 0, "This line of the journal is damaged.")


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file of the journal.

    Raises:
        FederationError: It is missing or damaged.
    """
    try:
        values = json.loads(read_plain(path))
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise FederationError(f"{path} cannot be read: {why}.") from None
    if not isinstance(values, dict):
        raise FederationError(f"{path} is damaged.")
    return values


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a JSON object so that a crash leaves the old file or the new one."""
    write_durably(path, (json.dumps(values, indent=2) + "\n").encode())


def dominant(weights: Mapping[str, float]) -> tuple[str, float] | None:
    """Return the site that has more than half of the weight, and its share; None if none has."""
    name = max(weights, key=lambda site: weights[site], default="")
    share = weights[name] / sum(weights.values()) if name and weights[name] > 0 else 0.0
    return (name, share) if share > 0.5 else None


def mean_losses(rounds: Sequence[Mapping[str, Score]]) -> list[float]:
    """Return the loss per token of every round, over sites that evaluated all of them.

    Rounds are compared on the same code only.  If no site evaluated every round, each round
    takes the sites it has; a round that nobody could evaluate is infinitely bad.
    """
    common = set.intersection(*(set(scores) for scores in rounds))
    if not sum(scores[name].tokens for scores in rounds for name in common):
        common = set().union(*rounds)
    return [
        _per_token([scores[name] for name in sorted(common & set(scores))]) for scores in rounds
    ]


def _per_token(scores: Sequence[Score]) -> float:
    tokens = sum(score.tokens for score in scores)
    return sum(score.loss for score in scores) / tokens if tokens else float("inf")
