"""What a site does with a message, between the door and the trade.

The trade is a ``LocalTrainer``: it owns pairs, base model and optimiser, and nothing of it
outlives a round but what is on disk, so a site that was killed answers as if it had not been.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeAlias

from fedtranslate.adapters.factors import Adapter, is_finite
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.policy import Gate
from fedtranslate.errors import ConfigError, FederationError, TrainingError
from fedtranslate.federation.exchange import Introduction, SiteUpdate, Task, seed_of

DEFAULT_TRAINER = "fedtranslate.federation.site.lessons:open_trainer"
_MAX_RANK = 65_536
"""Of the joint adapter; stacking lets it grow from round to round."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a site brings along."""

    base_fingerprint: str
    data: str
    """Fingerprint of the site's pairs."""
    pairs: int
    """Training pairs."""
    shapes: Mapping[str, tuple[int, int]]
    """(out, in) of every adapted module."""
    batches: int = 0
    """Forward passes that take all training pairs once; 0 stands for one per pair."""


class LocalTrainer(Protocol):
    """The trade that a site plugs in."""

    def equipment(self) -> Equipment:
        """Return what the site brings along."""

    def train(self, joint: Adapter, task: Task, seed: int) -> SiteUpdate:
        """Evaluate ``joint`` on the validation pairs, then train from it.

        Args:
            joint: Checked to fit; not to be changed.
            task: With 0 steps, the evaluation is all.
            seed: Decides everything random; the same seed gives the same update.
        """

    def judge(
        self, candidate: Adapter, manifest: Manifest, folder: Path, gate: Gate
    ) -> tuple[bool, str] | None:
        """Put ``candidate`` through the site's gate, and install it if it is let in.

        Args:
            candidate: Checked to be whole; not to be changed.
            manifest: Of the candidate.
            folder: Of the site.
            gate: What the policy asks of it.

        Returns:
            Whether it is installed now, and why; None if there is nothing to judge it by.
        """


OpenTrainer: TypeAlias = Callable[[Path, str, RunSettings], LocalTrainer]
"""Opens a trainer from the site's TOML file, the site's name and the settings of the run."""


class SiteWorker:
    """One site in one run.

    Args:
        name: Of the site.
        settings: Of the run, as this site accepted them.
        trainer: The trade.
    """

    def __init__(self, name: str, settings: RunSettings, trainer: LocalTrainer) -> None:
        self.name = name
        self._settings = settings
        self._trainer = trainer

    def equipment(self) -> Equipment:
        """Return what the site brings along."""
        return self._trainer.equipment()

    def introduce(self) -> Introduction:
        """Return who this site is."""
        own = self.equipment()
        return Introduction(self.name, own.base_fingerprint, own.data, own.pairs, own.shapes)

    def start(self) -> Adapter:
        """Return the adapter that a run starts from, unless its method has another."""
        settings = self._settings
        rank, scaling = settings.lora.rank, settings.lora.scaling
        seed = seed_of(settings.seed, 0)
        return initial_adapter(self.equipment().shapes, rank=rank, scaling=scaling, seed=seed)

    def work(self, task: Task, joint: Adapter) -> SiteUpdate:
        """Do a task; what the coordinator sent is checked first, what goes out last.

        Raises:
            FederationError: The task is beyond the settings, or the adapter does not fit.
            TrainingError: The trained adapter is not finite.
        """
        self.check(task, joint)
        seed = seed_of(self._settings.seed, task.round, self.name)
        update = self._trainer.train(joint, task, seed)
        if update.adapter is not None and not is_finite(update.adapter):
            raise TrainingError(f"The adapter of {self.name} went to NaN in round {task.round}.")
        return update

    def check(self, task: Task, joint: Adapter) -> None:
        """Check what the coordinator sent.

        Raises:
            FederationError: The task is beyond the settings, or the adapter does not fit.
        """
        if task.steps not in (0, self._settings.steps):
            raise FederationError(
                f"{task.steps} steps are asked for; {self._settings.steps} were agreed."
            )
        shapes = {name: factors.shape for name, factors in joint.items()}
        if shapes != dict(self.equipment().shapes):
            raise FederationError("The joint adapter is for other modules than this site adapts.")
        rank = self._settings.lora.rank
        ranks = {factors.rank for factors in joint.values()}
        fits = max(ranks) <= _MAX_RANK if task.starts_afresh else ranks == {rank}
        if not fits or not is_finite(joint):
            raise FederationError("The joint adapter has a wrong rank, or is not finite.")

    def judge(
        self, candidate: Adapter, manifest: Manifest, folder: Path, gate: Gate
    ) -> tuple[bool, str] | None:
        """Put a release through the site's gate, as ``LocalTrainer.judge`` does."""
        return self._trainer.judge(candidate, manifest, folder, gate)


def open_trainer(name: str, site_file: Path, site: str, settings: RunSettings) -> LocalTrainer:
    """Open the trainer ``name``, written ``package.module:function``.

    The name comes from the site's own configuration, never from the coordinator.

    Raises:
        ConfigError: There is no such function.
    """
    module, _, function = name.partition(":")
    try:
        opened: OpenTrainer = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"The trainer {name!r} cannot be loaded: {error}.") from None
    return opened(site_file, site, settings)
