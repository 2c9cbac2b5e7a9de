"""How a run joins adapters and how numbers travel in it, as ``federate status`` tells it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def settings_values(settings: Any) -> dict[str, Any]:  # noqa: ANN401 - RunSettings
    """Return method, options, rule and formats of a run."""
    return {
        "method": settings.method,
        "method_options": dict(settings.method_options),
        "robust": settings.robust,
        "traffic": settings.traffic.model_dump(mode="json"),
    }


def settings_line(settings: Any) -> str:  # noqa: ANN401 - RunSettings
    """Return the same as a sentence."""
    from fedtranslate.status.settings import formats_text, method_text

    values = settings_values(settings)
    rule = "no robust rule" if settings.robust == "none" else f"rule {settings.robust}"
    return f"Method {method_text(values)}, {rule}; numbers travel as {formats_text(values)}."


def round_bytes(run: Path, last_round: int) -> dict[int, dict[str, int]]:
    """Return what travelled in each round: ``up`` from all sites together, ``down`` to them.

    A round whose record is damaged, or does not tell, is left out.
    """
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.coordinator.journal import read_round

    found = {}
    for number in range(1, last_round + 1):
        try:
            found[number] = _bytes(read_round(run, number))
        except (FederationError, KeyError, TypeError, AttributeError):
            continue
    return found


def _bytes(record: Mapping[str, Any]) -> dict[str, int]:
    up = [reply["bytes"] for reply in record["replies"].values()]
    down = record["sent_bytes"]
    if any(type(size) is not int for size in (*up, down)):
        raise TypeError("a number of bytes is no whole number")
    return {"up": sum(up), "down": down}


def told_bytes(sizes: Mapping[str, int]) -> str:
    """Say how much travelled in a round."""
    return f"{_size(sizes['up'])} up, {_size(sizes['down'])} down"


def _size(count: int) -> str:
    # Not by report.text, which loads torch: whoever only looks at a run is not to wait for that.
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"
