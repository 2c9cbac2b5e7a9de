"""Tell whether a translation is the reference, to the letter or to the token."""

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack


def exact_match(prediction: str, reference: str) -> bool:
    """Tell whether both are the same text; only white space around them does not count.

    This is the exact match of published tables.  An empty prediction is never one.
    """
    return bool(prediction.strip()) and prediction.strip() == reference.strip()


def token_exact_match(prediction: str, reference: str, pack: LanguagePack) -> bool:
    """Tell whether both are the same code: layout and comments do not count either."""
    if exact_match(prediction, reference):
        return True
    tokens = code_tokens(prediction, pack)
    return bool(tokens) and tokens == code_tokens(reference, pack)
