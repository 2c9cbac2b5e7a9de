"""Sites that part into groups: what it gains, what is kept, and that a killed one goes on."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from federations import TRADE, federation

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.grouping import Peers
from fedtranslate.config.federation import FederationFile, SiteSettings
from fedtranslate.config.policy import Policy
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.errors import AggregationError, ConfigError, FederationError
from fedtranslate.experiments.groups import Parted, simulate_groups, site_losses
from fedtranslate.federation.coordinator.grouping import propose
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.site import worker
from fedtranslate.federation.sketch import sketched

KINDS = ("seed=1", "seed=2,kind=opposite", "seed=3", "seed=4,kind=opposite")


def several(rounds: int = 6) -> FederationFile:
    return federation(*KINDS, rounds=rounds, steps=15)


def parted(
    file: FederationFile, root: Path, into: int | Peers | None, shared_rounds: int, **more: object
) -> Parted:
    def place(one: FederationFile) -> Path:
        sites = "-".join(site.name for site in one.sites)
        return root / f"{one.run.name}-{sites}-{one.run.begins_with or 'new'}"

    runtime = partial(run_local, trainer=TRADE)
    return simulate_groups(
        file, place, into=into, shared_rounds=shared_rounds, runtime=runtime, **more
    )


def adapter_of(result: RunResult) -> Adapter:
    return result.joint(base_fingerprint="tiny", base_name="builtin")[0]


def losses(found: Parted) -> dict[str, float]:
    return {site: group.losses()[site] for group in found.groups for site in group.serves}


@pytest.mark.parametrize("into", [None, 2])
def test_groups_find_the_kinds_and_serve_every_site_better_than_one_group(
    tmp_path: Path, into: int | None
) -> None:
    file = several()
    alike = parted(file, tmp_path / "groups", into, 2)
    assert [group.sites for group in alike.groups] == [("ada", "eve"), ("bob", "joe")]
    together = run_local(file, tmp_path / "one", trainer=TRADE)
    one, several_ = site_losses(together.folder, together.best_round), losses(alike)
    assert several_.keys() == one.keys() == {"ada", "bob", "eve", "joe"}
    assert all(several_[site] < 0.5 * one[site] for site in one)
    assert alike.shared is not None
    start = site_losses(alike.groups[0].result.folder, 0)
    assert start["ada"] == pytest.approx(
        site_losses(alike.shared.folder, alike.shared.best_round)["ada"], rel=1e-5
    )


def test_as_many_groups_as_sites_share_nothing(tmp_path: Path) -> None:
    found = parted(several(rounds=3), tmp_path, 4, 0)
    assert found.shared is None
    assert [group.sites for group in found.groups] == [("ada",), ("bob",), ("eve",), ("joe",)]
    alone = federation(KINDS[0], rounds=3, steps=15, name="tiny-group-1")
    assert run_local(alone, tmp_path / "alone", trainer=TRADE).checksum == (
        found.groups[0].result.checksum
    )
    later = parted(several(rounds=3), tmp_path, 4, 1)
    assert [group.sites for group in later.groups] == [group.sites for group in found.groups]
    assert later.groups[0].result.checksum != found.groups[0].result.checksum


def test_a_site_that_had_no_part_is_in_no_group(tmp_path: Path) -> None:
    file = federation(*KINDS[:3], f"{KINDS[3]},bad=keys@2", rounds=3, steps=15)
    found = parted(file, tmp_path, None, 2)
    assert found.missing == ("joe",)
    assert sorted(site for group in found.groups for site in group.sites) == ["ada", "bob", "eve"]


@pytest.mark.parametrize(
    ("into", "shared_rounds", "message"),
    [
        (2, 6, "Of 6 rounds, 6 cannot be rounds of all"),
        (5, 2, "4 sites cannot make 5 groups"),
        (2, 0, "nobody knows which of them are alike"),
        (None, 0, "nobody knows which of them are alike"),
        (Peers(1), 0, "nobody knows which of them are alike"),
        (Peers(4), 2, "Each of 4 sites has 3 others, so it cannot have 4 peers"),
        (Peers(0), 2, "cannot have 0 peers"),
    ],
)
def test_what_cannot_be_is_refused_before_any_training(
    tmp_path: Path, into: int | Peers | None, shared_rounds: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        parted(several(), tmp_path, into, shared_rounds)
    assert not list(tmp_path.iterdir())


def test_a_killed_one_goes_on_to_the_same_adapters(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from test_groups import parted, several;"
        f"parted(several(40), Path({str(tmp_path / 'killed')!r}), 2, 2)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parent)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("killed/tiny-group-1-*/round-00002")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (begun,) = tmp_path.glob("killed/tiny-group-1-*")
    rounds = len(list(begun.glob("round-*"))) + 3
    assert rounds < 38
    resumed, unbroken = (parted(several(rounds), tmp_path / n, 2, 2) for n in ("killed", "whole"))
    checksums = [[g.result.checksum for g in found.groups] for found in (resumed, unbroken)]
    assert checksums[0] == checksums[1]
    assert losses(resumed) == losses(unbroken)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"method": "fedadam", "method_options": {"rate": 0.02}},
        {"traffic": TrafficSettings(up="int4", down="int4")},
    ],
)
def test_the_a_of_all_is_the_same_in_all_groups_bit_by_bit_and_b_is_their_own(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    file = federation(*KINDS, rounds=4, steps=15, **settings)
    found = parted(file, tmp_path, 2, 2, keep_a=True)
    assert found.shared is not None
    shared, one, other = map(adapter_of, (found.shared, *(g.result for g in found.groups)))
    for name, factors in shared.items():
        assert torch.equal(one[name].a, factors.a)
        assert torch.equal(other[name].a, factors.a)
        assert not torch.equal(one[name].b, factors.b)
        assert not torch.equal(one[name].b, other[name].b)


def test_groups_under_the_a_of_all_still_serve_every_site_better_than_one(tmp_path: Path) -> None:
    alike = losses(parted(several(), tmp_path, 2, 2, keep_a=True))
    one = losses(parted(several(), tmp_path, 1, 2, keep_a=True))
    assert all(alike[site] < 0.8 * one[site] for site in one)


@pytest.mark.parametrize("method", ["flora", "fedex", "svd-residual"])
def test_the_a_of_a_method_that_folds_is_not_all_of_it_and_cannot_be_kept(
    tmp_path: Path, method: str
) -> None:
    with pytest.raises(FederationError, match=f"the method {method} folds a part"):
        parted(federation(*KINDS, method=method), tmp_path, 2, 1, keep_a=True)
    with pytest.raises(ConfigError, match="there is no A that all have learned"):
        parted(federation(*KINDS), tmp_path, 1, 0, keep_a=True)
    assert not list(tmp_path.iterdir())


def test_peers_have_a_run_each_with_those_most_like_them_and_one_that_is_the_same_is_run_once(
    tmp_path: Path,
) -> None:
    found = parted(several(), tmp_path / "one", Peers(1), 2)
    assert [(group.sites, group.serves) for group in found.groups] == [
        (("ada", "eve"), ("ada", "eve")),
        (("bob", "joe"), ("bob", "joe")),
    ]
    assert [group.name for group in found.groups] == ["tiny-peers-1", "tiny-peers-2"]
    near = parted(several(), tmp_path / "two", Peers(2), 2)
    assert sorted(site for group in near.groups for site in group.serves) == [
        "ada",
        "bob",
        "eve",
        "joe",
    ]
    assert {len(group.sites) for group in near.groups} == {3}
    for group in near.groups:
        assert set(group.serves) <= set(group.sites)
        settings = json.loads((group.result.folder / "run.json").read_text())["settings"]
        assert settings["released_to"] == list(group.serves)
        assert settings["begins_with"]
    everyone = parted(several(), tmp_path / "three", Peers(3), 2)
    assert [group.sites for group in everyone.groups] == [("ada", "bob", "eve", "joe")]


def test_too_many_peers_for_the_sites_that_are_left_are_refused(tmp_path: Path) -> None:
    file = federation(*KINDS[:3], f"{KINDS[3]},bad=keys@2", rounds=3, steps=15)
    with pytest.raises(AggregationError, match="Each of 3 sites has 2 others"):
        parted(file, tmp_path, Peers(3), 2)


APIS = ("apis=0-300", "apis=500-800", "apis=30-330", "apis=530-830")


def with_apis(**settings: object) -> FederationFile:
    # By what they learn, ada and eve are alike; by their names, likewise.
    habits = [f"{kind},{apis}" for kind, apis in zip(KINDS, APIS, strict=True)]
    return federation(*habits, rounds=3, steps=15, **settings)


def test_sites_are_grouped_by_the_sketches_of_the_names_that_they_use(tmp_path: Path) -> None:
    found = parted(with_apis(signature="apis"), tmp_path, None, 1, by="signature")
    assert [group.sites for group in found.groups] == [("ada", "eve"), ("bob", "joe")]
    assert found.similarity["ada"]["eve"] == pytest.approx(0.8, abs=0.15)
    assert found.similarity["ada"]["bob"] < 0.25
    assert found.shared is not None
    record = json.loads((found.shared.folder / "round-00001/round.json").read_text())
    assert {len(text) for text in record["signatures"].values()} == {128}
    ledger = (found.shared.folder / "sites/ada/ledger.jsonl").read_text().splitlines()
    first = json.loads(ledger[0])
    assert first["kind"] == "introduction"
    assert first["values"]["site"]["signature"] == record["signatures"]["ada"]
    # A group asks for it no more, so it does not leave again.
    again = (found.groups[0].result.folder / "sites/ada/ledger.jsonl").read_text().splitlines()
    assert json.loads(again[0])["values"]["site"]["signature"] == ""
    near = parted(with_apis(signature="apis"), tmp_path, Peers(1), 1, by="signature")
    assert [group.sites for group in near.groups] == [("ada", "eve"), ("bob", "joe")]


def test_a_site_that_uses_few_names_shows_no_sketch_of_them_and_is_in_no_group(
    tmp_path: Path,
) -> None:
    habits = [f"{kind},{apis}" for kind, apis in zip(KINDS, (*APIS[:3], "apis=0-255"), strict=True)]
    run_local(federation(*habits, rounds=1, signature="apis"), tmp_path, trainer=TRADE)
    record = json.loads((tmp_path / "round-00001/round.json").read_text())
    assert sorted(record["signatures"]) == ["ada", "bob", "eve"]
    assert "joe" in record["replies"]
    names = ("ada", "bob", "eve", "joe")
    assert propose(tmp_path, names, by="signature").missing == ("joe",)


def test_without_the_setting_no_signature_leaves_and_none_can_be_grouped_by(tmp_path: Path) -> None:
    result = run_local(with_apis(), tmp_path / "plain", trainer=TRADE)
    ledger = (result.folder / "sites/ada/ledger.jsonl").read_text().splitlines()
    assert json.loads(ledger[0])["values"]["site"]["signature"] == ""
    names = ("ada", "bob", "eve", "joe")
    with pytest.raises(FederationError, match="has no signatures of its sites"):
        propose(result.folder, names, by="signature")
    with pytest.raises(ConfigError, match="asks no site for its signature"):
        parted(with_apis(), tmp_path / "none", None, 1, by="signature")


@pytest.mark.parametrize("wrong", ["0f" * 63, 7, None, ["0f" * 64], "zz" * 64])
def test_a_damaged_signature_in_the_record_is_told(tmp_path: Path, wrong: object) -> None:
    folder = tmp_path / "cairn"
    place = folder / "round-00001"
    place.mkdir(parents=True)
    record = {"format": 1, "round": 1, "checksum": "0" * 64}
    table = {"ada": "0f" * 64, "bob": wrong}
    (place / "round.json").write_text(json.dumps({**record, "signatures": table}))
    with pytest.raises(FederationError, match="round 1 of the run cairn is damaged"):
        propose(folder, ("ada", "bob"), by="signature")


def test_a_site_whose_policy_shows_no_signature_takes_no_part_and_shows_none(
    tmp_path: Path,
) -> None:
    file = with_apis(signature="apis", join_seconds=4)
    values = {**file.sites[3].model_dump(), "policy": Policy(minimum_sites=1)}
    file = FederationFile(run=file.run, sites=(*file.sites[:3], SiteSettings(**values)))
    run_local(file, tmp_path, trainer=TRADE)
    record = json.loads((tmp_path / "round-00001/round.json").read_text())
    assert sorted(record["signatures"]) == sorted(record["replies"]) == ["ada", "bob", "eve"]
    lines = (tmp_path / "sites/joe/ledger.jsonl").read_text().splitlines()
    left = [json.loads(line) for line in lines]
    assert {str(entry["values"]) for entry in left} == {"{'refusal': {'code': 'signature'}}"}


@pytest.mark.parametrize("wrong", ["zz" * 64, "0f" * 63, "0F" * 64])
def test_a_site_that_sends_what_is_no_sketch_costs_itself_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    def hostile(names: Collection[str], salt: bytes) -> str:
        return wrong if len(names) == 257 else sketched(names, salt)

    monkeypatch.setattr(worker, "sketched", hostile)
    habits = [f"{kind},{apis}" for kind, apis in zip(KINDS, (*APIS[:3], "apis=0-257"), strict=True)]
    file = federation(*habits, rounds=1, join_seconds=4, signature="apis")
    run_local(file, tmp_path, trainer=TRADE)
    record = json.loads((tmp_path / "round-00001/round.json").read_text())
    assert sorted(record["signatures"]) == sorted(record["replies"]) == ["ada", "bob", "eve"]
    names = ("ada", "bob", "eve", "joe")
    assert propose(tmp_path, names, by="signature").missing == ("joe",)
