"""Turn code pairs into token sequences to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fedtranslate.models.load import BaseModel
from fedtranslate.prompts import encode_answer, encode_prompt, prompt_format
from fedtranslate.records import CodePair
from fedtranslate.training.renaming import Renamer


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its answer, as tokens; only the answer is learned."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    """Ends with the end token."""

    @property
    def length(self) -> int:
        """Tokens of prompt and answer together."""
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The examples of a corpus, and how many pairs were too long to become one."""

    examples: tuple[Example, ...]
    too_long: int


def encode_pairs(
    base: BaseModel,
    pairs: Sequence[CodePair],
    *,
    max_tokens: int,
    both_directions: bool = False,
    renamed: int = 0,
) -> Encoded:
    """Word and encode ``pairs`` for ``base``.

    Args:
        base: Its tokenizer and prompt template are used.
        pairs: May be empty.
        max_tokens: Longer examples are left out and counted.
        both_directions: Add each pair reversed as well.
        renamed: Add so many copies of each pair with other names; only to learn from.
    """
    wording = prompt_format(base.tokenizer, base.template)
    limit = min(max_tokens, base.max_tokens)
    examples: list[Example] = []
    too_long = 0
    renamer = Renamer(pairs, seed=0) if renamed else None
    copies = [copy for pair in pairs for copy in renamer.copies(pair, renamed)] if renamer else []
    for pair in (*pairs, *copies):
        for each in (pair, pair.reversed()) if both_directions else (pair,):
            example = _example(base.tokenizer, wording, each)
            if example.length <= limit:
                examples.append(example)
            else:
                too_long += 1
    return Encoded(tuple(examples), too_long)


def _example(tokenizer: Any, wording: Any, pair: CodePair) -> Example:  # noqa: ANN401
    languages = (pair.source_language, pair.target_language)
    return Example(
        prompt=tuple(encode_prompt(tokenizer, wording, pair.source, languages)),
        answer=tuple(encode_answer(tokenizer, pair.target)),
    )


def longest(examples: Sequence[Example]) -> int:
    """Return the length of the longest example; 0 when there is none."""
    return max((example.length for example in examples), default=0)
