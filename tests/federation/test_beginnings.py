"""Runs that begin with the joint adapter of another run, and the record of who learned alike."""

import json
from pathlib import Path

import pytest
from federations import TRADE, federation

from fedtranslate.adapters.factors import checksum
from fedtranslate.adapters.grouping import grouped
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.store import load_adapter
from fedtranslate.config.federation import FederationFile
from fedtranslate.config.training import LoraSettings
from fedtranslate.errors import ConfigError, FederationError
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.local import run_local

KINDS = ("seed=1", "seed=2,kind=opposite", "seed=3", "seed=4,kind=opposite")


def run(file: FederationFile, folder: Path) -> RunResult:
    return run_local(file, folder, trainer=TRADE)


def record(folder: Path, number: int) -> dict:
    return json.loads((folder / f"round-{number:05d}" / "round.json").read_text())


def test_the_record_tells_who_learned_alike_and_that_parts_the_kinds(tmp_path: Path) -> None:
    run(federation(*KINDS, rounds=2, steps=15), tmp_path)
    for number in (1, 2):
        likeness = record(tmp_path, number)["similarity"]
        assert likeness["ada"]["ada"] == 1
        assert likeness["ada"]["eve"] == likeness["eve"]["ada"] > 0.3 > likeness["ada"]["bob"]
        assert grouped(likeness) == (("ada", "eve"), ("bob", "joe"))


def test_a_site_whose_reply_is_refused_is_not_compared(tmp_path: Path) -> None:
    run(federation("seed=1", "seed=2", "seed=3,bad=keys@1", rounds=1), tmp_path)
    assert sorted(record(tmp_path, 1)["similarity"]) == ["ada", "bob"]


@pytest.mark.parametrize("method", METHODS)
def test_sites_are_compared_only_where_their_replies_change_the_product(
    tmp_path: Path, method: str
) -> None:
    given = {"fra_rounds": 1} if method == "fra-then-ffa" else {}
    file = federation(method=method, rounds=2, steps=5, method_options=given)
    run_local(file, tmp_path, trainer=TRADE)
    names = [site.name for site in file.sites]
    for number in (1, 2):
        told = record(tmp_path, number)
        likeness = told["similarity"]
        # The joint B of fedsa is 0 for ever, and so is the product of what a site sends.
        assert told["unmoved"] == (names if method == "fedsa" else [])
        assert sorted(likeness) == ([] if method == "fedsa" else names)
        assert all(likeness[one][one] == pytest.approx(1.0) for one in likeness)
        assert all(-1 <= c <= 1 and c != 0 for row in likeness.values() for c in row.values())


@pytest.mark.parametrize("method", ["fra", "fedex", "flora", "fedadam", "svd-residual"])
def test_a_run_begins_where_the_best_round_of_another_ended(tmp_path: Path, method: str) -> None:
    first = run(federation(method=method), tmp_path / "all")
    file = federation(name="more", method=method, begins_with="all", steps=2)
    second = run(file, tmp_path / "more")
    assert second.validation[0] == pytest.approx(first.validation[first.best_round], rel=1e-5)
    told = record(tmp_path / "more", 0)["begins_with"]
    whole, _ = load_adapter(first.adapter_folder(), base_fingerprint="tiny")
    assert told == {"run": "all", "round": first.best_round, "checksum": checksum(whole)}


def test_a_round_and_a_checksum_can_be_named(tmp_path: Path) -> None:
    first = run(federation(), tmp_path / "all")
    made = record(tmp_path / "all", 1)["checksum"]
    more = {"name": "more", "begins_with": "all@1", "rounds": 1}
    second = run(federation(**more, begins_checksum=made), tmp_path / "more")
    assert second.validation[0] == pytest.approx(first.validation[1])
    with pytest.raises(FederationError, match="holds a run with other settings"):
        run(federation(**more, begins_checksum="0" * 64), tmp_path / "more")
    with pytest.raises(FederationError, match="has the checksum"):
        run(federation(**more, begins_checksum="0" * 64), tmp_path / "other")


def test_it_goes_on_from_its_own_beginning_whatever_the_other_run_did_since(tmp_path: Path) -> None:
    run(federation(rounds=1), tmp_path / "all")
    more = {"name": "more", "begins_with": "all"}
    run(federation(**more, rounds=1), tmp_path / "more")
    run(federation(rounds=3), tmp_path / "all")
    resumed = run(federation(**more, rounds=3), tmp_path / "more")
    assert record(tmp_path / "more", 0)["begins_with"]["round"] == 1
    straight = run(federation(**{**more, "begins_with": "all@1"}, rounds=3), tmp_path / "straight")
    assert resumed.checksum == straight.checksum


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"begins_with": "nobody"}, "no other run of that name"),
        ({"begins_with": "more"}, "no other run of that name"),
        ({"begins_with": "all@9"}, "has no round 9"),
        ({"lora": LoraSettings(rank=3, alpha=4.0)}, "has rank 2 and scaling 2, but more has rank"),
        ({"lora": LoraSettings(rank=2, alpha=8.0)}, "but more has rank 2 and scaling 4"),
    ],
)
def test_what_a_run_cannot_begin_with_is_told(tmp_path: Path, changes: dict, message: str) -> None:
    run(federation(rounds=1), tmp_path / "all")
    values = {"name": "more", "begins_with": "all", **changes}
    with pytest.raises(FederationError, match=message):
        run(federation(**values), tmp_path / "more")


def test_a_run_of_another_base_model_is_no_beginning(tmp_path: Path) -> None:
    run(federation("seed=1,base=1", "seed=2,base=1", rounds=1), tmp_path / "all")
    with pytest.raises(FederationError, match=r"fingerprint other\), but the sites have"):
        run(federation(name="more", begins_with="all"), tmp_path / "more")


def test_what_is_folded_needs_a_method_that_folds(tmp_path: Path) -> None:
    run(federation(method="flora", rounds=1), tmp_path / "all")
    with pytest.raises(FederationError, match="folded into the base model"):
        run(federation(name="more", begins_with="all", method="fra"), tmp_path / "more")


def test_a_run_without_a_judged_round_is_no_beginning(tmp_path: Path) -> None:
    run(federation(rounds=1), tmp_path / "all")
    (tmp_path / "all" / "round-00001" / "evaluation.json").unlink()
    with pytest.raises(FederationError, match="no round yet that its sites have evaluated"):
        run(federation(name="more", begins_with="all"), tmp_path / "more")


@pytest.mark.parametrize("name", ["../all", "/etc", "all@", "all@x", ".all"])
def test_a_beginning_is_a_name_and_never_a_path(name: str) -> None:
    with pytest.raises((ConfigError, ValueError), match="begins_with"):
        federation(begins_with=name)
