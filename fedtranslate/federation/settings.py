"""Run settings as the flat scalars that a Flower run configuration can hold, and back.

The coordinator writes them, every site reads them, so reading validates everything.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from fedtranslate.config.federation import RunSettings
from fedtranslate.config.reading import validate
from fedtranslate.errors import ConfigError

Scalar: TypeAlias = bool | int | float | str

_OPEN = {"method_options"}
"""Tables whose keys depend on other settings: Flower takes those only that a bundle announces."""
SITES = "sites"
"""Key of the names of the sites that take part, joined by commas."""


def flatten(settings: RunSettings, sites: tuple[str, ...]) -> dict[str, Scalar]:
    """Return ``settings`` and the names of the ``sites`` under dotted keys."""
    flat: dict[str, Scalar] = {SITES: ",".join(sorted(sites))}
    _flatten(settings.model_dump(mode="json"), "", flat)
    return flat


def read_flat(values: Mapping[str, Scalar]) -> tuple[RunSettings, tuple[str, ...]]:
    """Return the settings and the names of the sites that ``flatten`` wrote.

    Raises:
        ConfigError: A value is unknown, missing or out of range; all are listed.
    """
    nested: dict[str, Any] = {}
    for key, value in values.items():
        if key == SITES:
            continue
        *tables, last = key.split(".")
        table = nested
        for name in tables:
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise ConfigError(f"The run configuration has {key} and {name} at once.")
        table[last] = _unpacked(key, value)
    names = tuple(filter(None, str(values.get(SITES, "")).split(",")))
    if not names or len(set(names)) != len(names):
        raise ConfigError(
            f"The run configuration names the sites {', '.join(names) or '(none)'}.",
            hint="It must name every site once, joined by commas.",
        )
    settings = validate(RunSettings, nested, "The run configuration")
    check_receivers(settings, names)
    return settings, names


def check_receivers(settings: RunSettings, sites: Collection[str]) -> None:
    """Refuse a run whose release would be for sites that are not in it.

    Raises:
        ConfigError: ``released_to`` names one.
    """
    if strange := sorted(set(settings.released_to) - set(sites)):
        raise ConfigError(
            f"released_to names {', '.join(strange)}, which the run {settings.name} is not for.",
            hint=f"Its sites are {', '.join(sorted(sites))}.",
        )


def _flatten(values: Mapping[str, Any], prefix: str, flat: dict[str, Scalar]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and key not in _OPEN:
            _flatten(value, f"{prefix}{key}.", flat)
        elif isinstance(value, list | dict):
            flat[prefix + key] = json.dumps(value)
        else:
            flat[prefix + key] = value


def _unpacked(key: str, value: Scalar) -> Any:  # noqa: ANN401
    if not (isinstance(value, str) and value.startswith(("[", "{"))):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ConfigError(f"The run configuration is damaged at {key}.") from None
