"""``fedtranslate adapters``: what it prints, and its exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from example_releases import DIRECTION, KEY, NOW, OTHER_KEY, published

from fedtranslate.adapters.peftfiles import WEIGHTS_FILE
from fedtranslate.adapters.releases.folder import check_release
from fedtranslate.adapters.releases.ledger import Kind
from fedtranslate.adapters.releases.signing import key_text
from fedtranslate.adapters.releases.store import KEY_FILE, LEDGER_FILE, ReleaseStore
from fedtranslate.cli import main
from fedtranslate.federation.coordinator.founding import found
from fedtranslate.federation.coordinator.place import CoordinatorPlace


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    """A store of three releases, the second in use."""
    store = ReleaseStore(tmp_path / "store", owner=KEY)
    ids = [published(store, seed).id for seed in range(3)]
    store.promote(ids[0], now=NOW)
    store.promote(ids[1], now=NOW)
    return store


def ids_of(store: ReleaseStore) -> list[str]:
    return [one.id for one in store.all()]


def run(store: ReleaseStore, *arguments: str | Path) -> Result:
    command, *rest = (str(one) for one in arguments)
    return CliRunner().invoke(main, ["adapters", command, *rest, "--store", str(store.folder)])


def test_list_marks_the_release_in_use(store: ReleaseStore) -> None:
    result = run(store, "list")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *lines = result.stdout.splitlines()
    assert head.split() == [
        "id", "direction", "run", "round", "sites", "loss", "created", "last",
    ]  # fmt: skip
    assert [line.split()[-8:] for line in lines] == [
        [name, DIRECTION, "billing", str(number), "2", loss, NOW, last]
        for number, (name, loss, last) in enumerate(
            zip(
                ids_of(store),
                ["2.0000", "1.7000", "1.5000"],
                ["promoted", "promoted", "published"],
                strict=True,
            )
        )
    ]
    assert [line.startswith("*") for line in lines] == [False, True, False]


def test_list_as_json_holds_the_whole_manifests(store: ReleaseStore) -> None:
    document = json.loads(run(store, "list", "--json").stdout)
    ids = ids_of(store)
    assert document["in_use"] == {DIRECTION: ids[1]}
    assert [one["release"]["id"] for one in document["releases"]] == ids
    assert [one["is_in_use"] for one in document["releases"]] == [False, True, False]


def test_the_store_comes_from_the_environment_where_none_is_named(
    store: ReleaseStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["adapters", "list"])
    assert result.exit_code == 2
    assert "There is no store of releases in adapters. Name one by --store" in result.stderr
    monkeypatch.setenv("FEDTRANSLATE_ADAPTERS", str(store.folder))
    assert ids_of(store)[0] in CliRunner().invoke(main, ["adapters", "list"]).stdout
    monkeypatch.delenv("FEDTRANSLATE_ADAPTERS")
    store.folder.rename(tmp_path / "adapters")
    assert CliRunner().invoke(main, ["adapters", "list"]).exit_code == 0


@pytest.mark.parametrize("command", ["list", "rollback", "verify"])
def test_no_store_is_made_where_none_is(tmp_path: Path, command: str) -> None:
    result = run(ReleaseStore(tmp_path / "none"), command)
    assert result.exit_code == 2
    assert not (tmp_path / "none").exists()


def test_a_damaged_release_is_listed_with_what_is_wrong(store: ReleaseStore) -> None:
    name = ids_of(store)[0]
    (store.folder_of(name) / "release.json").write_text("{}")
    result = run(store, "list")
    assert result.exit_code == 1
    assert f"{name}: The release in" in result.stdout
    assert json.loads(run(store, "list", "--json").stdout)["releases"][0]["release"] is None


def test_show_tells_where_a_release_comes_from_and_what_became_of_it(store: ReleaseStore) -> None:
    name = ids_of(store)[1]
    result = run(store, "show", name[:6])
    assert result.exit_code == 0
    for line in (
        f"Release {name}",
        "java->csharp, in use",
        "billing, after round 1",
        "tiny (fingerprint f00d)",
        "epsilon 3 at delta 1e-05, per site",
        "2.0000 1.7000 1.5000 (loss per token after rounds 0, 1, ...)",
        "weight 120, validation loss 1.5000",
        "weight 40, validation loss -",
        f"{NOW}  published",
        f"{NOW}  promoted",
    ):
        assert line in result.stdout
    document = json.loads(run(store, "show", name, "--json").stdout)
    assert document["release"]["id"] == name
    assert [one["kind"] for one in document["history"]] == ["published", "promoted"]


def test_what_was_noted_cannot_command_the_terminal(store: ReleaseStore) -> None:
    name = ids_of(store)[0]
    store.note(Kind.DECLINED, name, now=NOW, values={"reason": "worse\x1b[2J", "loss": 1.5})
    result = run(store, "show", name)
    assert r"declined (loss 1.5, reason 'worse\x1b[2J')" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("command", ["show", "verify", "promote", "export", "diff"])
def test_unknown_and_unclear_ids_are_wrong_requests(
    store: ReleaseStore, tmp_path: Path, command: str
) -> None:
    more = {"export": [tmp_path / "out"], "diff": [ids_of(store)[0]]}.get(command, [])
    unknown = run(store, command, "no-such", *more)
    assert unknown.exit_code == 2
    assert "There is no release 'no-such' in" in unknown.stderr
    unclear = run(store, command, "", *more)
    assert unclear.exit_code == 2
    assert unknown.stdout == unclear.stdout == ""


def test_an_id_that_begins_several_releases_is_told_with_all_of_them(store: ReleaseStore) -> None:
    seed = 3
    while len({name[0] for name in ids_of(store)}) == len(ids_of(store)):
        published(store, seed)
        seed += 1
    ids = ids_of(store)
    digit = next(one[0] for one in ids if sum(each[0] == one[0] for each in ids) > 1)
    result = run(store, "show", digit)
    assert result.exit_code == 2
    assert f"'{digit}' is the beginning of 2 releases" in result.stderr


def test_verify_checks_signatures_by_the_pinned_key(store: ReleaseStore) -> None:
    result = run(store, "verify")
    assert result.exit_code == 0
    assert "3 releases and 5 entries of ledger.jsonl: nothing is wrong." in result.stdout
    assert f"Signatures were checked by {key_text(KEY)}; 5 entries are signed." in result.stdout
    document = json.loads(run(store, "verify", ids_of(store)[0], "--json").stdout)
    assert document | {"store": ""} == {
        "store": "",
        "key": key_text(KEY),
        "signatures_checked": True,
        "releases": 1,
        "entries": 5,
        "signed_entries": 5,
        "withdrawn": {},
        "findings": [],
    }


def test_verify_says_so_where_no_key_is_pinned(store: ReleaseStore) -> None:
    (store.folder / KEY_FILE).unlink()
    result = run(store, "verify")
    assert result.exit_code == 1
    assert "Signatures were NOT checked: there is no coordinator.pub" in result.stdout
    document = json.loads(run(store, "verify", "--json").stdout)
    assert (document["signatures_checked"], document["key"]) == (False, None)


def test_verify_takes_a_key_as_text_or_as_a_file(store: ReleaseStore, tmp_path: Path) -> None:
    (store.folder / KEY_FILE).rename(tmp_path / "pub")
    for key in (key_text(KEY), tmp_path / "pub"):
        assert run(store, "verify", "--key", key).exit_code == 0
    wrong = run(store, "verify", "--key", key_text(OTHER_KEY))
    assert wrong.exit_code == 1
    assert "another key, or a forged one" in wrong.stdout
    for key in ("ed25519:AAAA", tmp_path / "none"):
        result = run(store, "verify", "--key", key)
        assert (result.exit_code, result.stdout) == (2, "")


def test_verify_names_what_is_wrong(store: ReleaseStore) -> None:
    name = ids_of(store)[2]
    (store.folder_of(name) / WEIGHTS_FILE).write_bytes(b"")
    result = run(store, "verify")
    assert result.exit_code == 1
    assert f"{name}: " in result.stdout
    assert "nothing is wrong" not in result.stdout
    assert run(store, "verify", ids_of(store)[1]).exit_code == 0
    ledger = store.folder / LEDGER_FILE
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[1:]))
    damaged = run(store, "verify")
    assert damaged.exit_code == 1
    assert "entry 1 has the number 2" in damaged.stdout
    assert run(store, "list").exit_code == 2


def test_promote_and_rollback_say_what_is_in_use(store: ReleaseStore) -> None:
    first, second, third = ids_of(store)
    assert run(store, "promote", third[:8]).stdout == (
        f"{third} is in use for {DIRECTION} now; before, {second} was.\n"
    )
    assert run(store, "promote", third).stdout == f"{third} is in use for {DIRECTION} already.\n"
    assert run(store, "rollback").stdout == (
        f"{second} is in use for {DIRECTION} again; {third} is not any more.\n"
    )
    document = json.loads(run(store, "rollback", "--json").stdout)
    assert document == {"direction": DIRECTION, "in_use": first, "before": second}
    assert "the base model alone is in use" in run(store, "rollback").stdout
    result = run(store, "rollback")
    assert result.exit_code == 2
    assert "none is" in result.stderr


def test_a_rollback_asks_which_direction_where_several_are_in_use(store: ReleaseStore) -> None:
    other = published(store, 3, source_language="python")
    store.promote(other.id, now=NOW)
    result = run(store, "rollback")
    assert result.exit_code == 2
    assert "java->csharp, python->csharp. Say which by --from and --to." in result.stderr
    result = run(store, "rollback", "--from", "python", "--to", "csharp")
    assert result.exit_code == 0
    assert store.usage().in_use() == {DIRECTION: ids_of(store)[1]}
    assert run(store, "rollback", "--from", "python").exit_code == 2


def test_export_writes_a_folder_for_peft_and_never_over_another(
    store: ReleaseStore, tmp_path: Path
) -> None:
    name = ids_of(store)[0]
    result = run(store, "export", name, tmp_path / "out")
    assert result.exit_code == 0
    assert result.stdout == f"{name} is in {tmp_path / 'out'}; its base model is tiny.\n"
    assert check_release(tmp_path / "out", KEY.public_key()).id == name
    again = run(store, "export", name, tmp_path / "out")
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def test_diff_shows_what_is_said_and_what_is_done(store: ReleaseStore) -> None:
    first, second, _ = ids_of(store)
    result = run(store, "diff", first, second)
    assert result.exit_code == 0
    assert "  round: 0 -> 1\n" in result.stdout
    assert "  layers.0.q_proj  " in result.stdout
    document = json.loads(run(store, "diff", first, second, "--json").stdout)
    assert document["manifest"]["round"] == [0, 1]
    assert document["modules"].keys() == {"layers.0.q_proj", "layers.1.v_proj"}
    assert document["relative_change"] > 0
    same = json.loads(run(store, "diff", first, first, "--json").stdout)
    assert same["relative_change"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "command", ["list", "show", "verify", "promote", "rollback", "export", "diff"]
)
def test_every_help_has_an_example(command: str) -> None:
    text = CliRunner().invoke(main, ["adapters", command, "--help"]).stdout
    assert f"    fedtranslate adapters {command}" in text
    assert "FEDTRANSLATE_ADAPTERS" in text
    assert "--json" in text


@pytest.fixture
def hub(tmp_path: Path) -> ReleaseStore:
    """The store of a coordinator with two releases, the second in use."""
    place = CoordinatorPlace(tmp_path / "hub")
    found(
        place, 'federation = "trade"\norganisation = "Trade AG"\ninvite_days = 7\n', 1_800_000_000
    )
    kind = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    place.signing_key.write_bytes(KEY.private_bytes(*kind))
    store = ReleaseStore(place.releases, owner=KEY)
    for seed in range(2):
        store.promote(published(store, seed).id, now=NOW)
    return store


def test_withdraw_takes_a_release_back_and_all_lists_tell_why(hub: ReleaseStore) -> None:
    first, second = ids_of(hub)
    result = run(hub, "withdraw", second[:6], "--reason", "It recites code.")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{second} is withdrawn; {first} is in use for {DIRECTION} now.\n"
    assert hub.entries(KEY.public_key())[-1].signature
    told = f"{second} was withdrawn by the coordinator: It recites code."
    assert told in run(hub, "list").stdout.splitlines()
    assert told in run(hub, "verify").stdout.splitlines()
    assert told not in run(hub, "verify", first).stdout.splitlines()
    assert "withdrawn (reason It recites code.)" in run(hub, "show", second).stdout
    listed = json.loads(run(hub, "list", "--json").stdout)["releases"]
    assert [one["withdrawn"] for one in listed] == [None, "It recites code."]
    assert json.loads(run(hub, "verify", "--json").stdout)["withdrawn"] == {
        second: "It recites code."
    }
    refused = run(hub, "promote", second)
    assert (refused.exit_code, "was withdrawn" in refused.stderr) == (2, True)


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
def test_a_reason_is_one_line(hub: ReleaseStore, reason: str) -> None:
    result = run(hub, "withdraw", ids_of(hub)[0], "--reason", reason)
    assert (result.exit_code, "one line" in result.stderr) == (2, True)


def test_only_a_coordinator_withdraws(store: ReleaseStore, hub: ReleaseStore) -> None:
    result = run(store, "withdraw", ids_of(store)[0], "--reason", "x")
    assert (result.exit_code, "releases/ of a coordinator" in result.stderr) == (2, True)
    CoordinatorPlace(hub.folder.parent).signing_key.unlink()
    result = run(hub, "withdraw", ids_of(hub)[0], "--reason", "x")
    assert (result.exit_code, "is not the store of a coordinator" in result.stderr) == (2, True)
    assert hub.usage().withdrawn == {}


def test_the_folder_around_a_store_is_told_from_it(store: ReleaseStore, tmp_path: Path) -> None:
    store.folder.rename(tmp_path / "releases")
    result = CliRunner().invoke(main, ["adapters", "list", "--store", str(tmp_path)])
    assert result.exit_code == 2
    assert f"The store is the folder {tmp_path / 'releases'}" in " ".join(result.stderr.split())
