"""How a run joins adapters and how numbers travel in it, from settings that may be damaged."""

from collections.abc import Mapping
from typing import Any

from fedtranslate.status.files import MAX_NAME, number, plain, table

_MAX_OPTIONS = 20


def method_text(settings: Mapping[str, Any]) -> str:
    """Return the method with the options that it was given; empty where nothing tells."""
    method = plain(settings.get("method"), MAX_NAME)
    options = list(table(settings.get("method_options")).items())[:_MAX_OPTIONS]
    given = [
        f"{plain(name, MAX_NAME)} {value:g}"
        for name, told in options
        if (value := number(told)) is not None
    ]
    return f"{method} ({', '.join(given)})" if method and given else method


def formats_text(settings: Mapping[str, Any]) -> str:
    """Say how numbers are written, up and down; empty where nothing tells."""
    traffic = table(settings.get("traffic"))
    up, down = (plain(traffic.get(way), MAX_NAME) for way in ("up", "down"))
    if not up or not down:
        return ""
    share = number(traffic.get("top_k")) or 0.0
    if up == down and not share:
        return f"{up} both ways"
    largest = f", the largest {100 * share:g}% of the entries" if share else ""
    return f"{up} up{largest}, {down} down"
