"""The systemd units of the kits: valid, hardened, and each with its own rights."""

import shutil
import subprocess
from pathlib import Path

import pytest
from example_kits import SERVICES, kit

RELAYS = ("fedtranslate-site-link.service", "fedtranslate-site-inside.service")
MOST_EXPOSED = 1.5
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="apt-get install systemd"
)
each_service = pytest.mark.parametrize(
    ("end", "name"),
    [(end, name) for end in SERVICES for name in SERVICES[end]] + [("site", one) for one in RELAYS],
)


def settings(unit: Path) -> dict[str, list[str]]:
    """Return the settings of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def units(end: str, folder: Path) -> Path:
    """Copy a kit out whose programs are there, as systemd wants it."""
    programs = folder / "programs"
    (programs / "bin").mkdir(parents=True)
    (programs / "bin" / "fedtranslate").symlink_to("/bin/true")
    made = kit(end, "systemd", folder, "--programs", "/opt/fedtranslate")
    found = made / "etc" / "systemd" / "system"
    for unit in found.glob("*.service"):
        replaced = unit.read_text("utf-8").replace("/opt/fedtranslate", str(programs))
        unit.write_text(replaced.replace("/usr/bin/socat", "/bin/true"), "utf-8")
    return found


@needs_systemd
@pytest.mark.parametrize("end", SERVICES)
def test_systemd_takes_the_units_without_a_word(end: str, tmp_path: Path) -> None:
    names = sorted(map(str, units(end, tmp_path).iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "fedtr" in line]
    assert (done.returncode, said) == (0, [])


@needs_systemd
@each_service
def test_a_unit_is_hardly_exposed(end: str, name: str, tmp_path: Path) -> None:
    unit = units(end, tmp_path) / name
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", threshold, str(unit)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@each_service
def test_a_unit_is_hardened(end: str, name: str, tmp_path: Path) -> None:
    folder = kit(end, "systemd", tmp_path)
    found = settings(folder / "etc" / "systemd" / "system" / name)
    yes = (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "PrivateUsers",
        "ProtectHome",
        "ProtectKernelTunables",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
    )
    assert {key: found.get(key) for key in yes} == {key: ["yes"] for key in yes}
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["UMask"] == ["0077"]
    assert found["Restart"] == ["always"]
    assert found["SystemCallFilter"][0] == "@system-service"
    assert "User" in found


def test_the_data_part_has_no_network_and_the_network_part_no_code(tmp_path: Path) -> None:
    folder = kit("site", "systemd", tmp_path) / "etc" / "systemd" / "system"
    network, data = (settings(folder / name) for name in SERVICES["site"])
    assert data["PrivateNetwork"] == ["yes"]
    assert network["IPAddressDeny"] == data["IPAddressDeny"] == ["any"]
    assert network["IPAddressAllow"] == ["localhost 192.0.2.7"]
    assert network["User"] != data["User"]
    assert "/srv/code" in network["InaccessiblePaths"][0]
    assert "site.toml" in network["InaccessiblePaths"][0]
    assert "membership/site.key" in data["InaccessiblePaths"][0]
    assert data["ReadOnlyPaths"] == ["/var/lib/fedtranslate/site/membership"]
    assert network["MemoryDenyWriteExecute"] == ["yes"]
    joined = settings(folder / "fedtranslate-site-inside.service")
    assert joined["JoinsNamespaceOf"] == [SERVICES["site"][1]]


def test_modes_say_who_may_read_what(tmp_path: Path) -> None:
    folder = kit("site", "systemd", tmp_path) / "etc"
    lines = (folder / "tmpfiles.d" / "fedtranslate-site.conf").read_text().splitlines()
    fields = [line.split() for line in lines if not line.startswith("#")]
    modes = {Path(path).name: (mode, user, group) for _, path, mode, user, group, *_ in fields}
    network, data, both = "fedtranslate-network", "fedtranslate-data", "fedtranslate-site"
    assert modes["site.key"] == modes["next.key"] == ("0400", network, network)
    assert modes["executor.secret"] == ("0640", "root", both)
    assert modes["membership.json"] == ("0640", "root", both)
    assert modes["membership"] == ("0750", "root", both)
    assert modes["site.toml"] == ("0640", "root", data)
    made = (folder / "sysusers.d" / "fedtranslate-site.conf").read_text()
    assert f"m {network} {both}" in made
    assert f"m {data} {both}" in made


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="apt-get install systemd")
@pytest.mark.parametrize("end", SERVICES)
def test_systemd_reads_users_and_folders(end: str, tmp_path: Path) -> None:
    folder = kit(end, "systemd", tmp_path) / "etc"
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    for program, place in (("sysusers", "sysusers.d"), ("tmpfiles", "tmpfiles.d")):
        (file,) = (folder / place).iterdir()
        argv = [f"systemd-{program}", f"--root={root}", str(file)]
        argv += ["--create"] if program == "tmpfiles" else []
        done = subprocess.run(argv, capture_output=True, text=True)
        assert (done.returncode, "rror" in done.stderr) == (0, False), done.stderr
    assert (root / "var/lib/fedtranslate" / end).is_dir()
    assert "fedtranslate" in (root / "etc/passwd").read_text()
