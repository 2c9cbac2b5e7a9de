"""What the library's own loop writes: beams, and all of the encoder-decoder models."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from fedtranslate.config.training import DecodingSettings
from fedtranslate.models.load import BaseModel


def beams_of(settings: DecodingSettings) -> int:
    """Return the beams of a writing without chance; more than one candidate needs as many."""
    return max(settings.beams if settings.strategy == "beam" else 1, settings.candidates)


def generate(
    base: BaseModel,
    model: Any,  # noqa: ANN401 - a transformers model
    inputs: Tensor,
    mask: Tensor,
    longest: int,
    settings: DecodingSettings,
    seeds: Sequence[int | None] | None,
) -> list[list[list[int]]]:
    """Return the candidates of each row as tokens, of ``longest`` at most.

    Args:
        base: Of the model.
        model: ``base.model``, with or without an adapter.
        inputs: Shape (rows, length), padded on the left.
        mask: Shape (rows, length): 1 where ``inputs`` is no padding.
        longest: Tokens of the longest answer.
        settings: Of beams and of chance.
        seeds: One for each candidate, the likeliest for None; or None: beams write.
    """
    if seeds is None:
        found = {"do_sample": False, "num_beams": beams_of(settings)}
        plans = [(0, found | {"num_return_sequences": settings.candidates})]
    else:
        drawn = [seed for seed in seeds if seed is not None]
        plans = []
        if len(drawn) < len(seeds):
            likeliest = {"do_sample": False, "num_beams": 1, "num_return_sequences": 1}
            plans.append((0, likeliest))
        if drawn:
            plans.append((drawn[0], _chance(settings) | {"num_return_sequences": len(drawn)}))
    start = inputs.shape[1] if base.kind == "causal" else 1
    answers: list[list[list[int]]] = [[] for _ in inputs]
    for seed, plan in plans:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            written = model.generate(
                input_ids=inputs,
                attention_mask=mask,
                max_new_tokens=longest,
                pad_token_id=int(base.tokenizer.pad_token_id),
                eos_token_id=base.tokenizer.eos_token_id,
                use_cache=True,
                **plan,
            )
        copies = len(written) // len(inputs)
        for place, row in enumerate(written[:, start:].tolist()):
            answers[place // copies].append(row)
    return answers


def _chance(settings: DecodingSettings) -> dict[str, Any]:
    return {
        "do_sample": True,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": 0,
    }
