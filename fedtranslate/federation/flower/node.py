"""Start Flower's SuperNode, at our pace.

Stock, it looks for messages every three seconds, and a node that was killed is refused for
about a minute, until two of its heartbeats, 30 seconds apart, have been missed.

    python -m fedtranslate.federation.flower.node [OPTION...]      those of flower-supernode
"""

import os
import sys

from flwr.supernode.cli.flower_supernode import flower_supernode

from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.mending import mend_supernode
from fedtranslate.federation.flower.thrift import be_thrifty

if __name__ == "__main__":
    compat.check_version()
    compat.set_pace_as_told()
    mend_supernode()
    be_thrifty()
    try:
        flower_supernode()
    finally:
        # It returns when the SuperLink has refused something, with an error in its log, and threads
        # of it would live on: a site that seems to be there.  The supervisor starts it again.
        sys.stderr.flush()
        os._exit(1)
