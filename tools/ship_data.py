"""Put the data folders of the checkout inside the wheel, under ``fedtranslate/_shipped/``.

A checkout keeps them at the top, where people look; a wheel may own only one name in
site-packages, so there they move inside the package.  Editable installs are left alone:
``fedtranslate.resources`` finds the folders of the checkout itself.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("parsers", "clients")


class ShipData(BuildHookInterface[Any]):
    """The hook that hatchling calls once for each wheel it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the data folders to a standard wheel; ``version`` is standard or editable."""
        if version == "standard":
            for name in SHIPPED:
                build_data["force_include"][name] = f"fedtranslate/_shipped/{name}"
