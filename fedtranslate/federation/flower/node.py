"""Start Flower's SuperNode, at our pace.

Stock, it looks for messages every three seconds, and a node that was killed is refused for
about a minute, until two of its heartbeats, 30 seconds apart, have been missed.

    python -m fedtranslate.federation.flower.node [OPTION...]      those of flower-supernode
"""

import os

from flwr.supernode.cli.flower_supernode import flower_supernode

from fedtranslate.federation.flower import compat

POLL_VARIABLE = "FEDTRANSLATE_POLL_SECONDS"
HEARTBEAT_VARIABLE = "FEDTRANSLATE_HEARTBEAT_SECONDS"

if __name__ == "__main__":
    compat.check_version()
    compat.set_pace(
        float(os.environ.get(POLL_VARIABLE, "1")), float(os.environ.get(HEARTBEAT_VARIABLE, "10"))
    )
    flower_supernode()
