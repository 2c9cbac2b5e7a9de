"""Programs that only look after others are small and start at once: they load no arithmetic."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "service.coordinator",
        "service.site",
        "service.runs",
        "service.report",
        "supervision.supervisor",
        "flower.link",
        "flower.node",
        "gateway.door",
    ],
)
def test_it_loads_no_arithmetic(module: str) -> None:
    program = f"import sys, fedtranslate.federation.{module}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
