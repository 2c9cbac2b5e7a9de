"""What a site does with a message, between the door and the trade.

The trade is a ``LocalTrainer``: it owns pairs, base model and optimiser, and nothing of it
outlives a round but what is on disk, so a site that was killed answers as if it had not been.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeAlias

from fedtranslate.adapters.factors import Adapter, is_finite
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import FOLDED, Joint
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.policy import Gate
from fedtranslate.errors import ConfigError, FederationError, TrainingError
from fedtranslate.federation.exchange import Introduction, SiteUpdate, Task, seed_of
from fedtranslate.federation.site.personal import PersonalBook, with_own, without_own
from fedtranslate.federation.sketch import FEWEST, salt_of, sketched

DEFAULT_TRAINER = "fedtranslate.federation.site.lessons:open_trainer"
_HEADER_BYTES = 4_096
"""More than the file of a release has beside its numbers, for each module and once."""


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
    rank: int = 0
    """Of the site's own adapter, where that is less than the run's; 0 where it is the run's."""
    batches: int = 0
    """Forward passes that take all training pairs once; 0 stands for one per pair."""


class LocalTrainer(Protocol):
    """The trade that a site plugs in."""

    def equipment(self) -> Equipment:
        """Return what the site brings along."""

    def api_names(self) -> Collection[str]:
        """Return the names that the site's training pairs use; asked by runs with signatures."""

    def train(self, joint: Joint, task: Task, seed: int) -> SiteUpdate:
        """Evaluate ``joint`` on the validation pairs, then train its adapter.

        Args:
            joint: Checked to fit; not to be changed.  What it folds belongs to the base model.
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
        folder: Where the site keeps what is its own; with methods that share all, unused.
    """

    def __init__(
        self, name: str, settings: RunSettings, trainer: LocalTrainer, folder: Path
    ) -> None:
        self.name = name
        self._settings = settings
        self._trainer = trainer
        self._method = find_method(settings.method)
        self._personal = PersonalBook(folder, settings.name)

    def equipment(self) -> Equipment:
        """Return what the site brings along."""
        return self._trainer.equipment()

    def introduce(self) -> Introduction:
        """Return who this site is."""
        own, signature = self.equipment(), ""
        if self._settings.signature == "apis":
            names = self._trainer.api_names()
            if len(names) >= FEWEST:
                signature = sketched(names, salt_of(self._settings))
        return Introduction(
            self.name,
            own.base_fingerprint,
            own.data,
            own.pairs,
            own.shapes,
            signature=signature,
        )

    def start(self) -> Adapter:
        """Return the adapter that a run starts from, unless its method has another."""
        settings = self._settings
        rank, scaling = settings.lora.rank, settings.lora.scaling
        seed = seed_of(settings.seed, 0)
        return initial_adapter(self.equipment().shapes, rank=rank, scaling=scaling, seed=seed)

    def work(self, task: Task, packed: Adapter) -> SiteUpdate:
        """Do a task; what the coordinator sent is checked first, what goes out last.

        Args:
            task: The task.
            packed: What came with it, as of ``Joint.packed``.

        Raises:
            FederationError: The task is beyond the settings, or the adapter does not fit.
            TrainingError: The trained adapter is not finite.
        """
        self.check(task, packed)
        joint, lora = Joint.of(packed), self._settings.lora
        rank = self.equipment().rank or lora.rank
        begun = self._method.started(joint.adapter, rank, lora.scaling)
        if task.personal:
            begun = with_own(begun, self._personal.before(task.round))
        seed = seed_of(self._settings.seed, task.round, self.name)
        update = self._trainer.train(replace(joint, adapter=begun), task, seed)
        if update.adapter is None:
            return update
        if not is_finite(update.adapter):
            raise TrainingError(f"The adapter of {self.name} went to NaN in round {task.round}.")
        if not task.personal:
            return update
        self._personal.keep(task.round, update.adapter, task.personal)
        shared = without_own(update.adapter, joint.adapter, task.personal)
        return replace(update, adapter=shared)

    def check(self, task: Task, packed: Adapter) -> None:
        """Check what the coordinator sent.

        Raises:
            FederationError: The task is beyond the settings, or the adapter does not fit.
        """
        if task.steps not in (0, self._settings.steps):
            raise FederationError(
                f"{task.steps} steps are asked for; {self._settings.steps} were agreed."
            )
        self.check_shapes({name: (one.rank, *one.shape) for name, one in packed.items()})
        if not is_finite(packed):
            raise FederationError("The joint adapter holds NaN or infinity.")

    def check_shapes(self, told: Mapping[str, tuple[int, int, int]]) -> None:
        """Check what the joint adapter is said to be, before it takes memory.

        Args:
            told: Rank, out and in of each module, as of ``Joint.packed``.

        Raises:
            FederationError: It does not fit.
        """
        known = dict(self.equipment().shapes)
        shapes = {name: one for name, one in told.items() if not name.startswith(FOLDED)}
        folded = {name.removeprefix(FOLDED): told[name] for name in told.keys() - shapes.keys()}
        sides = {name: (out, columns) for name, (_, out, columns) in folded.items()}
        if {name: tuple(one[1:]) for name, one in shapes.items()} != known or not (
            sides.items() <= known.items()
        ):
            raise FederationError("The joint adapter is for other modules than this site adapts.")
        if folded and not self._method.folds:
            raise FederationError("Something shall be folded into the base, against the method.")
        # A product has no more rank than the smaller of its sides.
        fits = {one[0] for one in shapes.values()} == {self._settings.lora.rank} and all(
            rank <= min(sides) for rank, *sides in folded.values()
        )
        if not fits:
            raise FederationError(
                f"The joint adapter has another rank than the run's, {self._settings.lora.rank}."
            )

    def most_bytes(self) -> int:
        """Return how much the file of a release of this run may weigh: all that fits the model."""
        floats = sum(
            (min(out, columns) + self._settings.lora.rank) * (out + columns)
            for out, columns in self.equipment().shapes.values()
        )
        return 4 * floats + _HEADER_BYTES * (1 + len(self.equipment().shapes))

    def judge(
        self, candidate: Adapter, manifest: Manifest, folder: Path, gate: Gate
    ) -> tuple[bool, str] | None:
        """Put a release through the site's gate, as ``LocalTrainer.judge`` does.

        The site's own part of its round, if the method leaves one, is judged and installed with it.
        """
        options = self._method.complete(self._settings.method_options)
        if manifest.round and self._method.phase(manifest.round, options).personal:
            candidate = with_own(candidate, self._personal.before(manifest.round + 1))
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
