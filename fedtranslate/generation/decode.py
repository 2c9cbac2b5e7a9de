"""Write translations: greedy, beam or sampling, many units at a time.

Units are sorted by length, so that a batch has little padding, and a batch takes no more of them
than it may come to have tokens, so that memory is bounded whatever the units are.  A
translation ends at the end token; a limit that grows with the source stops a model that does
not find its end.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import torch

from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.chance import Chance
from fedtranslate.generation.guard import Guard, Vocabulary
from fedtranslate.generation.library import beams_of, generate
from fedtranslate.generation.loop import Answer, left_padded, write_rows
from fedtranslate.generation.seeds import seed_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.models.load import BaseModel
from fedtranslate.prompts import decode_answer, encode_prompt, encode_request, prompt_format
from fedtranslate.prompts.answer import code_in
from fedtranslate.prompts.request import Request

_AT_ONCE = 512
"""Questions of which some are answered and the others wait."""


@dataclass(frozen=True, slots=True)
class Generated:
    """One text that the model wrote."""

    text: str
    finished: bool
    """Whether the model ended it itself; False when it ran into the limit."""
    score: float | None = field(default=None, compare=False)
    """Mean log probability (natural logarithm) of its tokens, which differs in its last digits
    with the company; None when beams or an encoder-decoder model wrote it."""
    is_too_long: bool = False
    """Whether the question left the model no room for an answer."""


@dataclass(frozen=True, slots=True)
class _Question:
    index: int
    request: Request
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
        For every text, in order, ``settings.candidates`` translations, the likeliest first unless
        they are samples; a text too long for the model gets one empty, unfinished translation.
    """
    requests = [Request(text, languages) for text in texts]
    seeds: tuple[int | None, ...] | None = None
    if settings.strategy == "sample":
        seeds = tuple(seed_of(settings.seed, place) for place in range(settings.candidates))
    elif settings.strategy == "greedy" and settings.candidates == 1:
        seeds = (None,)
    return write_answers(base, model, requests, settings, seeds, on_done=on_done)


def write_answers(
    base: BaseModel,
    model: Any,  # noqa: ANN401 - a transformers model
    requests: Sequence[Request],
    settings: DecodingSettings,
    seeds: tuple[int | None, ...] | None,
    *,
    on_done: Callable[[int], None] | None = None,
) -> list[tuple[Generated, ...]]:
    """Answer ``requests`` as `write_translations` does texts.

    Args:
        base: Its tokenizer and prompt template word the questions.
        model: ``base.model``, with or without an adapter.
        requests: Their contexts are shortened to what the model has room for.
        settings: Limits; strategy and candidates where there are no seeds.
        seeds: One for each candidate that is wanted: it is drawn by its seed, or, for None, made
            of the likeliest tokens.  Without seeds beams write.
        on_done: Called with the number of requests that a batch has finished, or that are too long.
    """
    questions = _questions(base, requests, settings)
    answers: dict[int, tuple[Generated, ...]] = {}
    vocabulary = Vocabulary(base.tokenizer, int(base.tokenizer.eos_token_id))
    model.eval()
    # What a model with a chat template says may be prose around code, which no guard understands.
    is_guarded = settings.well_formed and not _is_chat(base) and _is_own(base, seeds)
    told = on_done or (lambda _: None)
    told(len(requests) - len(questions))
    if seeds is not None and _is_own(base, seeds):
        for start in range(0, len(questions), _AT_ONCE):
            some = questions[start : start + _AT_ONCE]
            guards = [_guard(vocabulary, question) for question in some] if is_guarded else []
            answers |= _write(base, model, some, settings, seeds, guards, told)
    else:
        width = beams_of(settings) if seeds is None else len(seeds)
        for batch in _batches(questions, width, settings.batch_tokens):
            answers |= _write_by_library(base, model, batch, settings, seeds)
            told(len(batch))
    nothing = (Generated("", finished=False, is_too_long=True),)
    return [answers.get(index, nothing) for index in range(len(requests))]


def _questions(
    base: BaseModel, requests: Sequence[Request], settings: DecodingSettings
) -> list[_Question]:
    wording = prompt_format(base.tokenizer, base.template)
    questions = []
    for index, request in enumerate(requests):
        tokens = encode_prompt(
            base.tokenizer,
            wording,
            request.text,
            request.languages,
            instruction=request.instruction,
        )
        room = base.max_tokens - len(tokens)
        if base.kind == "seq2seq" and room >= 0:
            room = base.max_tokens  # prompt and answer each have positions of their own
        # A translation is seldom twice as long as its source; one that is has lost its way.
        limit = min(settings.max_new_tokens, 2 * len(tokens) + 32, room)
        if limit <= 0:
            continue
        if wording.takes_context:
            left = base.max_tokens - (limit if base.kind == "causal" else 0)
            tokens = encode_request(base.tokenizer, wording, request, left)
        questions.append(_Question(index, request, tokens, limit))
    return sorted(questions, key=lambda question: len(question.tokens))


def _batches(
    questions: Sequence[_Question], width: int, batch_tokens: int
) -> Iterator[list[_Question]]:
    batch: list[_Question] = []
    limit = 0
    for question in questions:
        limit = max(limit, question.limit)
        tokens = (len(batch) + 1) * width * (len(question.tokens) + limit)
        if batch and tokens > batch_tokens:
            yield batch
            batch, limit = [], question.limit
        batch.append(question)
    if batch:
        yield batch


def _guard(vocabulary: Vocabulary, question: _Question) -> Guard:
    source, target = (load_pack(name) for name in question.request.languages)
    return Guard(vocabulary, (source, target), question.request.text, question.tokens)


@torch.no_grad()
def _write_by_library(
    base: BaseModel,
    model: Any,  # noqa: ANN401
    batch: Sequence[_Question],
    settings: DecodingSettings,
    seeds: tuple[int | None, ...] | None,
) -> dict[int, tuple[Generated, ...]]:
    pad = int(base.tokenizer.pad_token_id)
    inputs, mask = left_padded([question.tokens for question in batch], pad)
    inputs, mask = inputs.to(model.device), mask.to(model.device)
    longest = max(question.limit for question in batch)
    rows = generate(base, model, inputs, mask, longest, settings, seeds)
    return {
        question.index: tuple(_read(base, question, row) for row in own)
        for question, own in zip(batch, rows, strict=True)
    }


def _write(
    base: BaseModel,
    model: Any,  # noqa: ANN401
    some: Sequence[_Question],
    settings: DecodingSettings,
    seeds: tuple[int | None, ...],
    guards: Sequence[Guard],
    on_done: Callable[[int], None],
) -> dict[int, tuple[Generated, ...]]:
    chance = Chance(seeds * len(some), settings.temperature, settings.top_p)
    answers = write_rows(
        model,
        [question.tokens for question in some],
        limits=[question.limit for question in some for _ in seeds],
        end=int(base.tokenizer.eos_token_id),
        guards=[copy(guard) for guard in guards for _ in seeds],
        chance=chance if any(seed is not None for seed in seeds) else None,
        batch_tokens=settings.batch_tokens,
        on_done=on_done,
    )
    count = len(seeds)
    return {
        question.index: tuple(
            _read(base, question, answer.tokens, _score(answer))
            for answer in answers[place * count : (place + 1) * count]
        )
        for place, question in enumerate(some)
    }


def _is_own(base: BaseModel, seeds: tuple[int | None, ...] | None) -> bool:
    """Tell whether our own loop writes."""
    return base.kind == "causal" and seeds is not None


def _is_chat(base: BaseModel) -> bool:
    return base.template is None and bool(base.tokenizer.chat_template)


def _score(answer: Answer) -> float:
    return answer.likelihood / len(answer.tokens)


def _read(
    base: BaseModel, question: _Question, row: Sequence[int], score: float | None = None
) -> Generated:
    tokens = list(row[: question.limit])
    end = base.tokenizer.eos_token_id
    finished = end in tokens
    if finished:
        tokens = tokens[: tokens.index(end)]
    text = decode_answer(base.tokenizer, tokens)
    if _is_chat(base) or text.lstrip().startswith("```"):
        text = code_in(text, load_pack(question.request.languages[1]))
    return Generated(text, finished, score)
