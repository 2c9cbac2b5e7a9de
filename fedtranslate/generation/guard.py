"""Keep a translation well formed while it is written.

A small model that knows what to say still loses count of brackets, and falls into circles.  Both
can be seen from the text alone, so a token that would close what is not open, end what is not
closed, or go round in a circle once more, is passed over for the next likeliest; in the place of
an end that comes too early, open brackets are closed.  A source that is itself not well formed, or
goes in circles, frees its translation from the same rule.
"""

from collections.abc import Sequence

from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.prompts import Tokenizer, decode_answer

_CRITICAL = frozenset("()[]{};\"'\n/*#")
"""A token without any of these opens and closes nothing."""
_CLOSING = frozenset(")]};\n\t ")
_LONGEST_ROUND = 32
"""Tokens of the longest circle that is looked for."""
_ROUNDS = 4
_TURNING = 32
"""Rounds and tokens that a circle has at least; legal code repeats itself, too."""
_WINDOW = _LONGEST_ROUND * _ROUNDS + 1


class Vocabulary:
    """What the tokens of a tokenizer spell, each looked up once."""

    def __init__(self, tokenizer: Tokenizer, end: int) -> None:
        self.end = end
        self._tokenizer = tokenizer
        self._spelled: dict[int, str] = {}

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of an answer."""
        return decode_answer(self._tokenizer, tokens)

    def spelled(self, token: int) -> str:
        """Return the text of one token."""
        if token not in self._spelled:
            self._spelled[token] = self.text([token])
        return self._spelled[token]


class Guard:
    """Watches over one answer.

    Args:
        vocabulary: Of the model.
        packs: Of the source and the target language.
        source: The text that is translated.
        source_tokens: The same as the model reads it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        packs: tuple[LanguagePack, LanguagePack],
        source: str,
        source_tokens: Sequence[int],
    ) -> None:
        self._vocabulary = vocabulary
        self._pack = packs[1]
        left = unclosed(source, packs[0])
        self._closes = left is not None and left.nothing
        ends = range(1, len(source_tokens) + 1)
        circles = {self._circle(source_tokens[max(0, end - _WINDOW) : end]) for end in ends}
        self._own_circles = {0} | circles

    def admits(self, answer: Sequence[int], token: int) -> bool:
        """Tell whether ``token`` may follow the tokens of ``answer``."""
        if token == self._vocabulary.end:
            return not self._closes or self._may_end(answer)
        if self._circle([*answer[1 - _WINDOW :], token]) not in self._own_circles:
            return False
        if not self._closes or _CRITICAL.isdisjoint(self._vocabulary.spelled(token)):
            return True
        left = unclosed(self._vocabulary.text([*answer, token]), self._pack)
        return left is not None and (left.spans_lines or "\n" not in (left.literal or ""))

    def instead(self, answer: Sequence[int], token: int, likely: Sequence[int]) -> int:
        """Return what is written in the place of ``token``, which is not admitted.

        Args:
            answer: The tokens so far.
            token: The likeliest one.
            likely: Others, the likeliest first.  If none of them will do, ``token`` stays, and
                the answer is no longer watched: it cannot be saved.
        """
        fits = self.admits if token != self._vocabulary.end else self._closes_more
        for other in likely:
            if other != token and fits(answer, other):
                return other
        self._closes = False
        return token

    def _closes_more(self, answer: Sequence[int], token: int) -> bool:
        """Tell whether ``token`` closes a bracket of ``answer``, and does nothing else."""
        if not _CLOSING.issuperset(self._vocabulary.spelled(token)):
            return False
        before = unclosed(self._vocabulary.text(answer), self._pack)
        after = unclosed(self._vocabulary.text([*answer, token]), self._pack)
        if before is None or after is None or before.literal is not None:
            return False
        return len(after.brackets) < len(before.brackets)

    def _may_end(self, answer: Sequence[int]) -> bool:
        left = unclosed(self._vocabulary.text(answer), self._pack)
        return left is not None and left.nothing

    def _circle(self, tokens: Sequence[int]) -> int:
        """Return the length of the round that the last of ``tokens`` begins again; 0 if none."""
        last = len(tokens) - 1
        for length in range(1, min(_LONGEST_ROUND, last // _ROUNDS) + 1):
            if tokens[last] != tokens[last - length]:
                continue
            start = last - length * max(_ROUNDS, -(-_TURNING // length))
            if start >= 0 and all(
                tokens[i] == tokens[i + length] for i in range(start, last - length)
            ):
                again = tokens[last - length : last]
                # Rows of numbers and of brackets are no circles.
                if any(c.isalpha() for t in again for c in self._vocabulary.spelled(t)):
                    return length
        return 0
