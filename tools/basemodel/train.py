"""The training loop of the builtin model: deterministic by seed, resumable, bf16, bucketed.

A decoder-only model of the Llama form, so that it takes the very path of the real code models.
Hidden matrices learn with Muon, embeddings and norms with AdamW; the rate warms up, stays, and
falls to zero over the last part.  Only the answer's tokens enter the loss, and the output layer
is applied to those only, which halves its cost.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from tools.basemodel.data import Batch, Encoder, Mixture, Renamer, Texts, batches, chunk


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the model."""

    width: int = 256
    layers: int = 4
    heads: int = 4
    inner: int = 704
    vocabulary: int = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """One stage of a training, from its first step to its last."""

    steps: int
    batch_tokens: int = 6144
    warmup_steps: int = 100
    decay_share: float = 0.4
    """Part of the steps over which the rate falls to zero."""
    muon_rate: float = 0.02
    adam_rate: float = 2e-3
    weight_decay: float = 0.02
    clip_norm: float = 1.0
    seed: int = 0
    threads: int = 2
    compiled: bool = True
    mixture: Mixture = field(default_factory=Mixture)

    def rate(self, step: int) -> float:
        """Return the share of the full rate at ``step``, in [0, 1]."""
        rise = min(1.0, (step + 1) / self.warmup_steps)
        fall = (self.steps - step) / max(1.0, self.steps * self.decay_share)
        return min(rise, 1.0, max(fall, 0.0))


RECIPE = (
    Plan(steps=2800, mixture=Mixture(max_tokens=448)),
    # The second stage begins at a lower rate that falls all the way; longer texts join in.
    Plan(
        steps=3600,
        decay_share=0.95,
        muon_rate=0.012,
        adam_rate=1.2e-3,
        seed=1,
        mixture=Mixture(joined_share=0.15),
    ),
)
"""How the builtin model is trained: stage after stage, each with fresh optimisers."""


def build(shape: Shape, *, pad: int, end: int, seed: int) -> LlamaForCausalLM:
    """Return a fresh model of ``shape``."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        rope_theta=10_000.0,
        pad_token_id=pad,
        eos_token_id=end,
        bos_token_id=None,
        attn_implementation="sdpa",
    )
    return LlamaForCausalLM(config)


def answer_loss(
    model: LlamaForCausalLM, body: Callable[..., Any], batch: Batch
) -> tuple[Tensor, Tensor]:
    """Return (mean cross entropy, share of right next tokens) over the answers of ``batch``."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = body(input_ids=batch.tokens, use_cache=False).last_hidden_state
        logits = model.lm_head(hidden[batch.targets])
    expected = batch.tokens.roll(-1, 1)[batch.targets]
    loss = nn.functional.cross_entropy(logits.float(), expected)
    return loss, (logits.argmax(-1) == expected).float().mean()


class Trainer:
    """A model with its optimisers and its place in the plan; all of it can be put on disk."""

    def __init__(self, model: LlamaForCausalLM, plan: Plan) -> None:
        self.model = model
        self.plan = plan
        self.step = 0
        self.chunk = 0
        self.batch = 0
        matrices = {n: p for n, p in model.named_parameters() if p.ndim == 2 and "layers" in n}
        rest = [p for n, p in model.named_parameters() if n not in matrices]
        self.muon = torch.optim.Muon(
            list(matrices.values()), lr=plan.muon_rate, weight_decay=plan.weight_decay
        )
        self.adam = torch.optim.AdamW(
            rest, lr=plan.adam_rate, betas=(0.9, 0.98), weight_decay=plan.weight_decay
        )
        body = model.model
        self.body = torch.compile(body, dynamic=True) if plan.compiled else body

    def learn(self, batch: Batch) -> tuple[float, float]:
        """Take one step; return loss and accuracy."""
        share = self.plan.rate(self.step)
        self.muon.param_groups[0]["lr"] = self.plan.muon_rate * share
        self.adam.param_groups[0]["lr"] = self.plan.adam_rate * share
        loss, accuracy = answer_loss(self.model, self.body, batch)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip_norm)
        for optimiser in (self.muon, self.adam):
            optimiser.step()  # type: ignore[no-untyped-call]
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return float(loss.detach()), float(accuracy)

    def save(self, path: Path) -> None:
        """Write everything that a resumed training needs, replacing ``path`` at once."""
        tensors = {f"model.{n}": p for n, p in self.model.named_parameters()}
        for name, optimiser in (("muon", self.muon), ("adam", self.adam)):
            for index, state in optimiser.state_dict()["state"].items():
                tensors |= {f"{name}.{index}.{k}": torch.as_tensor(v) for k, v in state.items()}
        place = {"step": self.step, "chunk": self.chunk, "batch": self.batch}
        draft = path.with_suffix(".tmp")
        tensors = {n: t.detach().contiguous().clone() for n, t in tensors.items()}
        save_file(
            tensors, draft, {"place": json.dumps(place), "plan": json.dumps(asdict(self.plan))}
        )
        draft.replace(path)

    def load(self, path: Path, place: dict[str, int]) -> None:
        """Go on from ``path``."""
        tensors = load_file(path)
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(tensors[f"model.{name}"])
        for name, optimiser in (("muon", self.muon), ("adam", self.adam)):
            state: dict[int, dict[str, Tensor]] = {}
            for key in (k for k in tensors if k.startswith(f"{name}.")):
                _, index, item = key.split(".", 2)
                state.setdefault(int(index), {})[item] = tensors[key]
            optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
        self.step, self.chunk, self.batch = place["step"], place["chunk"], place["batch"]


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the examples come from."""

    encoder: Encoder
    public: Sequence[Texts]
    renamer: Renamer | None

    def chunk(self, plan: Plan, index: int) -> list[Batch]:
        """Return the batches of chunk ``index``."""
        examples = chunk(plan.seed, index, self.encoder, self.public, self.renamer, plan.mixture)
        return batches(examples, tokens=plan.batch_tokens, seed=f"{plan.seed}/{index}/order")


def train(
    trainer: Trainer, stream: Stream, checkpoint: Path, log: Path, watch: Sequence[Batch]
) -> Iterator[dict[str, float]]:
    """Learn to the end of the plan; yield and log the state of things every 100 steps.

    The next chunk is made by a second process while this one learns.
    """
    plan = trainer.plan
    # Spawned, not forked: threads of torch and of the tokenizer do not survive a fork.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        coming = pool.submit(stream.chunk, plan, trainer.chunk)
        losses: list[tuple[float, float]] = []
        tokens, since = 0, time.monotonic()
        while trainer.step < plan.steps:
            current = coming.result()
            coming = pool.submit(stream.chunk, plan, trainer.chunk + 1)
            while trainer.batch < len(current) and trainer.step < plan.steps:
                batch = current[trainer.batch]
                losses.append(trainer.learn(batch))
                tokens += batch.tokens.numel()
                trainer.batch += 1
                if trainer.step % 100 == 0 or trainer.step == plan.steps:
                    row = _summary(trainer, losses, tokens / (time.monotonic() - since), watch)
                    with log.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")
                    yield row
                    trainer.save(checkpoint)
                    losses, tokens, since = [], 0, time.monotonic()
            if trainer.batch >= len(current):
                trainer.chunk, trainer.batch = trainer.chunk + 1, 0
        coming.cancel()


@torch.no_grad()
def watched(trainer: Trainer, watch: Sequence[Batch]) -> tuple[float, float]:
    """Return loss and accuracy on batches that are not learned from."""
    scores = [answer_loss(trainer.model, trainer.model.model, batch) for batch in watch]
    weights = [int(batch.targets.sum()) for batch in watch]
    total = sum(weights)
    return (
        sum(float(s[0]) * w for s, w in zip(scores, weights, strict=True)) / total,
        sum(float(s[1]) * w for s, w in zip(scores, weights, strict=True)) / total,
    )


def _summary(
    trainer: Trainer, losses: Sequence[tuple[float, float]], speed: float, watch: Sequence[Batch]
) -> dict[str, float]:
    row = {
        "step": float(trainer.step),
        "loss": sum(loss for loss, _ in losses) / len(losses),
        "accuracy": sum(accuracy for _, accuracy in losses) / len(losses),
        "tokens_per_second": speed,
    }
    if watch and (trainer.step % 300 == 0 or trainer.step == trainer.plan.steps):
        row["valid_loss"], row["valid_accuracy"] = watched(trainer, watch)
    if not math.isfinite(row["loss"]):
        raise SystemExit(f"The loss is {row['loss']} at step {trainer.step}; lower the rates.")
    return row
