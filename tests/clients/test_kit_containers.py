"""The containers of the kits: hardened, from a pinned image, and each with its own ways out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from example_kits import SERVICES, kit

from fedtranslate import __version__


def compose(end: str, folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((kit(end, "docker", folder) / "compose.yaml").read_text())
    return read


@pytest.mark.parametrize("end", SERVICES)
def test_every_container_is_hardened(end: str, tmp_path: Path) -> None:
    for name, service in compose(end, tmp_path)["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.fullmatch(r"1000\d:10000", service["user"]), name
        assert {"mem_limit", "pids_limit", "tmpfs", "healthcheck"} <= set(service), name
        assert not {"privileged", "cap_add", "devices", "network_mode"} & set(service) - (
            {"network_mode"} if service.get("network_mode") == "none" else set()
        ), name
        assert not [one for one in service.get("volumes", []) if "docker.sock" in one], name


def test_containers_of_a_site_have_one_way_out_and_the_data_part_none(tmp_path: Path) -> None:
    read = compose("site", tmp_path)
    services = read["services"]
    assert read["networks"]["inside"] == {"internal": True}
    assert services["data"]["network_mode"] == "none"
    assert [name for name, one in services.items() if "outside" in one.get("networks", {})] == [
        "outside"
    ]
    assert services["outside"]["command"][-1] == "TCP:192.0.2.7:9443"
    assert services["outside"]["networks"]["inside"]["aliases"] == ["coordinator.example"]
    assert not [one for one in services.values() if "ports" in one]


def test_containers_of_a_site_see_only_what_their_part_needs(tmp_path: Path) -> None:
    services = compose("site", tmp_path)["services"]
    network, data = ("\n".join(services[part]["volumes"]) for part in ("network", "data"))
    assert "/code" not in network
    assert "site.toml" not in network
    assert "site.key" not in data
    assert "./site/membership:" not in data
    assert "/srv/code:/code:ro" in data
    assert services["network"]["user"] != services["data"]["user"]


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    split = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in split]


@pytest.mark.parametrize("end", SERVICES)
def test_an_image_is_small_pinned_and_not_of_root(end: str, tmp_path: Path) -> None:
    found = instructions(kit(end, "docker", tmp_path) / "image" / "Dockerfile")
    bases = [rest for name, rest in found if name == "FROM"]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+ AS base", bases[0])
    assert all(base.split()[0] == "base" for base in bases[1:])
    assert len(bases) == 3
    users = [rest for name, rest in found if name == "USER"]
    assert users == ["10001:10000"]
    runs = [rest for name, rest in found if name == "RUN"]
    assert not [run for run in runs if re.search(r"\b(gcc|build-essential|curl|sudo|wget)\b", run)]
    for run in runs:
        for install in re.findall(r"pip install[^&]*", run):
            assert "--constraint constraints.txt" in install
            assert "--only-binary :all:" in install
        if "apt-get install" in run:
            assert "--no-install-recommends" in run
            assert "rm -rf /var/lib/apt/lists/*" in run
    assert not [name for name, _ in found if name in ("ADD", "ONBUILD", "VOLUME")]
    last = [name for name, _ in found]
    assert last.index("USER") < last.index("HEALTHCHECK") < last.index("CMD")
    assert [json.loads(rest) for name, rest in found if name == "CMD"]
    (copied,) = [rest for name, rest in found if name == "COPY" and "constraints" in rest]
    assert f"fedtranslate-{__version__}-py3-none-any.whl" in copied
    assert not [rest for name, rest in found if re.search(r"(?i)secret|password|token", rest)]


@pytest.mark.parametrize("end", SERVICES)
def test_nothing_but_the_wheel_and_the_constraints_reaches_the_builder(
    end: str, tmp_path: Path
) -> None:
    lines = (kit(end, "docker", tmp_path) / "image" / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules == ["*", "!constraints.txt", "!fedtranslate-*.whl"]
