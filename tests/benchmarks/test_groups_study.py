"""The study of groups keeps each row as soon as it is done; its table reads files of all ages."""

import json
from pathlib import Path

import pytest
from tiny_models import code_pairs

from benchmarks.groups_figures import groups_table
from benchmarks.studies.groups import ARRANGEMENTS, SETTINGS, SITES, measure_seed
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.training import LoraSettings
from fedtranslate.corpus.formats import write_pairs
from fedtranslate.errors import ConfigError

BY_NAME = {one.name: one for one in ARRANGEMENTS}


@pytest.fixture
def settings(llama_folder: Path, tmp_path: Path) -> RunSettings:
    for site in SITES:
        pairs = code_pairs(8, site)
        write_pairs(tmp_path / f"{site}-train-few.jsonl", pairs[:5])
        write_pairs(tmp_path / f"{site}-valid-few.jsonl", pairs[5:])
    return SETTINGS.model_copy(
        update={
            "rounds": 3,
            "steps": 1,
            "threads": 1,
            "base": str(llama_folder),
            "lora": LoraSettings(rank=2, alpha=4.0),
        }
    )


def test_a_row_is_kept_when_it_is_done_and_not_measured_again(
    settings: RunSettings, tmp_path: Path
) -> None:
    path = tmp_path / "out/seed-0.json"
    measure_seed(settings, tmp_path, path, [BY_NAME["one group"]])
    document = json.loads(path.read_text())
    (row,) = document["rows"]
    assert row["losses"].keys() == set(SITES)
    assert all(losses.keys() == set(SITES) for losses in row["losses"].values())
    # As a file of an older version has it.
    row["best_rounds"] = [99]
    del document["about"]["settings"]["released_to"], row["serves"], row["commit"]
    path.write_text(json.dumps(document))
    wanted = [BY_NAME[name] for name in ("one group", "peers of 2", "two groups, A of all")]
    measure_seed(settings, tmp_path, path, wanted)
    rows = {found["arrangement"]: found for found in json.loads(path.read_text())["rows"]}
    assert list(rows) == ["one group", "two groups, A of all", "peers of 2"]
    assert rows["one group"]["best_rounds"] == [99]
    served = [site for group in rows["peers of 2"]["serves"] for site in group]
    assert sorted(served) == sorted(SITES)
    assert {len(group) for group in rows["peers of 2"]["groups"]} == {3}
    before = path.stat().st_mtime_ns
    measure_seed(settings, tmp_path, path, wanted)
    assert path.stat().st_mtime_ns == before
    with pytest.raises(ConfigError, match="rows of other settings"):
        measure_seed(settings.model_copy(update={"steps": 2}), tmp_path, path)
    older = tmp_path / "out/seed-1.json"
    older.write_text(json.dumps({**document, "rows": [row]}))
    table = groups_table([path, older])
    assert "| one group |" in table
    assert "| peers of 2 (1 of 2 seeds) |" in table


def test_the_table_tells_whom_overlapping_groups_are_for(tmp_path: Path) -> None:
    row = {
        "groups": [["a", "b"], ["b", "c"]],
        "losses": {"a": {"a": 1.0, "b": 3.0}, "b": {"a": 2.0, "b": 1.0}},
        "similarity": {"a": {"a": 1.0, "b": 0.5}, "b": {"a": 0.5, "b": 1.0}},
    }
    about = {
        "settings": {"rounds": 3, "steps": 1, "method": "fra", "base": "b", "lora": {"rank": 2}},
        "machine": {"packages": {"torch": "2"}, "commit": "0123456789abcdef"},
        "shared_rounds": 1,
        "validation_pairs": {"a": 3},
        "base_fingerprint": "f",
    }
    rows = [
        {"arrangement": "one group", **row},
        {"arrangement": "peers of 2", **row, "serves": [["a"], ["b", "c"]], "commit": "fedcba"},
    ]
    path = tmp_path / "seed-0.json"
    path.write_text(json.dumps({"about": about, "rows": rows}))
    table = groups_table([path])
    assert "| 0 | a, b (for a); b, c |" in table
    assert "| one group | 1.000 ± 0.000 | 1.000 ± 0.000 | 1.750 ± 0.000 | - |" in table
    assert "commit 0123456789, fedcba." in table
