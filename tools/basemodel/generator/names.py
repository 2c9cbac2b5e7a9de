"""Draw identifiers that nobody has seen before.

A name is one to four words; about a quarter of the words are pronounceable nonsense, so that
copying is the only way to get them right. The case rule of each kind of name is applied here, in
Java's form.
"""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

from tools.basemodel.generator.words import (
    ACRONYMS,
    ADJECTIVES,
    LIBRARY_METHODS,
    NOUNS,
    RESERVED,
    VERBS,
    split,
)

T = TypeVar("T")

NONSENSE_SHARE: Final = 0.25
ACRONYM_SHARE: Final = 0.05
ONSETS: Final = split(
    "b c d f g h j k l m n p qu r s t v w x z br ch cl cr dr fl gr kr pl sh st th tr"
)
VOWELS: Final = split("a e i o u ai ea io oo y")
CODAS: Final = ("", "", "", *split("l m n r s t x k rk nt nd sk"))
COUNTERS: Final = split(
    "i i i j k n p x y c b d len num idx pos count off start end max limit total"
)
TEXTS: Final = split("s s str text name line key prefix label msg t path token word term")
ANY: Final = split("o obj other a b e t v x it tmp cur prev result res ret data info ctx src dst")


class Names:
    """Compose identifiers from one source of randomness."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def pick(self, choices: Sequence[T]) -> T:
        """Give one of the choices, each with the same probability."""
        return choices[int(self.rng.random() * len(choices))]

    def nonsense(self) -> str:
        """Give a pronounceable word of two or three syllables that means nothing."""
        syllables = 2 if self.rng.random() < 0.7 else 3
        word = "".join(self.pick(ONSETS) + self.pick(VOWELS) for _ in range(syllables - 1))
        return word + self.pick(ONSETS) + self.pick(VOWELS) + self.pick(CODAS)

    def noun(self) -> str:
        """Give a noun in lower case, or a nonsense word in place of one."""
        return self.nonsense() if self.rng.random() < NONSENSE_SHARE else self.pick(NOUNS)

    def verb(self) -> str:
        """Give a verb in lower case, seldom a nonsense word."""
        return self.nonsense() if self.rng.random() < NONSENSE_SHARE / 2 else self.pick(VERBS)

    def phrase(self) -> list[str]:
        """Give one to three words that name a thing, the head noun last."""
        rng = self.rng
        words = [self.noun()]
        draw = rng.random()
        if draw < 0.55:
            words.insert(0, self.pick(ADJECTIVES) if rng.random() < 0.4 else self.noun())
        if draw < 0.12:
            words.insert(0, self.noun())
        if rng.random() < ACRONYM_SHARE:
            words[0] = self.pick(ACRONYMS)
        if rng.random() < 0.03:
            words[-1] += str(int(rng.random() * 20))
        return words

    def title(self) -> str:
        """Give a type name such as `MergedInvoiceReader`."""
        words = self.phrase()
        if len(words) == 1 and self.rng.random() < 0.7:
            words.append(self.noun())
        name = "".join(word[0].upper() + word[1:] for word in words)
        return name if self.rng.random() > 0.04 else name + str(int(self.rng.random() * 9) + 1)

    def camel(self, words: Sequence[str]) -> str:
        """Join words in camel case; an acronym in front goes down as a whole."""
        first = words[0].lower() if words[0].isupper() else words[0][0].lower() + words[0][1:]
        name = first + "".join(word[0].upper() + word[1:] for word in words[1:])
        return name + "1" if name in RESERVED else name

    def variable(self, kind: str = "") -> str:
        """Give the name of a variable; `kind` is a Java type name that short names may follow."""
        if self.rng.random() < 0.38:
            short = (
                COUNTERS if kind in ("int", "long", "short") else TEXTS if kind == "String" else ANY
            )
            return self.pick(short)
        if kind[:1].isupper() and kind not in ("String", "Object") and self.rng.random() < 0.6:
            return self.after_type(kind)
        return self.camel(self.phrase())

    def after_type(self, kind: str) -> str:
        """Name a variable after its type: whole, or the last word of it."""
        cuts = [i for i, letter in enumerate(kind) if letter.isupper()]
        words = kind[cuts[-1] :] if self.rng.random() < 0.5 else kind
        return self.camel([words])

    def action(self) -> str:
        """Give a method name that begins with a verb."""
        words = [self.verb()]
        if self.rng.random() < 0.75:
            words += self.phrase()
        return self._method(words)

    def getter(self) -> str:
        """Give a method name such as `getShipmentCount`."""
        return self._method(["get", *self.phrase()])

    def question(self) -> str:
        """Give the name of a method that answers yes or no."""
        lead = self.pick(("is", "is", "has", "can", "should", "needs", "supports", "contains"))
        rest = [self.pick(ADJECTIVES)] if self.rng.random() < 0.4 else self.phrase()
        return self._method([lead, *rest])

    def constant(self) -> str:
        """Give a name in upper case with underscores."""
        return "_".join([*self.phrase(), self.noun()][-3:]).upper()

    def sentence(self) -> str:
        """Give one to five lower-case words, as a message or a comment holds them."""
        count = 1 + int(self.rng.random() * 5)
        return " ".join(self.pick(self.pick((NOUNS, ADJECTIVES, VERBS))) for _ in range(count))

    def _method(self, words: Sequence[str]) -> str:
        name = self.camel(words)
        return name + "All" if name in LIBRARY_METHODS else name
