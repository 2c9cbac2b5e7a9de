"""The one training loop: LoRA factors learn from examples.

Used by a site in every round of a federation, by a site that trains alone and by the ceiling
that has all pairs, so that rows of one table differ in nothing but what they are compared for.
Deterministic by seed and thread count; everything random of a step follows from (seed, step).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import BOTH, Part
from fedtranslate.config.training import TrainingSettings
from fedtranslate.errors import TrainingError
from fedtranslate.models.load import BaseModel
from fedtranslate.models.lora import expose_cores, read_adapter
from fedtranslate.training.batches import Batch, collate, endless, epoch_rows
from fedtranslate.training.examples import Example
from fedtranslate.training.progress import Progress, keep, resume, training_key


@dataclass(frozen=True, slots=True)
class Loss:
    """A cross entropy, summed over the tokens it was measured on."""

    total: float
    tokens: int

    @property
    def mean(self) -> float:
        """Per token, in nats; 0 when there were none."""
        return self.total / self.tokens if self.tokens else 0.0


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What one training came to."""

    adapter: dict[str, Factors]
    """Of the best validation, or the last step when none was asked for."""
    steps: int
    losses: tuple[float, ...]
    """Mean loss per answer token, step by step."""
    validations: tuple[tuple[int, float], ...]
    """(step, mean loss per answer token) wherever validation ran."""
    best_step: int
    tokens: int
    """Tokens that passed through the model, padding left out."""
    padding_share: float
    """Part of the positions that were padding, in [0, 1)."""


OnStep = Callable[[int, float], None]
"""Called after each step with its number, counted from 1, and its loss."""


def train(
    base: BaseModel,
    model: nn.Module,
    examples: Sequence[Example],
    settings: TrainingSettings,
    *,
    steps: int,
    seed: int,
    validation: Sequence[Example] = (),
    anchor: Adapter | None = None,
    trains: frozenset[Part] = BOTH,
    checkpoint: Path | None = None,
    on_step: OnStep | None = None,
) -> TrainingResult:
    """Let the factors of ``model`` learn for ``steps`` optimiser steps.

    Args:
        base: The base model under ``model``.
        model: From ``models.lora.lora``; its factors are the start.
        examples: At least one.
        settings: Rates, batches, stopping.
        steps: Optimiser steps, each over ``settings.accumulate`` batches.
        seed: Of batch order and dropout.
        validation: Chooses the step whose factors are returned, the start among them, when
            ``settings.validate_every`` is set; never learned from.
        anchor: Factors that the proximal term pulls towards; needs ``settings.proximal`` > 0.
        trains: What learns; the rest is frozen.
        checkpoint: A file to resume from and to write to at every validation.
        on_step: Called after each step.

    Raises:
        TrainingError: There is no example, the loss is no longer a number, or the checkpoint is
            damaged or of another training.
    """
    if not examples:
        raise TrainingError(
            "There is no example to learn from.",
            hint="All pairs may be longer than training.max_tokens.",
        )
    factors = _trainable(model, trains)
    optimiser = torch.optim.AdamW(
        factors, lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    key = training_key(examples, validation, settings, steps) if checkpoint is not None else ""
    progress, done = resume(checkpoint, model, optimiser, seed, key)
    rows = endless(examples, batch_tokens=settings.batch_tokens, seed=seed)
    batches = islice(rows, done * settings.accumulate, None)
    pulls = _anchors(model, anchor) if anchor is not None and settings.proximal > 0 else []
    if validation and settings.validate_every and not progress.validations:
        _validate(base, model, validation, settings, progress, step=0)
    model.train()
    # A training that was killed after it had stopped early has nothing left to do.
    for step in range(done, done if _is_stuck(progress, done, settings) else steps):
        with _seeded(seed, step):
            loss = _step(base, model, optimiser, batches, settings, pulls, progress, step, steps)
        progress.losses.append(loss)
        if on_step is not None:
            on_step(step + 1, loss)
        if _is_due(step + 1, steps, settings) and validation:
            _validate(base, model, validation, settings, progress, step + 1)
            if checkpoint is not None:
                keep(checkpoint, progress, model, optimiser, step=step + 1, seed=seed, key=key)
            if _is_stuck(progress, step + 1, settings):
                break
    model.eval()
    return _result(progress, model)


@torch.no_grad()
def evaluate_loss(
    base: BaseModel, model: nn.Module, examples: Sequence[Example], settings: TrainingSettings
) -> Loss:
    """Return the loss of ``model`` on ``examples``; nothing is learned."""
    was_training = model.training
    model.eval()
    total, tokens = 0.0, 0
    rows = epoch_rows(examples, batch_tokens=4 * settings.batch_tokens, seed=None)
    for batch in (collate(r, kind=base.kind, pad=_pad(base)) for r in rows):
        total += float(_cross_entropy(base, model, batch, settings))
        tokens += batch.answers
    model.train(was_training)
    return Loss(total, tokens)


def rate_at(step: int, steps: int, settings: TrainingSettings) -> float:
    """Return the learning rate of ``step``, counted from 0, of ``steps``."""
    rise = min(1.0, (step + 1) / (settings.warmup_steps + 1))
    left = 1 - step / max(1, steps)
    fall = {
        "constant": 1.0,
        "linear": left,
        "cosine": 0.5 * (1 + math.cos(math.pi * (1 - left))),
    }[settings.schedule]
    return settings.learning_rate * rise * fall


def _step(
    base: BaseModel,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    batches: Iterator[list[Example]],
    settings: TrainingSettings,
    pulls: Sequence[tuple[Tensor, Tensor]],
    progress: Progress,
    step: int,
    steps: int,
) -> float:
    """Take one optimiser step and return its mean loss per answer token."""
    parts = [
        collate(next(batches), kind=base.kind, pad=_pad(base)) for _ in range(settings.accumulate)
    ]
    answers = sum(part.answers for part in parts)
    total = 0.0
    for part in parts:
        loss = _cross_entropy(base, model, part, settings)
        torch.autograd.backward(loss / answers)
        total += float(loss.detach())
        progress.tokens += part.tokens
        progress.positions += int(part.mask.numel())
        if base.kind == "seq2seq":
            progress.positions += int(part.labels.numel())
    for factor, target in pulls:
        if factor.grad is not None:
            factor.grad += settings.proximal * (factor.detach() - target)
    if not math.isfinite(total):
        raise TrainingError(
            f"The loss is {total} at step {step + 1}.",
            hint="Lower training.learning_rate, or look for broken pairs.",
        )
    group = optimiser.param_groups[0]
    nn.utils.clip_grad_norm_(group["params"], settings.clip_norm)
    group["lr"] = rate_at(step, steps, settings)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return total / answers


def _cross_entropy(
    base: BaseModel, model: nn.Module, batch: Batch, settings: TrainingSettings
) -> Tensor:
    """Return the cross entropy summed over the answers of ``batch``."""
    device = base.model.device
    inputs, labels = batch.inputs.to(device), batch.labels.to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
        if base.kind == "causal":
            # Padding is on the right, where causal attention never looks: no mask is needed,
            # and positions before the first answer need no logits.
            keep = inputs.shape[1] - batch.first
            logits = model(input_ids=inputs, use_cache=False, logits_to_keep=keep).logits
        else:
            start = base.model.prepare_decoder_input_ids_from_labels(labels)
            logits = model(
                input_ids=inputs,
                attention_mask=batch.mask.to(device),
                decoder_input_ids=start,
                use_cache=False,
            ).logits
    learned = labels != -100
    return nn.functional.cross_entropy(logits[learned].float(), labels[learned], reduction="sum")


def _result(progress: Progress, model: nn.Module) -> TrainingResult:
    last = len(progress.losses)
    _, best_step, adapter = progress.best or (0.0, last, read_adapter(model))
    return TrainingResult(
        adapter=adapter,
        steps=last,
        losses=tuple(progress.losses),
        validations=tuple(progress.validations),
        best_step=best_step,
        tokens=progress.tokens,
        padding_share=1 - progress.tokens / max(1, progress.positions),
    )


def _trainable(model: nn.Module, trains: frozenset[Part]) -> list[nn.Parameter]:
    if Part.CORE in trains:
        expose_cores(model)
    wanted = {"lora_A": Part.A in trains, "lora_B": bool(trains - {Part.A})}
    chosen = []
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.requires_grad = any(yes for part, yes in wanted.items() if part in name)
            if parameter.requires_grad:
                chosen.append(parameter)
    return chosen


def _anchors(model: nn.Module, anchor: Adapter) -> list[tuple[Tensor, Tensor]]:
    """Pair every factor with the value that the proximal term pulls it to."""
    pairs: list[tuple[Tensor, Tensor]] = []
    for name, parameter in model.named_parameters():
        for part, end in (("a", ".lora_A.default.weight"), ("b", ".lora_B.default.weight")):
            if name.endswith(end):
                module = name.removesuffix(end).removeprefix("base_model.model.")
                pairs.append((parameter, getattr(anchor[module], part).to(parameter)))
    return pairs


def _is_due(step: int, steps: int, settings: TrainingSettings) -> bool:
    return settings.validate_every > 0 and (step % settings.validate_every == 0 or step == steps)


def _validate(
    base: BaseModel,
    model: nn.Module,
    validation: Sequence[Example],
    settings: TrainingSettings,
    progress: Progress,
    step: int,
) -> None:
    loss = evaluate_loss(base, model, validation, settings).mean
    progress.validations.append((step, loss))
    if progress.best is None or loss < progress.best[0]:
        progress.best = (loss, step, read_adapter(model))


def _is_stuck(progress: Progress, step: int, settings: TrainingSettings) -> bool:
    if not settings.patience or progress.best is None:
        return False
    since = [at for at, _ in progress.validations if at > progress.best[1]]
    return len(since) >= settings.patience and step > progress.best[1]


@contextmanager
def _seeded(seed: int, step: int) -> Iterator[None]:
    """Make dropout depend on (seed, step) alone, and leave the global generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed((seed * 1_000_003 + step) % 2**63)
        yield


def _pad(base: BaseModel) -> int:
    return int(base.tokenizer.pad_token_id)
