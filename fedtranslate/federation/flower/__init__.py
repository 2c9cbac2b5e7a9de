"""The only folder that imports Flower.

Flower reads once, when it is imported, whether it may send usage statistics and look for
updates; so that is switched off here, before any module of this folder can import it.
"""

import os

QUIET = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
}
"""Environment of every Flower process: nothing is sent or downloaded."""
os.environ.update(QUIET)
