"""Start Flower's SuperLink, with patience for apps that take long to begin, and for its database.

Stock, an app that shows no sign of life within 30 seconds of being claimed is given up, and a
request fails that waits five seconds to write, and takes the run with it: on a busy machine the
imports of an app take longer, and so do three sites that answer with large adapters.  And each
connection to the database keeps up to 64 MB, and maps 256 MB of the file.

    python -m fedtranslate.federation.flower.link [OPTION...]      those of flower-superlink
"""

from flwr.superlink.cli import flower_superlink

from fedtranslate.federation.flower import compat

if __name__ == "__main__":
    compat.check_version()
    compat.allow_slow_starts(compat.BEGIN_SECONDS)
    compat.set_patience()
    flower_superlink()
