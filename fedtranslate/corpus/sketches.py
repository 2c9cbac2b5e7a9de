"""Salted hashes by which sites find the pairs they share, without showing them.

All sites of a federation agree on one salt.  What this does not protect against: whoever knows
the salt and guesses a pair can check the guess, so a sketch tells that public code is there, and
small units can be found by trying.  Sketches therefore leave a site only where its policy says so.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping

from fedtranslate.corpus.normal import NormalForms
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair

_SHORTEST_SALT = 16
_SKETCH_DIGITS = 32


def sketch(pair: CodePair, salt: bytes, forms: NormalForms | None = None) -> str:
    """Return the salted hash of both sides' tokens: 32 hex digits.

    It is the same for a pair and for its reverse, and does not depend on layout or comments.

    Raises:
        CorpusError: The salt has fewer than 16 bytes.
    """
    if len(salt) < _SHORTEST_SALT:
        raise CorpusError(
            f"The salt has {len(salt)} bytes; it needs {_SHORTEST_SALT} at least.",
            hint="Take 32 random bytes, the same at all sites.",
        )
    forms = forms or NormalForms()
    sides = sorted(
        [
            (pair.source_language.encode(), forms.source(pair).digest),
            (pair.target_language.encode(), forms.target(pair).digest),
        ]
    )
    message = b"".join(len(name).to_bytes(2, "big") + name + digest for name, digest in sides)
    return hmac.new(salt, message, hashlib.sha256).hexdigest()[:_SKETCH_DIGITS]


def shared_sketches(by_site: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Return the sketches that more than one site has, each with those sites' names, sorted."""
    owners: dict[str, list[str]] = {}
    for site in sorted(by_site):
        for value in set(by_site[site]):
            owners.setdefault(value, []).append(site)
    shared = {value: tuple(sites) for value, sites in owners.items() if len(sites) > 1}
    return dict(sorted(shared.items()))


def exclusions(by_site: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """Return for each site the sketches it should leave out, so that one site keeps each pair.

    Which site keeps a pair follows from its sketch: evenly, and the same for everyone who counts.
    """
    left_out: dict[str, set[str]] = {site: set() for site in by_site}
    for value, sites in shared_sketches(by_site).items():
        keeper = sites[int(hashlib.sha256(value.encode()).hexdigest(), 16) % len(sites)]
        for site in sites:
            if site != keeper:
                left_out[site].add(value)
    return {site: frozenset(values) for site, values in left_out.items()}
