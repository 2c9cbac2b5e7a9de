"""The one text format: how a unit is put to the model, and how its answer ends.

Training and generation both come through here, so that a model is asked exactly as it was
taught.  Three wordings exist: the template that a model brings along (``fedtranslate.json``
beside its weights), the chat template of its tokenizer, and a plain instruction for all others.

Source code is data, never markup: it is encoded with special tokens switched off, so a unit
that contains the text of an end token cannot end the prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fedtranslate.errors import ModelError
from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.registry import load_pack

SOURCE = "{source}"
_INSTRUCTION = (
    "Translate this {source_title} code to {target_title}. Answer with the {target_title} code"
    " only.\n\n{source}"
)
_PLAIN = "// {source_title}\n{source}\n// {target_title}\n"
_MARK = "\ue000source\ue000"


class Tokenizer(Protocol):
    """What this room needs of a Hugging Face tokenizer."""

    eos_token_id: int | None
    pad_token_id: int | None
    chat_template: Any

    def __call__(self, text: str, **options: Any) -> Any:  # noqa: ANN401
        """Encode ``text``."""

    def decode(self, ids: Sequence[int], **options: Any) -> str:  # noqa: ANN401
        """Return the text of ``ids``."""

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any:  # noqa: ANN401
        """Word a conversation as the model was taught."""


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """A wording for one tokenizer: text before the source, and text after it."""

    head: str
    tail: str
    """Both may hold {source_language}, {target_language}, {source_title}, {target_title}."""


def prompt_format(tokenizer: Tokenizer, template: str | None = None) -> PromptFormat:
    """Choose the wording: the model's own ``template``, its chat template, or the plain one.

    Raises:
        ModelError: A template cannot be filled in, is no valid text, or does not hold
            ``{source}`` exactly once.
    """
    if template is None and tokenizer.chat_template:
        template = _chat(tokenizer)
    text = _PLAIN if template is None else template
    if _valid(text) != text:
        raise ModelError(
            "The prompt template of this model has half of a surrogate pair, which is no text.",
            hint="Mend fedtranslate.json or the tokenizer's chat template.",
        )
    if text.count(SOURCE) != 1:
        raise ModelError(
            f"The prompt template of this model holds {SOURCE} {text.count(SOURCE)} times.",
            hint="It must hold it once: mend fedtranslate.json or the tokenizer's chat template.",
        )
    head, tail = text.split(SOURCE)
    return PromptFormat(head, tail)


def _chat(tokenizer: Tokenizer) -> str:
    message = [{"role": "user", "content": _INSTRUCTION.replace(SOURCE, _MARK)}]
    try:
        worded = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    except Exception as error:  # a template is a program, and may fail in any way
        said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ModelError(
            f"The chat template of this model cannot be filled in: {said}.",
            hint="Mend chat_template in its tokenizer_config.json.",
        ) from error
    return str(worded).replace(_MARK, SOURCE)


def encode_prompt(
    tokenizer: Tokenizer, wording: PromptFormat, source: str, languages: tuple[str, str]
) -> list[int]:
    """Return the tokens of the question: translate ``source`` between ``languages``."""
    head, tail = (_fill(text, languages) for text in (wording.head, wording.tail))
    begin = getattr(tokenizer, "bos_token_id", None)
    opening = _encode(tokenizer, head)
    if begin is not None and opening[:1] != [begin]:
        opening = [begin, *opening]
    return opening + encode_code(tokenizer, source) + _encode(tokenizer, tail)


def encode_answer(tokenizer: Tokenizer, target: str) -> list[int]:
    """Return the tokens of the answer, with the end token that closes it.

    Raises:
        ModelError: The tokenizer has no end token.
    """
    if tokenizer.eos_token_id is None:
        raise ModelError(
            "The tokenizer of this model has no end token, so an answer could never stop.",
            hint="Set eos_token in its tokenizer_config.json.",
        )
    return [*encode_code(tokenizer, target), tokenizer.eos_token_id]


def encode_code(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the tokens of code, in which no special token is recognised.

    The code is put flush left first: how deep a unit sits in its file is no matter of
    translation, and a model should not have to learn it.  Lone surrogates become question marks.
    """
    flush = flush_left(_valid(text))
    encoded = tokenizer(flush, add_special_tokens=False, split_special_tokens=True)
    return list(encoded["input_ids"])


def decode_answer(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """Return the code that ``ids`` spell, special tokens left out."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _encode(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else []


def _fill(text: str, languages: tuple[str, str]) -> str:
    source, target = (load_pack(name) for name in languages)
    for key, value in (
        ("{source_language}", source.name),
        ("{target_language}", target.name),
        ("{source_title}", source.title),
        ("{target_title}", target.title),
    ):
        text = text.replace(key, value)
    return text
