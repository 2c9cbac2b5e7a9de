"""Keep what was measured as raw JSON, with the commit, the versions and the machine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.study import RESULTS, machine


def record(
    name: str, values: Mapping[str, Any], folder: str = "checks", output: Path | None = None
) -> Path:
    """Write ``values`` to results/FOLDER/NAME.json, or to ``output``, and return its path."""
    path = output or RESULTS / folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {**values, "machine": machine()}
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return path
