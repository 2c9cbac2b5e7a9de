"""Releases on their way to the sites, and what the sites make of them, as Flower records.

A release travels as the very files that were signed: small ones as they are, the weights in packs.
As in ``codec``, what is read may come from anyone.
"""

from collections.abc import Mapping, Sequence

from flwr.app import ConfigRecord, RecordDict

from fedtranslate.adapters.tensors import MAX_BYTES
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Decision
from fedtranslate.federation.flower.packing import packed_file, unpacked_file

WEIGHTS_FILE = "adapter_model.safetensors"
_FILES, _WEIGHTS, _DECISION = "files", "weights", "decision"
_GREETING, _WITHDRAWN = "hello", "withdrawn"
_MAX_FILES = 8
_MAX_SMALL_BYTES = 8 << 20


def encode_offer(parts: Mapping[str, bytes]) -> RecordDict:
    """Return the message that offers a release.

    Args:
        parts: Content of its files by their names.
    """
    small = {name: content for name, content in parts.items() if name != WEIGHTS_FILE}
    weights = packed_file(parts[WEIGHTS_FILE])
    return RecordDict({_FILES: ConfigRecord(small), _WEIGHTS: weights})


def decode_offer(content: RecordDict, limit_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """Return the files of the release in a message, whose weights are taken out of it.

    Args:
        content: Of the message.
        limit_bytes: Of the weights.

    Raises:
        FederationError: The message is malformed.
    """
    try:
        files, weights = content[_FILES], content[_WEIGHTS]
        sound = set(content) == {_FILES, _WEIGHTS} and isinstance(files, ConfigRecord)
        if not sound:
            raise ValueError
        small = {str(name): part for name, part in files.items() if type(part) is bytes}
        if len(small) != len(files) or len(files) > _MAX_FILES or WEIGHTS_FILE in small:
            raise ValueError
        if sum(map(len, small.values())) > _MAX_SMALL_BYTES:
            raise ValueError
        return {**small, WEIGHTS_FILE: unpacked_file(weights, limit_bytes)}
    except (KeyError, ValueError, TypeError, AttributeError):
        raise FederationError("The offer is malformed.") from None


def encode_greeting(withdrawn: Sequence[str]) -> RecordDict:
    """Return the message that asks a site who it is.

    Args:
        withdrawn: Entries of the coordinator's ledger by which releases were withdrawn.
    """
    # An empty record would make Flower refuse the message.
    about: dict[str, int | list[str]] = {"version": 1}
    if withdrawn:
        about[_WITHDRAWN] = list(withdrawn)
    return RecordDict({_GREETING: ConfigRecord(about)})


def decode_greeting(content: RecordDict) -> list[str]:
    """Return the entries in a greeting; none if it is malformed, since they are an extra."""
    about = content.get(_GREETING)
    found = about.get(_WITHDRAWN) if isinstance(about, ConfigRecord) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def encode_decision(site: str, release: str, decision: Decision) -> RecordDict:
    """Return the message that tells what a site made of a release."""
    about = {"site": site, "release": release, "decision": str(decision)}
    return RecordDict({_DECISION: ConfigRecord(about)})


def decode_decision(content: RecordDict, site: str, release: str) -> Decision:
    """Return what a site made of a release.

    Raises:
        FederationError: The message is malformed, or is about something else.
    """
    try:
        about = content[_DECISION]
        if set(content) != {_DECISION} or not isinstance(about, ConfigRecord):
            raise ValueError
        if dict(about).keys() != {"site", "release", "decision"}:
            raise ValueError
        if (about["site"], about["release"]) != (site, release):
            raise ValueError
        return Decision(str(about["decision"]))
    except (KeyError, ValueError, TypeError):
        raise FederationError("it sent no decision on the release") from None
