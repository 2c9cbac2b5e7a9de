"""Find credentials in code, so that no model learns them.

Patterns for what has a known form (keys of cloud services, private keys, tokens), and for
literals that are assigned to names such as ``password`` when they look like no word.  What this
does not find: credentials without a known form under harmless names, and passwords that are plain
words; the second are left alone on purpose, since tests and examples are full of them.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """A place that looks like a credential."""

    kind: str
    line: int
    """Counted from 1."""
    shown: str
    """Its first characters; the rest is masked."""


_FORMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "private key",
        ("PRIVATE KEY",),
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\"'+;,]|\\[nr])*(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{16}",
    ),
    (
        "AWS access key",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![A-Za-z0-9])",
    ),
    ("GitHub token", ("gh",), r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{50,}"),
    ("GitLab token", ("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("Slack token", ("xox",), r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}"),
    (
        "Slack webhook",
        ("hooks.slack",),
        r"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/\w{20,}",
    ),
    ("Google API key", ("AIza",), r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])"),
    ("Stripe key", ("k_live_",), r"\b[rs]k_live_[0-9A-Za-z]{20,}"),
    ("API key", ("sk-",), r"\bsk-(?:proj-|ant-)?[A-Za-z0-9]{2}[A-Za-z0-9_-]{30,}"),
    ("Hugging Face token", ("hf_",), r"\bhf_[A-Za-z0-9]{30,}"),
    ("npm token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", ("pypi-",), r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    ("SendGrid key", ("SG.",), r"\bSG\.[\w-]{16,}\.[\w-]{32,}"),
    ("Azure storage key", ("AccountKey",), r"\bAccountKey=[A-Za-z0-9+/]{60,}={0,2}"),
    (
        "JSON web token",
        ("eyJ",),
        r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    ),
    (
        "password in a URL",
        ("://",),
        r"(?<=://)[^\s:/@\"'<>]{1,80}:(?P<value>[^\s:/@\"'<>]{3,200})(?=@[\w.\[])",
    ),
)
"""Kind, texts of which one must be there (a search for text is fast), and pattern."""
_PATTERNS = tuple((kind, marks, re.compile(form)) for kind, marks, form in _FORMS)

_LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.)*+)\"|'((?:[^'\\\n]|\\.)*+)'")
_LITERAL_LENGTHS = range(6, 401)
_CONNECTION = re.compile(r"(?i)\b(?:password|pwd)\s*=\s*(?P<value>[^;&\"'\s]{3,200})")
_SERVER = re.compile(
    r"(?i)\b(?:server|data source|host|user id|uid|user|username|database)\s*=|\bjdbc:"
)
_REVEALING = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|credential|token(?!i[sz])|api[_-]?key"
    r"|access[_-]?key|auth[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key)"
)
_HINT = re.compile(f"(?i){_REVEALING}")
_NAMED = re.compile(
    rf"(?i)(?P<name>[\w-]*{_REVEALING}[\w-]*)"
    r"[\"']?\s*(?:\)\s*)?(?::?=(?!=)|:|,|\(|=>|\.equals\()\s*$"
)
_BEFORE = 120
_STRICT_NAME = re.compile(r"(?i)passw(?:or)?d|passphrase|pwd|secret|credential")
_PLACEHOLDER = re.compile(
    r"(?i)\$\{|\{\w*\}|%[sd(]|<[^>]*>|\*{3}|x{4}|\.{3}|example|dummy|sample|placeholder|changeme|"
    r"change_me|your|test|fake|mock|redacted|todo|abcdef|qwerty|0{6}|123456"
    # Words that name a secret stand for one only in a literal without digits.
    r"|^[^\d]*(?:pass|secret|token|key)[^\d]*$"
)
_WORDS = re.compile(r"[A-Za-z]+\d{0,2}(?:[\W_]+[A-Za-z]*\d{0,2})*")
_LEAST_BITS = 3.0
_LEAST_BITS_OF_TOKENS = 3.5
_PASSWORD_LENGTH = 8
_TOKEN_LENGTH = 16


def find_secrets(text: str) -> tuple[Secret, ...]:
    """Return the places in ``text`` that look like credentials, from top to bottom."""
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    found = sorted({*_known_forms(text), *_in_literals(text)})
    return tuple(
        Secret(kind, bisect_right(lines, place), f"{value[:4]}...") for place, kind, value in found
    )


_Found = tuple[int, str, str]


def _known_forms(text: str) -> Iterator[_Found]:
    for kind, marks, pattern in _PATTERNS:
        if not any(mark in text for mark in marks):
            continue
        for match in pattern.finditer(text):
            value = match.groupdict().get("value")
            if value is None:
                if "EXAMPLE" not in match[0] and len(set(match[0])) > len(match[0]) // 8:
                    yield match.start(), kind, match[0]
            elif _is_real(value):
                yield match.start("value"), kind, value


def _in_literals(text: str) -> Iterator[_Found]:
    for literal in _LITERAL.finditer(text):
        value, place = literal[0][1:-1], literal.start() + 1
        if len(value) not in _LITERAL_LENGTHS:
            continue
        found = _CONNECTION.search(value)
        if found and _SERVER.search(value) and _is_real(found["value"]):
            yield place + found.start("value"), "password in a connection", found["value"]
        line_start = text.rfind("\n", 0, place) + 1
        before = text[max(line_start, place - _BEFORE) : literal.start()]
        named = _NAMED.search(before) if _HINT.search(before) else None
        if named and _looks_random(value, named["name"]):
            yield place, f"value of {named['name']}", value


def _is_real(value: str) -> bool:
    return not _PLACEHOLDER.search(value) and not _is_code(value)


def _looks_random(value: str, name: str) -> bool:
    """Tell whether ``value`` is no word, no path, no format and no placeholder."""
    if any(sign.isspace() for sign in value) or _WORDS.fullmatch(value):
        return False
    if not _is_real(value):
        return False
    has_digit = any(sign.isdigit() for sign in value)
    has_letter = any(sign.isalpha() for sign in value)
    bits = _bits_per_character(value)
    if _STRICT_NAME.search(name):
        long_enough = len(value) >= _PASSWORD_LENGTH
        return (
            long_enough
            and has_letter
            and has_digit
            and bits >= min(_LEAST_BITS, math.log2(len(value)) - 0.5)
        )
    return (
        len(value) >= _TOKEN_LENGTH and has_letter and has_digit and bits >= _LEAST_BITS_OF_TOKENS
    )


def _is_code(value: str) -> bool:
    """Tell whether ``value`` is a pattern, a path or an expression and so no credential."""
    return any(mark in value for mark in ("(", "[", "://", "\\d", "\\w", "{", "//", "::"))


def _bits_per_character(value: str) -> float:
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
