"""The trade of a site: its own pairs, its base model, and what one round teaches.

The base model is loaded once per process, whatever the number of sites and rounds in it; the
optimiser is made anew in each round, so that a site that was killed answers as if it had not been.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch
from torch import nn

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.federation import RunSettings, SiteSettings, read_site
from fedtranslate.config.policy import Gate
from fedtranslate.corpus.apinames import api_names
from fedtranslate.corpus.site import SiteCorpus, load_site
from fedtranslate.errors import TrainingError
from fedtranslate.federation.exchange import SiteUpdate, Task
from fedtranslate.federation.site.installing import offer
from fedtranslate.federation.site.worker import Equipment
from fedtranslate.models.load import BaseModel, load_base
from fedtranslate.models.lora import adapted_shapes, lora, merged, write_adapter
from fedtranslate.records import CodePair
from fedtranslate.training.batches import epoch_rows
from fedtranslate.training.examples import Encoded, encode_pairs
from fedtranslate.training.loop import evaluate_loss, train

cached_base = cache(load_base)
"""One base model per name and process: loading it is the dear part of a round."""


class Lessons:
    """One site's pairs and base model, ready for the rounds of a run.

    Args:
        corpus: The site's pairs.
        settings: Of the run.
        rank: Of the site's own adapter; 0 takes the run's.

    Raises:
        TrainingError: All training pairs are too long to learn from.
    """

    def __init__(self, corpus: SiteCorpus, settings: RunSettings, rank: int = 0) -> None:
        torch.set_num_threads(settings.threads)
        self.corpus = corpus
        self.settings = settings
        self.base: BaseModel = cached_base(settings.base)
        renamed = settings.training.renamed
        learned = self._encode(corpus.split.train, renamed=renamed)
        self.train_examples, self.too_long = learned.examples, learned.too_long
        self.validation_examples = self._encode(corpus.split.validation, renamed=0).examples
        if not self.train_examples:
            raise TrainingError(
                f"All training pairs of site {corpus.name!r} are longer than"
                f" training.max_tokens ({settings.training.max_tokens}).",
                hint="Raise it, or cut the pairs into smaller units.",
            )
        self._equipment = Equipment(
            base_fingerprint=self.base.fingerprint,
            data=fingerprint((*corpus.split.train, *corpus.split.validation)),
            pairs=len(corpus.split.train),
            shapes=adapted_shapes(self.base, settings.lora),
            rank=rank,
            batches=self._batches(),
        )

    def equipment(self) -> Equipment:
        """Return what the site brings along."""
        return self._equipment

    def api_names(self) -> frozenset[str]:
        """Return the names that the site's training pairs use."""
        return api_names(self.corpus.split.train)

    def train(self, joint: Joint, task: Task, seed: int) -> SiteUpdate:
        """Evaluate ``joint`` on the validation pairs, then train its adapter."""
        decay = self.settings.round_decay ** (task.round - 1)
        training = self.settings.training.model_copy(
            update={
                "learning_rate": self.settings.training.learning_rate * decay,
                # A round does not know how many will follow: the rate falls between rounds.
                "schedule": "constant",
                "validate_every": 0,
            }
        )
        with self._prepared(joint) as model:
            heard = evaluate_loss(self.base, model, self.validation_examples, training)
            learned = task.steps and train(
                self.base,
                model,
                self.train_examples,
                training,
                steps=task.steps,
                seed=seed,
                anchor=joint.adapter,
                trains=task.trains,
            )
        losses = learned.losses if learned else ()
        return SiteUpdate(
            adapter=learned.adapter if learned else None,
            pairs=self._equipment.pairs,
            train_loss=sum(losses) / max(1, len(losses)),
            validation_loss=heard.total,
            validation_tokens=heard.tokens,
            validation_pairs=len(self.validation_examples),
        )

    def judge(
        self, candidate: Adapter, manifest: Manifest, folder: Path, gate: Gate
    ) -> tuple[bool, str] | None:
        """Put ``candidate`` through the gate on the site's validation pairs."""
        pairs = self.corpus.split.validation
        if not pairs or manifest.base_fingerprint != self.base.fingerprint:
            return None
        decision = offer(self.base, candidate, manifest, pairs, folder, name="release", gate=gate)
        return decision.installed, decision.reason

    @contextmanager
    def _prepared(self, joint: Joint) -> Iterator[nn.Module]:
        """Yield the model with the adapter of ``joint`` on it, and what that folds in its base."""
        shape = self.settings.lora.of_rank(next(iter(joint.adapter.values())).rank)
        with merged(self.base, joint.folded), lora(self.base, shape) as model:
            write_adapter(model, joint.adapter)
            yield model

    def _batches(self) -> int:
        batch_tokens = self.settings.training.batch_tokens
        return len(epoch_rows(self.train_examples, batch_tokens=batch_tokens, seed=None))

    def _encode(self, pairs: Sequence[CodePair], *, renamed: int) -> Encoded:
        training = self.settings.training
        return encode_pairs(
            self.base,
            pairs,
            max_tokens=training.max_tokens,
            both_directions=training.both_directions,
            renamed=renamed,
        )


def open_trainer(site_file: Path, site: str, settings: RunSettings) -> Lessons:
    """Open the lessons of ``site`` for a run: its file is read, its pairs are mined and split."""
    own = read_site(site_file, site)
    return Lessons(site_corpus(own, settings), settings, own.rank)


def site_corpus(site: SiteSettings, settings: RunSettings) -> SiteCorpus:
    """Return the pairs of ``site``; each process reads and mines them once."""
    return _corpus(site, settings.source, settings.target)


@cache
def _corpus(site: SiteSettings, source: str, target: str) -> SiteCorpus:
    return load_site(site, source, target)


def fingerprint(pairs: Sequence[CodePair]) -> str:
    """Return 16 hex digits that change when any pair changes; their order does not matter."""
    digests = sorted(
        hashlib.sha256(f"{pair.source}\0{pair.target}".encode("utf-8", "replace")).digest()
        for pair in pairs
    )
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]
