"""Texts for those who did not show the token: one sentence without addresses and paths.

Causes and reasons are often what a program or a site said, down to the address that did not answer.
"""

import re

_SHOWN = 200
_SENTENCE = re.compile(r".*?[.!?](?=\s+[A-Z]|\s*$)", re.DOTALL)
_PLACES = re.compile(
    r"\w+://\S+"  # an address of the web
    r"|\[[0-9A-Fa-f:.]+\](?::\d+)?|(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"  # IPv6
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?"  # IPv4
    r"|\b(?:localhost|[\w-]+(?:\.[\w-]+)+):\d{1,5}\b"  # a host with its port
    r"|\S+@[\w.-]+"  # an address of a person
    r"|(?<![\w.<])~?/[\w.@+~-][^\s'\",;:)]*"  # a path
)


def brief(text: str) -> str:
    """Return the first sentence of ``text``, at most 200 characters, with places blotted out."""
    found = _SENTENCE.match(text)
    sentence = _PLACES.sub("…", found.group() if found else text).strip()
    return f"{sentence[: _SHOWN - 1]}…" if len(sentence) > _SHOWN else sentence
