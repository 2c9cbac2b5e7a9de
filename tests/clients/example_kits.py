"""Kits of both ends, copied out for a coordinator and a site that do not exist."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli.kits import coordinator_kit, site_kit

ENDPOINT = ["--endpoint", "https://coordinator.example:9443"]
SITE = [*ENDPOINT, "--name", "north", "--address", "192.0.2.7"]
FORMS = ("systemd", "docker", "kubernetes")
SERVICES = {
    "coordinator": ("fedtranslate-coordinator.service",),
    "site": tuple(f"fedtranslate-site-{part}.service" for part in ("network", "data")),
}
each_kit = pytest.mark.parametrize(
    ("end", "form"), [(end, form) for end in SERVICES for form in FORMS]
)


def asked(end: str, folder: Path, form: str, *options: str) -> Result:
    command, told = (coordinator_kit, ENDPOINT) if end == "coordinator" else (site_kit, SITE)
    return CliRunner().invoke(command, [str(folder), "--form", form, *told, *options])


def kit(end: str, form: str, folder: Path, *options: str) -> Path:
    made = asked(end, folder / "kit", form, *options)
    assert made.exit_code == 0, made.output
    return folder / "kit"


def files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]
