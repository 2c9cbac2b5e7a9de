"""What the tests of the sandbox run in it, and in which back-ends."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from fedtranslate.checks.sandbox import Finished

PYTHON = str(Path(sys.executable).resolve())
CONTAINING = ["bubblewrap", "unshare"]
if os.environ.get("FEDTRANSLATE_SANDBOX_IMAGE"):
    CONTAINING.append("docker")

RunPython = Callable[..., Finished]
