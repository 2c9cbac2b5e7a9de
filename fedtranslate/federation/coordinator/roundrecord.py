"""What the record of a round tells of the replies that it joined, beside the adapter itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.grouping import similarity
from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate

_MOST_COMPARED = 100
"""Sites whose updates are compared with each other; the record grows as their square."""


def replies_record(
    valid: Mapping[str, SiteUpdate], counts: Sequence[float], answers: Sequence[Answer]
) -> dict[str, Any]:
    """Return who replied what, who was left out and why, and the bytes that were sent.

    Args:
        valid: The replies that are joined, by their sites.
        counts: Their weights, in the same order.
        answers: Of all sites that were invited.
    """
    received = {answer.site: answer.received_bytes for answer in answers}
    replies = {
        site: {
            "pairs": update.pairs,
            "weight": weight,
            "train_loss": update.train_loss,
            "bytes": received[site],
        }
        for (site, update), weight in zip(valid.items(), counts, strict=True)
    }
    return {
        "replies": replies,
        "left_out": {answer.site: answer.refusal for answer in answers if answer.update is None},
        "sent_bytes": sum(answer.sent_bytes for answer in answers),
    }


def likeness_record(valid: Mapping[str, SiteUpdate], joint: Adapter) -> dict[str, Any]:
    """Return how alike the sites' updates are, for whoever would group them.

    With them, the sites whose replies leave the product as it is, and so are like nobody's.
    """
    replies = {name: u.adapter for name, u in valid.items() if u.adapter is not None}
    if len(replies) > _MOST_COMPARED:
        return {"similarity": {}}
    found = similarity(replies, joint)
    rows = {one: {two: round(c, 6) for two, c in row.items()} for one, row in found.items()}
    return {"similarity": rows, "unmoved": sorted(replies.keys() - found.keys())}


def signatures_record(
    valid: Iterable[str], known: Mapping[str, Introduction], settings: RunSettings
) -> dict[str, str]:
    """Return what sites have shown of their code to be grouped by, if the run asks for it."""
    if settings.signature == "none":
        return {}
    return {site: known[site].signature for site in valid if known[site].signature}
