"""The token-normal form of code, in which layout and comments do not count."""

import hashlib
from dataclasses import dataclass, field

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

_BETWEEN_TOKENS = b"\x1f"


@dataclass(frozen=True, slots=True)
class NormalForm:
    """What remains of one text."""

    tokens: int
    """How many there are, comments not counted."""
    digest: bytes
    """Equal for two texts of one language exactly when their tokens are."""


@dataclass(slots=True)
class NormalForms:
    """Gives the normal forms of texts, and cuts each text once however often it is asked for."""

    _known: dict[tuple[str, str], NormalForm] = field(default_factory=dict)

    def of(self, text: str, language: str) -> NormalForm:
        """Return the normal form of ``text``."""
        key = (language, text)
        if key not in self._known:
            tokens = code_tokens(text, load_pack(language))
            joined = _BETWEEN_TOKENS.join(token.encode("utf-8", "replace") for token in tokens)
            self._known[key] = NormalForm(len(tokens), hashlib.sha256(joined).digest())
        return self._known[key]

    def source(self, pair: CodePair) -> NormalForm:
        """Return the normal form of the source side."""
        return self.of(pair.source, pair.source_language)

    def target(self, pair: CodePair) -> NormalForm:
        """Return the normal form of the target side."""
        return self.of(pair.target, pair.target_language)
