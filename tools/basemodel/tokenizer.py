"""Train the code-aware tokenizer of the builtin model.

Byte-level BPE, so that every text round-trips exactly, with two habits of code built in:

* **The case of a letter is a token of its own.**  ``flushBuffer`` and ``FlushBuffer`` share
  the pieces ``flush`` and ``buffer``; a capital is written as a marker and the small letter.
  What Java calls ``getName`` and C# ``GetName`` then differs by one marker, and to copy a name
  across the languages is to copy pieces.  Runs of capitals (``HTTP``, ``MAX_SIZE``) stay whole.
* **Names are cut at camelCase and snake_case borders** before BPE sees them, blanks are kept
  away from names, and keywords keep theirs.

The marker is the control character SHIFT OUT; one that occurs in a text is escaped, so the
round trip stays exact even for hostile input.
"""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

MARKER = "\x0e"
END = "<|end|>"
PAD = "<|pad|>"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def language_token(language: str) -> str:
    """Return the special token that opens text of ``language``."""
    return f"<|{language}|>"


def train_tokenizer(
    texts: Iterable[str], *, vocabulary: int, keywords: Iterable[str], languages: Iterable[str]
) -> PreTrainedTokenizerFast:
    """Return a tokenizer with ``vocabulary`` tokens, learned from ``texts``.

    Args:
        texts: Source code of all languages.
        vocabulary: Number of tokens, special ones included.
        keywords: Words that keep the blank before them.
        languages: Names of language packs; each gets a special token.
    """
    special = [PAD, END, *(language_token(name) for name in languages)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(MARKER, MARKER + "0"),
            *(normalizers.Replace(big, MARKER + big.lower()) for big in _LETTERS),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_pieces(keywords)), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.ByteLevel(),
            *(decoders.Replace(MARKER + big.lower(), big) for big in _LETTERS),
            decoders.Replace(MARKER + "0", MARKER),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=24,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
    )


def _pieces(keywords: Iterable[str]) -> str:
    """Return the regular expression of what BPE may not merge across."""
    m = MARKER
    words = "|".join(sorted((word.lower() for word in keywords), key=lambda w: (-len(w), w)))
    return "|".join(
        [
            rf" ?(?:{words})(?![a-z0-9_{m}])",
            rf"(?:{m}[a-z]){{2,}}(?![a-z])",
            rf" ?{m}(?=[a-z])(?!(?:[a-z]{m})+[a-z](?![a-z]))",
            r"[a-z]+",
            r"[0-9]",
            rf"\n *| ?[^\sa-z0-9{m}]+| +|\s+|{m}",
        ]
    )
