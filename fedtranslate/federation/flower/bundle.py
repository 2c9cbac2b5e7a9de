"""The bundle that starts a run: it names our two apps and carries no code.

Flower hands it to every site.  It is the same for all runs, so a site can allow this one by
its SHA-256 and refuse all others; what differs between runs is in the run configuration.
"""

import hashlib
import json

from flwr.cli.build import build_fab_from_files

from fedtranslate import __version__
from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.flower.compat import VERSION
from fedtranslate.federation.settings import flatten

_README = b"Starts a run of fedtranslate, which is installed at the coordinator and every site.\n"


def bundle() -> tuple[bytes, str]:
    """Return the bundle and its SHA-256."""
    content, _ = build_fab_from_files(
        {"pyproject.toml": _pyproject().encode(), "README.md": _README}
    )
    return content, hashlib.sha256(content).hexdigest()


def _pyproject() -> str:
    # Flower accepts only settings that the bundle lists; these values are never used.
    known = flatten(RunSettings(name="run", source="any", target="any"), ())
    config = "".join(f"{key} = {json.dumps(value)}\n" for key, value in known.items())
    return f"""[project]
name = "fedtranslate-run"
version = "{__version__}"
description = "Starts a run of fedtranslate."
license = "Apache-2.0"
dependencies = ["flwr=={VERSION}"]

[tool.flwr.app]
publisher = "fedtranslate"
fab-include = ["README.md"]

[tool.flwr.app.components]
serverapp = "fedtranslate.federation.flower.server_app:app"
clientapp = "fedtranslate.federation.flower.client_app:app"

[tool.flwr.app.config]
{config}"""
