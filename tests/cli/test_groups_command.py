"""``federate groups`` and ``federate simulate --groups``: what they print and write."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_simulating import write_federation

from fedtranslate.cli import main
from fedtranslate.config.federation import RunSettings, read_run
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.federation.coordinator.journal import Journal, Score, round_folder, write_json
from fedtranslate.federation.coordinator.orders import Order, write_order
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.sketch import salt_of, sketched

SETTINGS = RunSettings(
    name="cairn",
    source="java",
    target="csharp",
    rounds=3,
    round_decay=0.5,
    seed=7,
    method="fedadam",
    method_options={"rate": 0.02},
    lora=LoraSettings(rank=4, alpha=8.0),
    training=TrainingSettings(learning_rate=0.01),
)
KINDS = {"ada": 0, "bob": 1, "eve": 0, "joe": 1}


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["federate", *map(str, words)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run of two kinds of sites, and one that had no part in the last round."""
    place = CoordinatorPlace(tmp_path / "hub")
    monkeypatch.setenv("FEDTRANSLATE_COORDINATOR", str(place.root))
    place.root.mkdir()
    place.settings.touch()
    folder = place.run("cairn")
    write_order(folder, Order(SETTINGS, (*KINDS, "zoe"), started=100))
    journal = Journal(folder, lambda: "now")
    journal.set_status("running")
    table = {
        a: {b: 1.0 if a == b else 0.5 if KINDS[a] == KINDS[b] else -0.25 for b in KINDS}
        for a in KINDS
    }
    for number in range(4):
        record = {"similarity": table} if number else {}
        whole = {"format": 1, "round": number, "checksum": str(number) * 64, **record}
        round_folder(folder, number).mkdir()
        write_json(round_folder(folder, number) / "round.json", whole)
        if number < 3:
            journal.save_evaluation(number, {"ada": Score(4.0 - number, 8)})
    return folder


def test_the_groups_of_a_run_are_shown(folder: Path) -> None:
    result = run("groups", "cairn")
    assert result.exit_code == 0, result.stderr
    head, names, ada, *_ = result.stdout.splitlines()
    assert head == "Likeness of the sites' updates in round 3 of cairn:"
    assert names.split() == ["ada", "bob", "eve", "joe"]
    assert ada.split() == ["ada", "1.000", "-0.250", "0.500", "-0.250"]
    assert "Group 1: ada, eve\nGroup 2: bob, joe\nIn no group" in result.stdout
    assert result.stdout.endswith("they had no part in it: zoe\n")
    assert sorted(path.name for path in folder.parent.iterdir()) == ["cairn"]
    one = run("groups", "cairn", "--into", 1).stdout
    assert "Group 1: ada, bob, eve, joe" in one
    assert "--into" not in one
    more = run("groups", "cairn", "--into", 3).stdout
    assert "Group 2: bob, joe" in more
    assert "3 groups cannot be had: groups have two sites at least." in more
    assert "cannot make 5 groups. Take 1 to 2." in run("groups", "cairn", "--into", 5).stderr


def test_sites_that_changed_nothing_are_in_no_group_and_it_is_told_why(folder: Path) -> None:
    path = round_folder(folder, 3) / "round.json"
    record = json.loads(path.read_text())
    del record["similarity"]["joe"]
    for row in record["similarity"].values():
        del row["joe"]
    write_json(path, {**record, "unmoved": ["joe"]})
    told = run("groups", "cairn").stdout
    assert "In no group, since they had no part in it: zoe\n" in told
    assert told.splitlines()[-2 if "Nothing parts" in told else -1] == (
        "In no group, since their replies changed nothing of the product of B and A: joe"
    )
    document = json.loads(run("groups", "cairn", "--json").stdout)
    assert (document["missing"], document["unmoved"]) == (["joe", "zoe"], ["joe"])
    write_json(path, {**record, "similarity": {}, "unmoved": ["ada", "joe"]})
    nobody = run("groups", "cairn")
    assert (nobody.exit_code, nobody.stdout) == (2, "")
    assert "No reply to round 3 of the run cairn changed" in " ".join(nobody.stderr.split())
    assert "such as fedsa" in " ".join(nobody.stderr.split())


def test_the_files_of_the_groups_start_runs_that_begin_with_the_best_round(
    folder: Path, tmp_path: Path
) -> None:
    assert folder.exists()
    out = tmp_path / "new"
    document = json.loads(run("groups", "cairn", "--write", out, "--json").stdout)
    assert document["groups"] == [["ada", "eve"], ["bob", "joe"]]
    assert document["missing"] == ["zoe"]
    assert document["files"] == [str(out / f"cairn-group-{n}.toml") for n in (1, 2)]
    settings, sites = read_run(out / "cairn-group-2.toml")
    assert sites == ("bob", "joe")
    # The best of the rounds that were evaluated is the second: two steps of decay.
    assert settings == SETTINGS.model_copy(
        update={
            "name": "cairn-group-2",
            "begins_with": "cairn@2",
            "begins_checksum": "2" * 64,
            "released_to": ("bob", "joe"),
            "seed": 2007,
            "training": TrainingSettings(learning_rate=0.0025),
        }
    )
    # One group of all is for all, and its release takes the place of theirs.
    run("groups", "cairn", "--into", 1, "--write", out)
    assert read_run(out / "cairn-group-1.toml")[0].released_to == ()


def test_groups_that_keep_the_a_of_all_train_b_alone(folder: Path, tmp_path: Path) -> None:
    assert folder.exists()
    out = tmp_path / "new"
    assert run("groups", "cairn", "--write", out, "--keep", "a").exit_code == 0
    settings, _ = read_run(out / "cairn-group-1.toml")
    assert (settings.method, settings.method_options) == ("ffa", {})
    assert settings.begins_with == "cairn@2"
    write_order(folder, Order(SETTINGS.model_copy(update={"method": "flora"}), tuple(KINDS)))
    refused = run("groups", "cairn", "--write", tmp_path / "other", "--keep", "a")
    assert refused.exit_code == 2
    assert "the method flora folds a part" in refused.stderr
    assert not (tmp_path / "other").exists()
    assert "'b' is not 'a'" in run("groups", "cairn", "--keep", "b").stderr


def test_the_runs_of_peers_are_released_to_the_site_that_they_are_for(
    folder: Path, tmp_path: Path
) -> None:
    assert folder.exists()
    out = tmp_path / "new"
    result = run("groups", "cairn", "--into", "peers:2", "--write", out)
    assert "Group 1: ada, bob, eve, for ada, eve\n" in result.stdout
    assert "Group 2: ada, bob, joe, for bob, joe\n" in result.stdout
    assert "as it is in: ada 2, bob 2, eve 1, joe 1." in result.stdout
    settings, sites = read_run(out / "cairn-peers-2.toml")
    assert (sites, settings.released_to) == (("ada", "bob", "joe"), ("bob", "joe"))
    assert settings.begins_with == "cairn@2"
    run("groups", "cairn", "--into", "peers:1", "--write", out, "--anew")
    settings, sites = read_run(out / "cairn-peers-1.toml")
    assert (sites, settings.released_to) == (("ada", "eve"), ("ada", "eve"))
    assert (settings.begins_with, settings.seed) == ("", SETTINGS.seed)
    for words, message in (
        (("--into", "peers:4"), "Each of 4 sites has 3 others"),
        (("--into", "peers"), "or peers:K for a neighbourhood"),
        (("--into", "-1"), "--into takes a number of groups"),
        (("--keep", "a", "--anew"), "--keep goes without --anew"),
    ):
        refused = run("groups", "cairn", *words)
        assert (refused.exit_code, message in refused.stderr) == (2, True), refused.stderr


def test_sites_can_be_compared_by_their_signatures(folder: Path) -> None:
    none = run("groups", "cairn", "--by", "signature")
    assert (none.exit_code, none.stdout) == (2, "")
    assert "has no signatures of its sites" in none.stderr
    path = round_folder(folder, 3) / "round.json"
    salt = salt_of(SETTINGS)
    made = {site: sketched([f"{kind}{n}" for n in range(9)], salt) for site, kind in KINDS.items()}
    write_json(path, {**json.loads(path.read_text()), "similarity": {}, "signatures": made})
    shown = run("groups", "cairn", "--by", "signature").stdout
    assert shown.startswith("Likeness of the names that the sites' pairs use, by their signatures")
    assert "Group 1: ada, eve\nGroup 2: bob, joe\n" in shown
    document = json.loads(run("groups", "cairn", "--by", "signature", "--json").stdout)
    assert (document["by"], document["similarity"]["ada"]["eve"]) == ("signature", 1.0)
    write_json(path, {**json.loads(path.read_text()), "signatures": {**made, "ada": "x"}})
    assert "is damaged: A sketch of names" in run("groups", "cairn", "--by", "signature").stderr
    unknown = run("groups", "cairn", "--by", "horoscope")
    assert (unknown.exit_code, "'horoscope' is not one of" in unknown.stderr) == (2, True)


def test_what_cannot_be_grouped_is_told(folder: Path) -> None:
    unknown = run("groups", "nobody")
    assert unknown.exit_code == 2
    assert "cairn" in unknown.stderr
    many = run("groups", "cairn", "--into", 5)
    assert "4 sites cannot make 5 groups" in many.stderr
    path = round_folder(folder, 3) / "round.json"
    write_json(path, {"format": 1, "round": 3, "checksum": "3" * 64})
    old = run("groups", "cairn")
    assert (old.exit_code, old.stdout) == (2, "")
    assert "does not tell how alike the sites are" in old.stderr


def test_a_simulation_in_groups_is_printed_and_printed_again(
    llama_folder: Path, tmp_path: Path
) -> None:
    file = write_federation(tmp_path)
    words = ("simulate", file, "--base", llama_folder, "--out", tmp_path / "runs", "--groups", 2)
    first = run(*words)
    assert first.exit_code == 0, first.stderr
    assert "Likeness of the sites' updates in round 1:" in first.stdout
    assert "Group 1: ada (best round 1, kept in " in first.stdout
    *_, ada, bob = first.stdout.splitlines()
    assert (ada.split()[0], bob.split()[0]) == ("ada", "bob")
    document = json.loads(run(*words, "--json").stdout)
    assert ada.split()[1:4] == [
        f"{document['sites']['ada'][key]:.4f}" for key in ("shared_loss", "loss", "everyones_loss")
    ]
    assert document["shared"]["rounds"] == 1
    assert [group["sites"] for group in document["groups"]] == [["ada"], ["bob"]]
    assert {Path(group["folder"]).parent for group in document["groups"]} == {tmp_path / "runs"}
    adapters = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    assert run(*words).stdout == first.stdout
    assert adapters == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--groups", "many"), "--groups takes a number of groups, auto"),
        (("--shared-rounds", 1), "--shared-rounds goes with --groups"),
        (("--by", "signature"), "--by goes with --groups"),
        (("--groups", 2, "--by", "signature"), "asks no site for its signature"),
        (("--groups", 2, "--by", "stars"), "'stars' is not one of"),
        (("--keep", "a"), "--keep goes with --groups"),
        (("--groups", 1, "--shared-rounds", 0, "--keep", "a"), "no A that all have learned"),
        (("--groups", 2, "--keep", "b"), "'b' is not 'a'"),
        (("--groups", 2, "--compare"), "--groups goes with neither"),
        (("--groups", 2, "--shared-rounds", 2), "Of 2 rounds, 2 cannot be rounds of all"),
        (("--groups", "peers:0"), "or peers:K for a neighbourhood"),
        (("--groups", "peers:2"), "Each of 2 sites has 1 others, so it cannot have 2 peers"),
        (("--groups", "peers:x"), "or peers:K for a neighbourhood"),
        (("--groups", 3), "2 sites cannot make 3 groups"),
    ],
)
def test_mistakes_are_told(
    llama_folder: Path, tmp_path: Path, words: tuple[object, ...], message: str
) -> None:
    file = write_federation(tmp_path)
    out = tmp_path / "runs"
    result = run("simulate", file, "--base", llama_folder, "--out", out, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not out.exists()
