"""The one text format: how a unit is put to the model, and how its answer ends.

Training and generation both come through here, so that a model is asked exactly as it was
taught.  Three wordings exist: the template that a model brings along (``fedtranslate.json``
beside its weights), the chat template of its tokenizer, and a plain instruction for all others.

Source code is data, never markup: it is encoded with special tokens switched off, so a unit
that contains the text of an end token cannot end the prompt.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fedtranslate.errors import ModelError
from fedtranslate.languages.flushing import flush_left
from fedtranslate.prompts.request import Context, Request, fitting
from fedtranslate.prompts.wording import (
    COMMENTS,
    CONTEXT,
    INSTRUCTION,
    SENTENCES,
    SOURCE,
    TRANSLATE,
    fill,
    in_words,
    instructed,
)

_PLACES = re.compile(f"({re.escape(CONTEXT)}|{re.escape(INSTRUCTION)})")
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
    """Both may hold {source_language}, {target_language}, {source_title}, {target_title}, and one
    of them {context} and {instruction}, which are empty unless a request brings them."""
    is_plain: bool = False
    """Whether a base model reads it, which goes on from examples and follows no sentences."""

    @property
    def takes_context(self) -> bool:
        """Whether there is a place for what a request carries besides its unit."""
        return any(CONTEXT in part for part in self.ends)

    @property
    def ends(self) -> tuple[str, str]:
        """Head and tail."""
        return self.head, self.tail


def prompt_format(tokenizer: Tokenizer, template: str | None = None) -> PromptFormat:
    """Choose the wording: the model's own ``template``, its chat template, or the plain one.

    Raises:
        ModelError: A template cannot be filled in, is no valid text, or does not hold
            ``{source}`` exactly once, or anything else twice.
    """
    if template is None and tokenizer.chat_template:
        template = _chat(tokenizer)
    text = COMMENTS if template is None else template
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
    for key in (CONTEXT, INSTRUCTION):
        if text.count(key) > 1:
            raise ModelError(
                f"The prompt template of this model holds {key} {text.count(key)} times.",
                hint="It may hold it once: mend fedtranslate.json or the chat template.",
            )
    head, tail = text.split(SOURCE)
    return PromptFormat(head, tail, is_plain=template is None)


def _chat(tokenizer: Tokenizer) -> str:
    message = [{"role": "user", "content": SENTENCES.replace(SOURCE, _MARK)}]
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
    tokenizer: Tokenizer,
    wording: PromptFormat,
    source: str,
    languages: tuple[str, str],
    *,
    context: Context | None = None,
    instruction: str = "",
) -> list[int]:
    """Return the tokens of the question: translate ``source`` between ``languages``.

    Args:
        tokenizer: Of the model.
        wording: Where it has no place for a context or an instruction, they are left out.
        source: The unit.
        languages: Names of language packs.
        context: What the question carries besides the unit.
        instruction: What to do where it is no translation.
    """
    data = {INSTRUCTION: instructed(instruction, is_plain=wording.is_plain)}
    if context is not None:
        data[CONTEXT] = in_words(context, languages, is_plain=wording.is_plain)
    head, tail = (_encode_part(tokenizer, part, languages, data, wording) for part in wording.ends)
    begin = getattr(tokenizer, "bos_token_id", None)
    if begin is not None and head[:1] != [begin]:
        head = [begin, *head]
    return head + encode_code(tokenizer, source) + tail


def encode_request(
    tokenizer: Tokenizer, wording: PromptFormat, request: Request, room: int
) -> list[int]:
    """Return the tokens of ``request``, with as much of its context as ``room`` tokens hold.

    Without any context the question may still be longer than ``room``.
    """

    def encoded(context: Context) -> list[int]:
        return encode_prompt(
            tokenizer,
            wording,
            request.text,
            request.languages,
            context=context,
            instruction=request.instruction,
        )

    if not wording.takes_context:
        return encoded(Context())
    return encoded(fitting(request.context, lambda context: len(encoded(context)) <= room))


def _encode_part(
    tokenizer: Tokenizer,
    part: str,
    languages: tuple[str, str],
    data: Mapping[str, str],
    wording: PromptFormat,
) -> list[int]:
    """Return the tokens of head or tail: markup where the template is, data where it has places."""
    standard = {INSTRUCTION: "" if wording.is_plain else TRANSLATE, CONTEXT: ""}
    for key, text in standard.items():
        if not data.get(key):
            part = part.replace(key, text)
    tokens: list[int] = []
    for piece in _PLACES.split(part):
        if piece in standard:
            tokens += _encode_data(tokenizer, data[piece])
        else:
            tokens += _encode(tokenizer, fill(piece, languages))
    return tokens


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
    return _encode_data(tokenizer, flush_left(text))


def decode_answer(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """Return the code that ``ids`` spell, special tokens left out."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _encode_data(tokenizer: Tokenizer, text: str) -> list[int]:
    encoded = tokenizer(_valid(text), add_special_tokens=False, split_special_tokens=True)
    return list(encoded["input_ids"])


def _encode(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else []
