"""The training stream of the builtin model: generated pairs and renamed public ones.

The stream is cut into chunks; chunk ``c`` of seed ``s`` is made from ``(s, c)`` alone, so a
resumed training sees exactly what an unbroken one would have seen.

Public pairs come from the CodeXGLUE training split, the projects of ``PUBLIC`` only (its licence
and ours are told in benchmarks/README.md); no validation, test or site pair ever enters.
"""

import csv
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from fedtranslate.prompts import PromptFormat, encode_answer, encode_prompt
from tools.basemodel.generator import GeneratedPair
from tools.basemodel.generator import pairs as generated_pairs

PUBLIC = ("lucene", "harmony")
LANGUAGES = ("java", "csharp")
CHUNK = 4096
"""Examples of one chunk: enough for buckets of near-equal length."""

Texts = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """One question and its answer, as tokens."""

    tokens: list[int]
    answer_start: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of near-equal length, padded on the right."""

    tokens: Tensor
    """Shape (rows, length), int64."""
    targets: Tensor
    """Shape (rows, length), bool: True where the next token is to be learned from here."""


def public_pairs(folder: Path, split: str) -> list[Texts]:
    """Return the public pairs of ``split`` as (java, csharp).

    Args:
        folder: Of the CodeXGLUE Java-C# files, with ``origins.tsv``.
        split: ``train`` for training, ``valid`` to watch it.
    """
    with (folder / "origins.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        wanted = {int(r["line"]) for r in rows if r["split"] == split and r["origin"] in PUBLIC}
    stem = folder / f"{split}.java-cs.txt"
    sides = [Path(f"{stem}.{end}").read_text("utf-8").split("\n") for end in ("java", "cs")]
    return [
        (java, csharp)
        for line, (java, csharp) in enumerate(zip(*sides, strict=True), 1)
        if line in wanted
    ]


class Encoder:
    """Turns texts into examples, in either direction."""

    def __init__(self, tokenizer: "object", wording: PromptFormat) -> None:
        self.tokenizer = tokenizer
        self.wording = wording

    def example(self, texts: Texts, *, backwards: bool) -> Example:
        """Encode one pair, from Java to C# or ``backwards``."""
        source, target = reversed(texts) if backwards else texts
        languages = LANGUAGES[::-1] if backwards else LANGUAGES
        question = encode_prompt(self.tokenizer, self.wording, source, languages)  # type: ignore[arg-type]
        answer = encode_answer(self.tokenizer, target)  # type: ignore[arg-type]
        return Example(question + answer, len(question))


class Renamer:
    """Renames words of a pair at random, the same way on both sides.

    The tokenizer keeps the case of a letter apart from the word, so a word token can be
    replaced by another one wherever it stands and every name keeps its convention.  Words that
    occur in many pairs (``get``, ``length``, ``append``) are left: they are the vocabulary of
    the languages, not names.
    """

    def __init__(self, vocabulary: dict[str, int], examples: Sequence[Example]) -> None:
        words = {i for token, i in vocabulary.items() if token.isalpha() and token.islower()}
        counts = Counter(t for example in examples for t in set(example.tokens) & words)
        common = {token for token, n in counts.items() if n > 0.015 * len(examples)}
        self._renamable = frozenset(t for t in words - common if t > 260)
        self._choices = sorted(self._renamable)

    def rename(self, example: Example, rng: random.Random, *, share: float) -> Example:
        """Return ``example`` with about ``share`` of the words that both sides have replaced."""
        start = example.answer_start
        both = set(example.tokens[:start]) & set(example.tokens[start:]) & self._renamable
        swaps = {t: rng.choice(self._choices) for t in sorted(both) if rng.random() < share}
        return Example([swaps.get(t, t) for t in example.tokens], start)


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a chunk is made of."""

    public_share: float = 0.35
    renamed_share: float = 0.75
    """Of the public pairs; the others are shown as they are."""
    joined_share: float = 0.0
    """Of all examples: two units in one text, so that copying is learned over a distance."""
    max_tokens: int = 640
    """Longest example; longer ones are left out."""


def chunk(
    seed: int,
    index: int,
    encoder: Encoder,
    public: Sequence[Texts],
    renamer: Renamer | None,
    mixture: Mixture,
    source: Callable[[int], Iterator[GeneratedPair]] = generated_pairs,
) -> list[Example]:
    """Return chunk ``index`` of the stream of ``seed``: about ``CHUNK`` examples.

    ``source`` draws the generated pairs; whoever wants to see them wraps it.
    """
    rng = random.Random(f"{seed}/{index}")
    wanted = round(CHUNK * mixture.public_share) if public else 0
    examples = []
    for texts in _joined(rng, mixture, rng.choices(public, k=wanted) if wanted else ()):
        example = encoder.example(texts, backwards=rng.random() < 0.5)
        if renamer is not None and rng.random() < mixture.renamed_share:
            example = renamer.rename(example, rng, share=rng.choice((0.3, 0.6, 1.0)))
        examples.append(example)
    generated = islice(source(rng.getrandbits(48)), CHUNK - wanted)
    for texts in _joined(rng, mixture, ((pair.java, pair.csharp) for pair in generated)):
        examples.append(encoder.example(texts, backwards=rng.random() < 0.5))
    return [example for example in examples if len(example.tokens) <= mixture.max_tokens]


def _joined(rng: random.Random, mixture: Mixture, units: Iterable[Texts]) -> Iterator[Texts]:
    """Yield ``units``, a share of them together with the one that follows."""
    rest = iter(units)
    for first in rest:
        joined = mixture.joined_share and rng.random() < mixture.joined_share
        second = next(rest, None) if joined else None
        if second is None:
            yield first
        else:
            yield f"{first[0]}\n{second[0]}", f"{first[1]}\n{second[1]}"


def batches(examples: Sequence[Example], *, tokens: int, seed: str) -> list[Batch]:
    """Cut ``examples`` into batches of at most ``tokens`` tokens each, in random order."""
    rng = random.Random(seed)
    ordered = sorted(examples, key=lambda e: len(e.tokens) + rng.random() * 4)
    cut: list[list[Example]] = [[]]
    for example in ordered:
        if cut[-1] and (len(cut[-1]) + 1) * _padded(len(example.tokens) + 4) > tokens:
            cut.append([])
        cut[-1].append(example)
    rng.shuffle(cut)
    return [_batch(rows) for rows in cut if rows]


def _padded(length: int) -> int:
    return (length + 7) // 8 * 8


def _batch(rows: Sequence[Example]) -> Batch:
    length = _padded(max(len(row.tokens) for row in rows))
    tokens = torch.zeros(len(rows), length, dtype=torch.long)
    targets = torch.zeros(len(rows), length, dtype=torch.bool)
    for i, row in enumerate(rows):
        tokens[i, : len(row.tokens)] = torch.tensor(row.tokens)
        targets[i, row.answer_start - 1 : len(row.tokens) - 1] = True
    return Batch(tokens, targets)
