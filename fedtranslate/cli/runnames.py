"""Names in a run's settings that nobody knows, found before anything is started."""

from collections.abc import Callable, Mapping


def wrong_names(table: Mapping[str, object]) -> list[str]:
    """Return a line for each name in ``[federation]`` that nobody knows."""
    from fedtranslate.adapters.methods.registry import find_method
    from fedtranslate.adapters.robust.rules import find_rule
    from fedtranslate.errors import ConfigError, UnknownNameError
    from fedtranslate.languages.registry import load_pack

    mistakes = []
    finders: dict[str, Callable[[str], object]] = {
        "source": load_pack,
        "target": load_pack,
        "method": find_method,
        "robust": find_rule,
    }
    for key, find in finders.items():
        name = table.get(key)
        try:
            if isinstance(name, str):
                find(name)
        except UnknownNameError as error:
            mistakes.append(f"{key}: {error}")
    options, name = table.get("method_options"), table.get("method", "fra")
    if isinstance(options, dict) and isinstance(name, str):
        try:
            find_method(name).complete(options)
        except UnknownNameError:
            pass  # told above
        except ConfigError as error:
            mistakes.append(str(error))
    return mistakes
