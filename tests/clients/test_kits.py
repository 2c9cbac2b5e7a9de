"""A kit is copied out whole and filled in, or it is refused."""

import re
from pathlib import Path

import pytest
from example_kits import asked, each_kit, files_in, kit

from fedtranslate import __version__

KITS = Path(__file__).parents[2] / "clients" / "kits"


@each_kit
def test_a_kit_is_copied_whole_and_nothing_in_it_is_left_to_fill_in(
    end: str, form: str, tmp_path: Path
) -> None:
    folder = kit(end, form, tmp_path)
    copied = {path.relative_to(folder).as_posix() for path in files_in(folder)}
    there = {path.relative_to(KITS / end / form).as_posix() for path in files_in(KITS / end / form)}
    assert {"README.md", *there} <= copied
    assert ("image/constraints.txt" in copied) == (form != "systemd")
    for path in files_in(folder):
        assert re.findall(r"@[A-Z_]+@", path.read_text("utf-8")) == []


@each_kit
def test_the_readme_of_a_kit_names_the_place_that_it_is_for(
    end: str, form: str, tmp_path: Path
) -> None:
    paths = {"--folder": "/data/fed", "--programs": "/usr/local/fed"}
    told = {"--endpoint": "https://hub.acme.example:7443", **paths}
    if end == "site":
        told |= {"--name": "acme-south", "--address": "198.51.100.9", "--code": "/home/src"}
    folder = kit(end, form, tmp_path, *(word for pair in told.items() for word in pair))
    text = (folder / "README.md").read_text("utf-8")
    assert [
        value for value in (*told.values(), form, "7443", __version__) if value not in text
    ] == []
    defaults = ("coordinator.example", "9443", "/opt/fedtranslate", "/var/lib/fedtranslate")
    assert [one for one in (*defaults, "north", "192.0.2.7", "/srv/code") if one in text] == []


@each_kit
def test_a_kit_overwrites_nothing(end: str, form: str, tmp_path: Path) -> None:
    folder = kit(end, form, tmp_path)
    (folder / "README.md").write_text("mine")
    again = asked(end, folder, form)
    assert "is there already" in str(again.exception)
    assert (folder / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--endpoint", "http://coordinator.example:9443"], "not of the form"),
        (["--endpoint", "https://coordinator.example:9443/x"], "not of the form"),
        (["--endpoint", "https://a b:1"], "not of the form"),
        (["--endpoint", "https://coordinator.example:99999"], "not of the form"),
        (["--address", "coordinator.example"], "no IP address"),
        (["--name", "north\nUser=root"], "no name of a site"),
        (["--folder", "/var/lib/a b"], "cannot be filled in"),
        (["--folder", "var/lib"], "cannot be filled in"),
        (["--code", "/srv/../etc"], "cannot be filled in"),
        (["--programs", "/opt/%h"], "cannot be filled in"),
    ],
)
def test_what_would_change_the_meaning_of_a_file_is_refused(
    options: list[str], complaint: str, tmp_path: Path
) -> None:
    refused = asked("site", tmp_path / "kit", "systemd", *options)
    assert complaint in str(refused.exception)
    assert not (tmp_path / "kit").exists()


def test_containers_need_a_coordinator_with_a_name_and_units_do_not(tmp_path: Path) -> None:
    by_address = ["--endpoint", "https://192.0.2.7:9443"]
    assert "has no name" in str(asked("site", tmp_path / "a", "docker", *by_address).exception)
    assert asked("site", tmp_path / "b", "systemd", *by_address).exit_code == 0


def test_an_address_of_ip_version_6_is_written_as_each_tool_wants_it(tmp_path: Path) -> None:
    docker, kubernetes, units = (
        kit("site", form, tmp_path / form, "--address", "2001:db8::7")
        for form in ("docker", "kubernetes", "systemd")
    )
    assert "TCP:[2001:db8::7]:9443" in (docker / "compose.yaml").read_text()
    assert "cidr: 2001:db8::7/128" in (kubernetes / "networkpolicy.yaml").read_text()
    assert "ip6 daddr 2001:db8::7" in (units / "optional" / "egress.nft").read_text()
