"""What an endpoint answered, read as if a stranger had written it.

Every field may be missing, of another type, or absurd; what cannot be read is said in words.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.migration.engines.base import Candidate
from fedtranslate.prompts.answer import code_in

_SHOWN = 200
"""Characters that are shown of what a server says."""
_LEAST = -1e6
"""Log probability below which there is none."""


class ReplyError(Exception):
    """A reply that holds no answer; the message says why, as a sentence."""


def read_candidates(
    body: bytes, most: int, pack: LanguagePack, secret: str = ""
) -> list[Candidate]:
    """Return the answers in a reply of ``/chat/completions`` or ``/completions``.

    Args:
        body: As it came.
        most: Answers that were asked for; more are left alone.
        pack: Of the language that was asked for.
        secret: What no failure may show.

    Raises:
        ReplyError: The reply is not of this form.
    """
    reply = _parsed(body)
    choices = reply.get("choices")
    if not isinstance(choices, list):
        said = error_in(reply, secret)
        raise ReplyError(
            f"The endpoint says: {said}." if said else "The endpoint's reply has no choices."
        )
    if not choices:
        raise ReplyError("The endpoint's reply has no choices.")
    return [_candidate(choice, pack, secret) for choice in choices[:most]]


def complaint_in(body: bytes, secret: str = "") -> str:
    """Return what the body of a refusal says, shortened; "" where it says nothing readable."""
    try:
        return error_in(_parsed(body), secret)
    except ReplyError:
        return ""


def error_in(reply: Mapping[str, Any], secret: str = "") -> str:
    """Return the error that a reply tells of, on one line and shortened; "" if none."""
    told = reply.get("error", reply.get("message", reply.get("detail")))
    if isinstance(told, dict):
        told = told.get("message")
    return shown(told, secret) if isinstance(told, str) else ""


def shown(text: str, secret: str = "") -> str:
    """Return ``text`` as it may stand in a message: one line, printable, not long, no secret."""
    text = cleaned(text)
    text = text.replace(secret, "***") if secret else text
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return (line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "...").rstrip(".")


def cleaned(text: str) -> str:
    """Return ``text`` without NUL characters; lone surrogates become question marks."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        start = body.lstrip()[:1]
        what = "a web page or markup" if start == b"<" else "no valid JSON"
        raise ReplyError(f"The endpoint's reply is {what}.") from None
    if not isinstance(reply, dict):
        raise ReplyError("The endpoint's reply is JSON, but no object.")
    return reply


def _candidate(choice: object, pack: LanguagePack, secret: str) -> Candidate:
    if not isinstance(choice, dict):
        return _failed("The endpoint's answer is no object.")
    reason = choice.get("finish_reason")
    text, refusal = _text(choice, secret)
    if text is None:
        return _failed(
            f"The model refused: {refusal}." if refusal else "The endpoint's answer has no text."
        )
    if reason == "content_filter":
        return _failed("The endpoint's filter held the answer back.")
    code = cleaned(code_in(text, pack))
    is_cut = reason == "length"
    if not code.strip():
        why = " before it came to its limit of tokens" if is_cut else ""
        return _failed(f"The model gave no code{why}.")
    return Candidate(code, finished=not is_cut, score=_score(choice.get("logprobs")))


def _failed(why: str) -> Candidate:
    return Candidate("", finished=False, failure=why)


def _text(choice: Mapping[str, Any], secret: str) -> tuple[str | None, str]:
    """Return the text of an answer, or None and what the model says instead."""
    message = choice.get("message")
    if not isinstance(message, dict):
        text = choice.get("text")
        return (text, "") if isinstance(text, str) else (None, "")
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str))
    if isinstance(content, str):
        return content, ""
    refusal = message.get("refusal")
    return None, shown(refusal, secret) if isinstance(refusal, str) else ""


def _score(logprobs: object) -> float | None:
    """Return the mean of the log probabilities; None where they are not all sound numbers."""
    if not isinstance(logprobs, dict):
        return None
    values = logprobs.get("token_logprobs")
    content = logprobs.get("content")
    if isinstance(content, list):
        values = [entry.get("logprob") if isinstance(entry, dict) else None for entry in content]
    if not isinstance(values, list) or not values:
        return None
    sound = [v for v in values if type(v) in (int, float) and _LEAST <= v <= 0]
    return math.fsum(sound) / len(values) if len(sound) == len(values) else None
