"""The coordinator's process never loads what can hold source code."""

import subprocess
import sys

COORDINATOR = """
import sys
import fedtranslate.federation.flower.server_app
import fedtranslate.federation.coordinator.rounds, fedtranslate.federation.coordinator.result
print(*sorted(name for name in sys.modules if name.startswith("fedtranslate.")))
"""
QUIET = """
import os
import fedtranslate.federation.flower.server_app
from flwr.supercore import telemetry
print(telemetry.FLWR_TELEMETRY_ENABLED, os.environ["FLWR_DISABLE_UPDATE_CHECK"])
"""


def printed(program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return finished.stdout


def test_the_server_app_loads_no_module_that_can_hold_code() -> None:
    loaded = printed(COORDINATOR).split()
    rooms = {name.split(".")[1] for name in loaded}
    assert "federation" in rooms
    assert not rooms & {
        "corpus",
        "languages",
        "prompts",
        "records",
        "evaluation",
        "training",
        "models",
    }
    assert not any(name.startswith("fedtranslate.federation.site") for name in loaded)


def test_flower_starts_without_telemetry_and_update_checks() -> None:
    assert printed(QUIET).split() == ["0", "1"]
