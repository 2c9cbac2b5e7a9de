"""The site file that ``fedtranslate site join`` writes, or takes as it is."""

import tomllib
from pathlib import Path

import pytest
from site_commands import joined, run, with_pairs
from small_door import SmallDoor

from fedtranslate.config.federation import read_site
from fedtranslate.config.policy import Policy
from fedtranslate.federation.site.sitefile import Sources, in_words, site_file


def test_a_new_site_file_has_the_name_the_pairs_and_the_policy(
    door: SmallDoor, tmp_path: Path
) -> None:
    with_pairs(tmp_path)
    (tmp_path / "policy.toml").write_text('[policy]\nrounds = 7\nlicences = ["MIT"]\n')
    joined(door, "--pairs", "p.jsonl", "--policy", "policy.toml")
    site = read_site(tmp_path / "site" / "site.toml")
    assert (site.name, site.pairs) == ("ada", str(tmp_path / "p.jsonl"))
    assert site.policy == Policy(rounds=7, licences=("MIT",))
    text = (tmp_path / "site" / "site.toml").read_text()
    assert all(f"{key} = " in text for key in Policy.model_fields)


def test_without_pairs_the_next_step_is_to_name_them(door: SmallDoor, tmp_path: Path) -> None:
    result = joined(door)
    assert "edit site/site.toml" in result.stdout
    assert tomllib.loads((tmp_path / "site" / "site.toml").read_text()) == {
        "name": "ada",
        "policy": {},
    }


def test_the_examples_in_a_new_site_file_are_settings_when_their_marks_are_taken_off(
    tmp_path: Path,
) -> None:
    text = site_file("ada", "fed", Sources(), Policy())
    lines = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if " = " in line or line.startswith("[")
    ]
    lines = [line for line in lines if not line.startswith(("source_folder", "target_folder"))]
    (tmp_path / "site.toml").write_text("\n".join(lines))
    assert read_site(tmp_path / "site.toml").policy.hours == 24


def test_a_policy_line_without_its_mark_changes_nothing_unless_it_says_otherwise() -> None:
    _, text = site_file("ada", "fed", Sources(), Policy()).split("[policy]\n")
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    assert len(lines) == len(Policy.model_fields)
    said = [line for line in lines if not line.endswith(("; else all", "; else no limit"))]
    said = [line for line in said if "once it is said, runs without are refused" not in line]
    assert Policy.model_validate(tomllib.loads("\n".join(said))) == Policy()
    otherwise = {line.split(" = ")[0] for line in lines if line not in said}
    without = {key for key, value in Policy().model_dump().items() if value in (None, ())}
    assert otherwise == without


def test_a_site_file_that_is_there_is_not_touched(door: SmallDoor, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    file = tmp_path / "site" / "site.toml"
    file.write_text('name = "ada"\npairs = "x"\n[policy]\nrounds = 3\n')
    refused = run("join", door.invite().text(), "--yes", "--pairs", "p.jsonl")
    assert refused.exit_code == 2
    assert "edit it" in refused.stderr
    result = joined(door)
    assert "at most 3 rounds" in result.stdout
    assert file.read_text().endswith("rounds = 3\n")


@pytest.mark.parametrize(
    "options", [("--source-folder", "."), ("--pairs", "p", "--source-folder", ".")]
)
def test_half_a_source_of_pairs_is_a_wrong_request(
    door: SmallDoor, options: tuple[str, ...]
) -> None:
    assert run("join", door.invite().text(), "--yes", *options).exit_code == 2
    assert not door.paths


def test_a_policy_in_words_has_every_ceiling() -> None:
    policy = Policy(hours=3, gigabytes=2, epsilon=8, licences=("MIT",), report=())
    text = " ".join(in_words(policy))
    for told in ("3 hours", "2 GB", "epsilon of 8", "MIT", "told: nothing", "2 sites"):
        assert told in text
