"""``fedtranslate coordinator init | invite | approve | revoke | sites``."""

import json
import shlex
import stat
import time
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.cli import main
from fedtranslate.cli.coordinatorinit import document_of
from fedtranslate.cli.runs import _members
from fedtranslate.config.coordinator import CoordinatorSettings, read_coordinator
from fedtranslate.errors import ConfigError, FederationError
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.membership.certificates import fingerprint, new_server
from fedtranslate.federation.membership.invite import Invite, read_invite
from fedtranslate.federation.membership.keys import key_fingerprint, public_text
from fedtranslate.federation.membership.requests import (
    Action,
    Request,
    State,
    new_nonce,
    signed,
)

DAY = 86_400


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["coordinator", *words])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CoordinatorPlace:
    """The folder of a coordinator, named by the environment."""
    folder = tmp_path / "hub"
    monkeypatch.setenv("FEDTRANSLATE_COORDINATOR", str(folder))
    result = run("init", "--federation", "trade", "--organisation", "Trade AG")
    assert result.exit_code == 0, result.stderr
    return CoordinatorPlace(folder)


def invited(*words: str) -> Invite:
    result = run("invite", *words)
    assert result.exit_code == 0, result.stderr
    return read_invite(result.stdout)


def join(place: CoordinatorPlace, made: Invite) -> str:
    """Let a site join, and return its public key."""
    key, now = ec.generate_private_key(ec.SECP384R1()), int(time.time())
    request = Request(
        action=Action.JOIN,
        federation=made.federation,
        site=made.site,
        time=now,
        nonce=new_nonce(),
        version="0.5.0",
        token=made.token,
        public_key=public_text(key),
    )
    with Members(place.members) as members:
        return members.join(request, signed(request, key), now).public_key


def test_init_makes_a_folder_and_says_what_comes_next(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    words = ("--federation", "trade", "--organisation", 'Trade "AG" \\ Söhne', "--port", "7443")
    result = run("init", str(folder), *words, "--name", "hub.example", "--name", "10.0.0.7")
    assert result.exit_code == 0, result.stderr
    place = CoordinatorPlace(folder)
    settings = read_coordinator(place.settings)
    assert settings.organisation == 'Trade "AG" \\ Söhne'
    assert settings.names == ("hub.example", "10.0.0.7")
    assert "https://hub.example:7443" in result.stdout
    assert fingerprint(place.ca_certificate.read_bytes()) in result.stdout
    assert f"fedtranslate coordinator up --dir {shlex.quote(str(folder))}" in result.stdout
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_any_text_survives_in_the_settings(text: str) -> None:
    document = document_of({"federation": "trade", "organisation": text, "port": 1})
    given = {"federation": "trade", "organisation": text, "port": 1}
    assert tomllib.loads(document) == given | {"invite_days": 7.0}


def test_every_setting_is_in_the_file_with_its_default_and_a_comment() -> None:
    needed = {"federation": "x", "organisation": "y"}
    document = document_of(needed)
    assert tomllib.loads(document) == needed | {"invite_days": 7.0}
    lines = [line.removeprefix("# ") for line in document.splitlines() if " = " in line]
    read = tomllib.loads("\n".join(lines))
    assert read.keys() == CoordinatorSettings.model_fields.keys()
    assert CoordinatorSettings.model_validate(read) == CoordinatorSettings.model_validate(needed)


def test_a_second_init_changes_nothing_and_other_settings_are_refused(
    place: CoordinatorPlace,
) -> None:
    before = {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()}
    same = run("init", "--federation", "trade")
    assert (same.exit_code, "nothing has changed" in same.stdout) == (0, True)
    other = run("init", "--federation", "other", "--port", "7443")
    assert other.exit_code == 2
    assert "is a coordinator already, with other settings: federation, port" in other.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_init_renews_a_certificate_that_ends_soon(place: CoordinatorPlace) -> None:
    past = int(time.time()) - 340 * DAY
    old = new_server(
        place.server_key.read_bytes(),
        place.ca_certificate.read_bytes(),
        place.ca_key.read_bytes(),
        ("127.0.0.1",),
        past,
    )
    place.server_certificate.write_bytes(old)
    about = json.loads(run("init", "--json").stdout)
    assert (about["renewed"], about["made"]) == (True, [])
    assert about["certificate_days_left"] >= 364
    assert json.loads(run("init", "--json").stdout)["renewed"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--federation is needed"),
        (("--federation", "trade"), "--organisation is needed"),
        (("--federation", "a b", "--organisation", "x"), "federation: a name has"),
        (("--federation", "a", "--organisation", "x", "--port", "0"), "port: Input should be"),
        (("--federation", "a", "--organisation", "x", "--name", "a b"), "neither a DNS name"),
    ],
)
def test_wrong_requests_make_nothing(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    folder = tmp_path / "hub"
    result = run("init", str(folder), *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (folder / "coordinator.toml").exists()


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    result = run("init", str(tmp_path), "--federation", "trade", "--organisation", "x")
    assert result.exit_code == 2
    assert "holds something else" in result.stderr


def test_an_invite_is_alone_on_standard_output(place: CoordinatorPlace) -> None:
    result = run("invite", "north", "--days", "2")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    made = read_invite(line)
    assert (made.federation, made.site, made.organisation) == ("trade", "north", "Trade AG")
    assert made.endpoint == "https://127.0.0.1:9443"
    assert made.ca == fingerprint(place.ca_certificate.read_bytes())
    assert abs(made.expires - time.time() - 2 * DAY) < 60
    assert made.leaves
    assert made.round_bytes == 0
    assert "not known yet" in result.stderr
    assert "fedtranslate coordinator approve north" in result.stderr
    assert made.token not in result.stderr


def test_an_invite_in_a_file_is_for_its_owner_and_never_overwritten(
    place: CoordinatorPlace, tmp_path: Path
) -> None:
    file = tmp_path / "north.invite"
    result = run("invite", "north", "--to", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert read_invite(file.read_text()).site == "north"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = run("invite", "north", "--to", str(file))
    assert again.exit_code == 2
    assert join(place, read_invite(file.read_text()))  # and the refused one has voided nothing


def test_an_invite_tells_how_many_bytes_a_planned_run_sends(
    place: CoordinatorPlace, tmp_path: Path
) -> None:
    assert place.members.exists()
    plan = tmp_path / "run.toml"
    text = '[federation]\nname = "first"\nsource = "java"\ntarget = "csharp"\n'
    plan.write_text(text + "[federation.lora]\nrank = 4\n")
    small = json.loads(run("invite", "north", "--run", str(plan), "--json").stdout)
    plan.write_text(text + "[federation.lora]\nrank = 8\n")
    large = json.loads(run("invite", "north", "--run", str(plan), "--json").stdout)
    assert small["round_bytes"] > 10_000
    assert large["round_bytes"] == 2 * small["round_bytes"]
    assert "token" not in large
    assert read_invite(large["invite"]).round_bytes == large["round_bytes"]
    plan.write_text(text + 'base = "hub:some/model"\n')
    far = json.loads(run("invite", "north", "--run", str(plan), "--json").stdout)
    assert far["round_bytes"] == 0


@pytest.mark.usefixtures("place")
def test_a_wrong_name_is_refused_before_anything_is_written() -> None:
    result = run("invite", "a b")
    assert result.exit_code == 2
    assert "site: a name has 1 to 64 characters" in result.stderr
    assert json.loads(run("sites", "--json").stdout) == []


def test_a_site_is_approved_by_its_key_and_revoked(place: CoordinatorPlace) -> None:
    key = join(place, invited("north"))
    shown = key_fingerprint(key)
    wrong = run("approve", "north", "--key", "SHA256:other")
    assert wrong.exit_code == 2
    assert f"The key of north is {shown}" in wrong.stderr
    done = run("approve", "north", "--key", shown)
    assert done.stdout == f"north is approved, with the key {shown}.\n"
    assert "is not waiting for approval" in run("approve", "north").stderr
    assert run("revoke", "north").stdout == "north is revoked.\n"
    again = run("revoke", "north")
    assert again.exit_code == 2
    assert "no membership to revoke: it is revoked" in again.stderr


def test_an_invite_may_approve(place: CoordinatorPlace) -> None:
    join(place, invited("north", "--approve"))
    with Members(place.members) as members:
        member = members.find("north")
    assert member is not None
    assert member.state is State.APPROVED


def test_a_run_tells_who_has_not_joined_apart_from_who_waits_for_approval(
    place: CoordinatorPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    join(place, invited("ada", "--approve"))
    join(place, invited("north"))
    invited("south", "--approve")
    assert _members(place, ()) == ("ada",)
    assert capsys.readouterr().err.splitlines() == [
        "Not in it, since they were invited and have not joined yet: south.",
        "Not in it, since nobody has approved them yet: north.",
    ]
    with pytest.raises(FederationError, match="south was invited, and has not joined yet"):
        _members(place, ("south",))


def test_sites_are_listed_for_people_and_for_programs(place: CoordinatorPlace) -> None:
    assert "No site is invited yet" in run("sites").stdout
    key = join(place, invited("north"))
    invited("south")
    invited("west")
    run("revoke", "west")
    rows = json.loads(run("sites", "--json").stdout)
    assert [(row["name"], row["state"]) for row in rows] == [
        ("north", "pending"),
        ("south", "invited"),
        ("west", "revoked"),
    ]
    assert rows[0]["key"] == key_fingerprint(key)
    head, north, south, _ = run("sites").stdout.splitlines()
    assert head.split()[:4] == ["name", "state", "node", "version"]
    assert north.split()[:4] == ["north", "pending", "-", "0.5.0"]
    assert north.endswith(key_fingerprint(key))
    assert south.split() == ["south", "invited", *"-----"]


@pytest.mark.parametrize(
    "words", [("sites",), ("invite", "north"), ("approve", "north"), ("revoke", "north")]
)
def test_a_folder_that_is_none_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = run(*words, "--dir", str(tmp_path))
    assert result.exit_code == 2
    assert "is not the folder of a coordinator" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("place")
def test_unknown_sites_are_told() -> None:
    for verb in ("approve", "revoke"):
        result = run(verb, "north")
        assert result.exit_code == 2
        assert "No site is called 'north'" in result.stderr


def test_the_key_is_shown_as_ssh_keygen_shows_it() -> None:
    key = public_text(ec.derive_private_key(7, ec.SECP384R1()))
    shown = "SHA256:6MD4KXIBALxv82Gx1JZ5pYJMWf3C7jSxbO+7AU0nAog"  # ssh-keygen -l, OpenSSH 9.2
    assert key_fingerprint(key) == key_fingerprint(f"{key} me@there") == shown


def test_a_coordinator_toml_that_was_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "coordinator.toml"
    names = ("hub.example", "192.0.2.7")
    values = {"federation": "trade", "organisation": "Trade AG", "names": names, "port": 443}
    document = document_of(values)
    file.write_text(document)
    whole = read_coordinator(file)
    assert (whole.names, whole.port, whole.invite_days) == (names, 443, 7.0)
    for end in range(len(document)):
        file.write_text(document[:end])
        try:
            found = read_coordinator(file)
        except ConfigError:
            continue
        assert found == whole
    file.write_text(document[: document.index("# Of the SuperLink")])
    with pytest.raises(ConfigError, match="has no invite_days, which stands last in it"):
        read_coordinator(file)
