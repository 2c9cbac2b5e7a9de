"""Start Flower's SuperLink, with patience for apps that take long to begin.

Stock, an app that shows no sign of life within 30 seconds of being claimed is given up, and Flower
has no setting for that; on a busy machine the imports of an app alone may take longer.

    python -m fedtranslate.federation.flower.link [OPTION...]      those of flower-superlink
"""

from flwr.superlink.cli import flower_superlink

from fedtranslate.federation.flower import compat

if __name__ == "__main__":
    compat.check_version()
    compat.allow_slow_starts(compat.BEGIN_SECONDS)
    flower_superlink()
