"""Start Flower's SuperLink, with patience for what takes long on a busy machine.

Stock, an app that shows no sign of life within 30 seconds of being claimed is given up, and Flower
has no setting for that; the imports of an app alone may take longer.  And a request fails that
waits five seconds to write to the database, and takes the run with it: three sites that answer with
large adapters are enough.  Each connection to the database keeps up to 64 MB, too, and maps 256 MB.

    python -m fedtranslate.federation.flower.link [OPTION...]      those of flower-superlink
"""

from flwr.superlink.cli import flower_superlink

from fedtranslate.federation.flower import compat

if __name__ == "__main__":
    compat.check_version()
    compat.allow_slow_starts(compat.BEGIN_SECONDS)
    compat.let_database_wait()
    flower_superlink()
