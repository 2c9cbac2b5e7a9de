"""Train the rows that stand beside the federated one: local, personalised, central.

All rows use the same loop, settings and number of optimiser steps: a local model takes as many
as its site spends over all rounds; the central one takes the sum of all sites' steps, so that
every row has seen each pair equally often.  Each chooses its best checkpoint on validation pairs.
Every adapter is kept on disk and not trained again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.store import MANIFEST_FILE, Manifest, load_adapter, save_adapter
from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.exchange import seed_of
from fedtranslate.federation.site.lessons import Lessons
from fedtranslate.models.lora import lora, write_adapter
from fedtranslate.training.examples import Example
from fedtranslate.training.loop import train

OnStep = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Schooling:
    """What one row learns from, and for how long."""

    name: str
    """Of the row and, where there is one, its site; also of its folder."""
    examples: Sequence[Example]
    validation: Sequence[Example]
    start: Adapter
    steps: int
    validate_every: int
    rate: float = 1.0
    """Share of the learning rate that it begins with."""


def local(site: Lessons) -> Schooling:
    """The site alone, from the start that all sites share."""
    settings = site.settings
    return Schooling(
        name=f"local-{site.corpus.name}",
        examples=site.train_examples,
        validation=site.validation_examples,
        start=starting_adapter(site),
        steps=settings.rounds * settings.steps,
        validate_every=settings.steps,
    )


def personalised(site: Lessons, joint: Adapter) -> Schooling:
    """The ``joint`` adapter of the personal round, finished by the site alone."""
    settings = site.settings
    return Schooling(
        name=f"personalised-{site.corpus.name}",
        examples=site.train_examples,
        validation=site.validation_examples,
        start=joint,
        steps=(settings.rounds - settings.personal_round) * settings.steps,
        validate_every=settings.steps,
        rate=settings.round_decay**settings.personal_round,
    )


def central(sites: Sequence[Lessons]) -> Schooling:
    """All pairs in one place: the ceiling that privacy forbids."""
    settings = sites[0].settings
    return Schooling(
        name="central",
        examples=[example for site in sites for example in site.train_examples],
        validation=[example for site in sites for example in site.validation_examples],
        start=starting_adapter(sites[0]),
        steps=len(sites) * settings.rounds * settings.steps,
        validate_every=len(sites) * settings.steps,
    )


def starting_adapter(site: Lessons) -> Adapter:
    """Return the adapter that the federation starts from as well."""
    settings = site.settings
    return initial_adapter(
        site.equipment().shapes,
        rank=settings.lora.rank,
        scaling=settings.lora.scaling,
        seed=seed_of(settings.seed, 0),
    )


def schooled(
    site: Lessons, schooling: Schooling, folder: Path, on_step: OnStep | None = None
) -> Adapter:
    """Return the adapter of a row: from ``folder`` if it is there, else trained and kept.

    Args:
        site: Lends the base model and the settings.
        schooling: What is learned.
        folder: Of this row; a checkpoint lies beside it while training goes on.
        on_step: Called after each step with its number and loss.
    """
    settings, base = site.settings, site.base
    if (folder / MANIFEST_FILE).exists():
        return load_adapter(folder, base_fingerprint=base.fingerprint, base_name=base.name)[0]
    if schooling.steps == 0:
        save_adapter(folder, schooling.start, _manifest(site, settings))
        return schooling.start
    checkpoint = folder.with_name(folder.name + ".checkpoint")
    with lora(base, settings.lora) as model:
        write_adapter(model, schooling.start)
        learned = train(
            base,
            model,
            schooling.examples,
            settings.training.model_copy(
                update={
                    "validate_every": schooling.validate_every,
                    "learning_rate": settings.training.learning_rate * schooling.rate,
                }
            ),
            steps=schooling.steps,
            seed=seed_of(settings.seed, 0, schooling.name),
            validation=schooling.validation,
            checkpoint=checkpoint,
            on_step=on_step,
        )
    save_adapter(folder, learned.adapter, _manifest(site, settings))
    checkpoint.unlink(missing_ok=True)
    return learned.adapter


def _manifest(site: Lessons, settings: RunSettings) -> Manifest:
    return Manifest(
        base=settings.base,
        base_fingerprint=site.base.fingerprint,
        source_language=settings.source,
        target_language=settings.target,
        rank=settings.lora.rank,
        alpha=settings.lora.alpha,
        rslora=settings.lora.rslora,
        settings=settings.fingerprint(),
    )
