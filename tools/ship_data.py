"""Put the data of the checkout inside the wheel, under ``fedtranslate/_shipped/``.

A checkout keeps it at the top, where people look; a wheel may own only one name in
site-packages, so there it moves inside the package.  Editable installs are left alone:
``fedtranslate.resources`` finds that of the checkout itself.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("parsers", "clients", "constraints.txt")


class ShipData(BuildHookInterface[Any]):
    """The hook that hatchling calls once for each wheel it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the data to a standard wheel; ``version`` is standard or editable."""
        if version == "standard":
            for name in SHIPPED:
                build_data["force_include"][name] = f"fedtranslate/_shipped/{name}"
