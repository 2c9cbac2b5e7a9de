"""What each run has taken from a site so far, on disk, so that ceilings outlive every restart.

A task is noted before it is worked on and its cost afterwards: a site that is killed in between
has been asked, and has at worst its seconds uncounted.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from fedtranslate.adapters.methods.method import BOTH, Part
from fedtranslate.config.files import locked, write_durably
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Task

FOLDER = "usage"
"""Below the folder of a site."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one round asked of the site."""

    joint: str
    """SHA-256 of the joint adapter."""
    task: str = ""
    """What was to be trained; empty while only the evaluation was asked for."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run has taken so far."""

    rounds: Mapping[int, Asked] = field(default_factory=dict)
    tasks: int = 0
    """Including those that were asked for again."""
    steps: int = 0
    epochs: float = 0.0
    """Passes over the site's pairs."""
    seconds: float = 0.0
    """Of training and evaluation."""
    bytes: int = 0
    """That left the site."""
    trials: tuple[str, ...] = ()
    """The joint adapters of some replies that were evaluated, by ``trial_key``."""

    @property
    def trained(self) -> int:
        """Return in how many rounds the site trained."""
        return sum(bool(asked.task) for asked in self.rounds.values())


def trial_key(joint: str) -> str:
    """Return what is noted of a joint adapter of some replies, from its SHA-256."""
    return joint[:16]


def wording(task: Task) -> str:
    """Return what ``task`` asks to train; empty when it asks for the evaluation only."""
    if not task.steps:
        return ""
    what = "" if task.trains == task.shares == BOTH else f" of {_listed(task.trains)}"
    kept = f", {_listed(task.personal)} for itself" if task.personal else ""
    return f"{task.steps} steps{what}{kept}"


def _listed(parts: frozenset[Part]) -> str:
    return " and ".join(sorted(part.upper() for part in parts))


class UsageBook:
    """The usage of all runs at one site, a file for each.

    Args:
        site_folder: Of the site.
    """

    def __init__(self, site_folder: Path) -> None:
        self._folder = site_folder / FOLDER

    def of(self, run: str) -> Usage:
        """Return what a run has taken.

        Raises:
            FederationError: The file is damaged; nothing is allowed until it is put right.
        """
        path = self._path(run)
        try:
            values = json.loads(path.read_text("utf-8"))
            rounds = {int(number): Asked(**asked) for number, asked in values["rounds"].items()}
            trials = tuple(map(str, values.get("trials", ())))
            return Usage(**{**values, "rounds": rounds, "trials": trials})
        except FileNotFoundError:
            return Usage()
        except (ValueError, TypeError, KeyError, AttributeError):
            raise FederationError(
                f"{path} is damaged.",
                hint="Put back a copy; without it, nobody knows what the run may still take.",
            ) from None

    def begin(self, run: str, task: Task, joint: str, epochs: float) -> None:
        """Note that a task begins: it passes ``epochs`` times over the site's pairs.

        Args:
            run: Its name.
            task: The task.
            joint: SHA-256 of the joint adapter.
            epochs: 0 when nothing is trained.
        """

        def begun(usage: Usage) -> Usage:
            if task.trial:
                tried = tuple(dict.fromkeys((*usage.trials, trial_key(joint))))
                return replace(usage, trials=tried, tasks=usage.tasks + 1)
            earlier = usage.rounds.get(task.round, Asked(joint))
            asked = Asked(joint, wording(task) or earlier.task)
            return replace(
                usage,
                rounds={**usage.rounds, task.round: asked},
                tasks=usage.tasks + 1,
                steps=usage.steps + task.steps,
                epochs=usage.epochs + epochs,
            )

        self._change(run, begun)

    def add(self, run: str, *, seconds: float = 0.0, bytes: int = 0) -> None:  # noqa: A002
        """Add to what a run has taken."""
        self._change(run, lambda u: replace(u, seconds=u.seconds + seconds, bytes=u.bytes + bytes))

    def _change(self, run: str, change: Callable[[Usage], Usage]) -> None:
        with self._locked():
            content = json.dumps(asdict(change(self.of(run))), indent=1)
            write_durably(self._path(run), content.encode())

    def _path(self, run: str) -> Path:
        return self._folder / f"{run}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with locked(self._folder / ".lock"):
            yield
