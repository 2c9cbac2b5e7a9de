"""Write translations: greedy, beam or sampling, many units at a time.

Units are sorted by length, so that a batch has little padding, and batches are cut by the
tokens that they may come to hold, so that memory is bounded whatever the units are.  A
translation ends at the end token; a limit that grows with the source stops a model that does
not find its end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.greedy import write_greedily
from fedtranslate.generation.guard import Guard, Vocabulary
from fedtranslate.languages.registry import load_pack
from fedtranslate.models.load import BaseModel
from fedtranslate.prompts import decode_answer, encode_prompt, prompt_format

_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Generated:
    """One text that the model wrote."""

    text: str
    finished: bool
    """Whether the model ended it itself; False when it ran into the limit."""


@dataclass(frozen=True, slots=True)
class _Question:
    index: int
    text: str
    tokens: list[int]
    limit: int
    """Longest answer, in tokens."""


def write_translations(
    base: BaseModel,
    model: Any,  # noqa: ANN401 - a transformers model
    texts: Sequence[str],
    languages: tuple[str, str],
    settings: DecodingSettings,
    *,
    on_done: Callable[[int], None] | None = None,
) -> list[tuple[Generated, ...]]:
    """Translate ``texts`` between ``languages`` (source, target).

    Args:
        base: Its tokenizer and prompt template word the questions.
        model: ``base.model``, with or without an adapter.
        texts: May be empty, and may hold anything: code is data here.
        languages: Names of language packs.
        settings: Strategy and limits.
        on_done: Called with the number of texts that a batch has finished.

    Returns:
        For every text, in order, ``settings.candidates`` translations, the likeliest first; a
        text too long for the model gets one empty, unfinished translation.
    """
    questions = _questions(base, texts, languages, settings)
    answers: dict[int, tuple[Generated, ...]] = {}
    vocabulary = Vocabulary(base.tokenizer, int(base.tokenizer.eos_token_id))
    packs = (load_pack(languages[0]), load_pack(languages[1]))
    model.eval()
    # A model with a chat template may put prose around its code, which no guard understands.
    is_prose = base.template is None and bool(base.tokenizer.chat_template)
    is_guarded = settings.well_formed and not is_prose and _is_plain(base, settings)
    for batch in _batches(questions, settings):
        watched = batch if is_guarded else ()
        guards = [Guard(vocabulary, packs, each.text, each.tokens) for each in watched]
        answers |= _write(base, model, batch, settings, guards)
        if on_done is not None:
            on_done(len(batch))
    nothing = (Generated("", finished=False),)
    return [answers.get(index, nothing) for index in range(len(texts))]


def _questions(
    base: BaseModel, texts: Sequence[str], languages: tuple[str, str], settings: DecodingSettings
) -> list[_Question]:
    wording = prompt_format(base.tokenizer, base.template)
    questions = []
    for index, text in enumerate(texts):
        tokens = encode_prompt(base.tokenizer, wording, text, languages)
        room = base.max_tokens - len(tokens)
        if base.kind == "seq2seq" and room >= 0:
            room = base.max_tokens  # prompt and answer each have positions of their own
        # A translation is seldom twice as long as its source; one that is has lost its way.
        limit = min(settings.max_new_tokens, 2 * len(tokens) + 32, room)
        if limit > 0:
            questions.append(_Question(index, text, tokens, limit))
    return sorted(questions, key=lambda question: len(question.tokens))


def _batches(
    questions: Sequence[_Question], settings: DecodingSettings
) -> Iterator[list[_Question]]:
    width = settings.candidates if settings.strategy == "sample" else _beams(settings)
    batch: list[_Question] = []
    for question in questions:
        tokens = (len(batch) + 1) * width * (len(question.tokens) + question.limit)
        if batch and tokens > settings.batch_tokens:
            yield batch
            batch = []
        batch.append(question)
    if batch:
        yield batch


@torch.no_grad()
def _write(
    base: BaseModel,
    model: Any,  # noqa: ANN401
    batch: Sequence[_Question],
    settings: DecodingSettings,
    guards: Sequence[Guard],
) -> dict[int, tuple[Generated, ...]]:
    pad = int(base.tokenizer.pad_token_id)
    inputs, mask = _left_padded([question.tokens for question in batch], pad)
    inputs, mask = inputs.to(model.device), mask.to(model.device)
    if _is_plain(base, settings):
        rows = write_greedily(
            model,
            inputs,
            mask,
            limits=[question.limit for question in batch],
            end=int(base.tokenizer.eos_token_id),
            guards=guards,
        )
    else:
        rows = _generate(base, model, inputs, mask, batch, settings)
    per_question = len(rows) // len(batch)
    answers = {}
    for i, question in enumerate(batch):
        own = rows[i * per_question : (i + 1) * per_question]
        answers[question.index] = tuple(_read(base, row, question.limit) for row in own)
    return answers


def _is_plain(base: BaseModel, settings: DecodingSettings) -> bool:
    """Tell whether our own greedy loop writes."""
    greedy = settings.strategy == "greedy" and settings.candidates == 1
    return base.kind == "causal" and greedy


def _generate(
    base: BaseModel,
    model: Any,  # noqa: ANN401
    inputs: Tensor,
    mask: Tensor,
    batch: Sequence[_Question],
    settings: DecodingSettings,
) -> list[list[int]]:
    """Write with the library's own strategies: beams, sampling, and all of seq2seq."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        written = model.generate(
            input_ids=inputs,
            attention_mask=mask,
            max_new_tokens=max(question.limit for question in batch),
            pad_token_id=int(base.tokenizer.pad_token_id),
            eos_token_id=base.tokenizer.eos_token_id,
            **_strategy(settings),
        )
    start = inputs.shape[1] if base.kind == "causal" else 1
    rows: list[list[int]] = written[:, start:].tolist()
    return rows


def _strategy(settings: DecodingSettings) -> dict[str, Any]:
    common: dict[str, Any] = {"num_return_sequences": settings.candidates, "use_cache": True}
    if settings.strategy == "sample":
        return common | {
            "do_sample": True,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": 0,
        }
    return common | {"do_sample": False, "num_beams": _beams(settings)}


def _beams(settings: DecodingSettings) -> int:
    """Return the beams of a writing without chance; more than one candidate needs as many."""
    return max(settings.beams if settings.strategy == "beam" else 1, settings.candidates)


def _left_padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    length = max(len(row) for row in rows)
    inputs = torch.full((len(rows), length), pad, dtype=torch.long)
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for i, row in enumerate(rows):
        inputs[i, length - len(row) :] = torch.tensor(row, dtype=torch.long)
        mask[i, length - len(row) :] = 1
    return inputs, mask


def _read(base: BaseModel, row: Sequence[int], limit: int) -> Generated:
    tokens = list(row[:limit])
    end = base.tokenizer.eos_token_id
    finished = end in tokens
    if finished:
        tokens = tokens[: tokens.index(end)]
    return Generated(_without_fence(decode_answer(base.tokenizer, tokens)), finished)


def _without_fence(text: str) -> str:
    """Take code out of the Markdown fence that chat models like to put around it."""
    stripped = text.strip()
    if not stripped.startswith(_FENCE):
        return text
    lines = stripped.splitlines()[1:]
    ends = [i for i, line in enumerate(lines) if line.startswith(_FENCE)]
    return "\n".join(lines[: ends[0]] if ends else lines)
