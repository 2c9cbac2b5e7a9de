"""The coordinator's rounds without Flower: sites that come, go, lie and answer late."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from federations import federation

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import Exactness, Joint, Method, Phase
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.store import ADAPTER_FILE, MANIFEST_FILE, Manifest
from fedtranslate.errors import AggregationError, FederationError, SitesAwayError
from fedtranslate.federation.coordinator import rounds
from fedtranslate.federation.coordinator.journal import (
    EVENTS_FILE,
    Journal,
    Score,
    dominant,
    mean_losses,
    read_evaluation,
    read_events,
    read_json,
    read_round,
    round_folder,
    settings_key,
)
from fedtranslate.federation.coordinator.result import read_result
from fedtranslate.federation.coordinator.roundfolder import newest_round, save_round
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate, Task, seed_of

SHAPES = {"m": (4, 3)}
SETTINGS = federation().run
NAMES = ("ada", "bob", "eve")
FEDIT = find_method("fedit")


def who(name: str, base: str = "tiny", data: str = "d") -> Introduction:
    return Introduction(name, base, data, 10, SHAPES)


def learned(joint: Adapter, seed: int) -> SiteUpdate:
    rng = torch.Generator().manual_seed(seed)
    moved = {
        n: Factors(f.a + 0.1 * torch.randn(f.a.shape, generator=rng), f.b + 0.1, f.scaling)
        for n, f in joint.items()
    }
    return SiteUpdate(moved, 10, 0.5, 8.0 - seed % 3, 4, 2)


class Script:
    """Sites that are there, by round, and always learn."""

    def __init__(self, here: dict[int, Sequence[str]]) -> None:
        self.here = here
        self.round = 0
        self.asked: list[tuple[int, tuple[str, ...], int]] = []
        self.wanted: list[int] = []
        self.hindered = {"node 7": "it did not introduce itself: why"}
        self.over: dict[str, str] = {}

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
        self.wanted.append(wanted)
        names = self.here.get(len(self.asked) + 1, NAMES)
        return [who(name) for name in names], self.hindered

    def ended(self) -> Mapping[str, str]:
        return self.over

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        self.asked.append((task.round, tuple(names), task.steps))
        answers = [Answer(name, learned(joint, ord(name[0]) + task.round)) for name in names]
        if not task.steps:
            answers = [Answer(a.site, replace(a.update, adapter=None)) for a in answers if a.update]
        return list(reversed(answers))


def conducted(folder: Path, sites: Script, *, is_kept: bool = False) -> None:
    conduct(SETTINGS, NAMES, sites, Journal(folder, lambda: "now"), is_kept=is_kept)


def test_all_sites_are_awaited_once_and_then_a_quorum(tmp_path: Path) -> None:
    sites = Script({})
    conducted(tmp_path, sites)
    assert sites.wanted == [3, 2, 2, 2, 2]
    assert sites.asked == [(n, NAMES, 6) for n in (1, 2, 3)] + [(4, NAMES, 0)]


def test_a_site_that_goes_and_comes_back_takes_part_again(tmp_path: Path) -> None:
    sites = Script({2: ("ada", "eve")})
    conducted(tmp_path, sites)
    assert [names for _, names, _ in sites.asked] == [NAMES, ("ada", "eve"), NAMES, NAMES]
    assert read_round(tmp_path, 2)["left_out"] == {"bob": "it is not connected"}
    assert read_result(tmp_path, 3).left_out == ((2, "bob", "it is not connected"),)


def test_a_round_tells_why_a_site_that_is_there_is_of_no_use(tmp_path: Path) -> None:
    sites = Script({2: ("ada", "eve")})
    sites.hindered = {"bob": "it answers as 'ada'"}
    conducted(tmp_path, sites)
    assert read_round(tmp_path, 2)["left_out"] == {"bob": "it answers as 'ada'"}


def test_a_site_whose_membership_is_over_is_not_awaited_and_named(tmp_path: Path) -> None:
    sites = Script({1: ("ada", "eve"), 2: ("ada", "eve"), 3: ("ada", "eve"), 4: ("ada", "eve")})
    sites.over = {"bob": "its membership was revoked", "zoe": "it has left the federation"}
    conducted(tmp_path, sites)
    assert sites.wanted == [2, 2, 2, 2, 2]
    assert read_round(tmp_path, 1)["left_out"] == {"bob": "its membership was revoked"}


def test_a_round_tells_which_site_has_most_of_the_weight(tmp_path: Path) -> None:
    class Greedy(Script):
        def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
            return [
                replace(one, update=replace(one.update, pairs=80))
                if one.site == "eve" and task.round == 2 and one.update
                else one
                for one in super().ask(task, joint, names)
            ]

    conducted(tmp_path, Greedy({}))
    told = {event.round: event for event, _ in read_events(tmp_path) if event.kind == "round"}
    assert told[1].text == "Round 1 joined the adapters of ada, bob, eve."
    # Of the 80 pairs that it claims, five times the median of the round count.
    assert told[2].text.endswith("ada, bob, eve. eve has 71.4% of the weight.")
    assert told[2].values["heaviest_share"] == 50 / 70


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ({}, None),
        ({"ada": 0.0, "bob": 0.0}, None),
        ({"ada": 5.0, "bob": 5.0}, None),
        ({"ada": 5.0, "bob": 5.1, "eve": 0.0}, ("bob", 5.1 / 10.1)),
        ({"ada": 1.0}, ("ada", 1.0)),
    ],
)
def test_more_than_half_of_the_weight_dominates(
    weights: dict[str, float], found: tuple[str, float] | None
) -> None:
    assert dominant(weights) == found


def test_without_a_quorum_of_sites_the_run_fails_and_says_who_is_there(tmp_path: Path) -> None:
    complaint = r"1 of 3 sites can take part \(ada\), but 2 are needed \(node 7: it did not intro"
    with pytest.raises(FederationError, match=complaint):
        conducted(tmp_path, Script({1: ("ada",)}))
    last = list(read_events(tmp_path))[-1][0]
    assert last.kind == "failed"


class Lost(Script):
    """Sites of which two do not answer the second task."""

    is_away = True

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        return [
            Answer(one.site, None, "it did not answer in time", is_away=self.is_away)
            if task.round == 2 and one.site != "ada"
            else one
            for one in super().ask(task, joint, names)
        ]


@pytest.mark.parametrize("sites", [Script({2: ("ada",)}), Lost({})], ids=["before", "in a round"])
def test_a_run_whose_sites_are_away_waits_where_somebody_starts_it_again(
    tmp_path: Path, sites: Script
) -> None:
    with pytest.raises(SitesAwayError):
        conducted(tmp_path, sites, is_kept=True)
    status = read_json(tmp_path / "status.json")
    assert status["state"] == "waiting"
    assert status["reason"].endswith("It goes on by itself when they are back.")
    assert list(read_events(tmp_path))[-1][0].kind == "waiting"
    conducted(tmp_path, Script({}), is_kept=True)
    assert read_json(tmp_path / "status.json") == {"state": "completed", "reason": ""}


@pytest.mark.parametrize("how", ["nobody keeps it", "a site refuses", "sites answer with errors"])
def test_a_run_that_waiting_does_not_help_fails(tmp_path: Path, how: str) -> None:
    sites = Lost({}) if how == "sites answer with errors" else Script({2: ("ada",)})
    sites.is_away = False  # type: ignore[attr-defined]
    if how == "a site refuses":
        sites.hindered = {"bob": "its policy refuses", "eve": "it did not introduce itself"}
    with pytest.raises(FederationError):
        conducted(tmp_path, sites, is_kept=how != "nobody keeps it")
    assert read_json(tmp_path / "status.json")["state"] == "failed"


def test_a_method_that_breaks_fails_the_run_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> Joint:
        raise KeyError("lost")

    own = Method("own", "", "", Exactness.EXACT, lambda *_: Phase(breaks))
    monkeypatch.setattr(rounds, "find_method", lambda _: own)
    with pytest.raises(AggregationError, match=r"own has failed \(KeyError: 'lost'\)"):
        conducted(tmp_path, Script({}))
    assert read_json(tmp_path / "status.json")["state"] == "failed"


def test_a_method_that_breaks_on_few_replies_costs_only_what_they_are_worth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        if len(replies) < len(NAMES):
            raise KeyError("few")
        return FEDIT.phase(1, {}).combine(replies, weights, joint)

    own = Method("own", "", "", Exactness.EXACT, lambda *_: Phase(combine))
    monkeypatch.setattr(rounds, "find_method", lambda _: own)
    asked = SETTINGS.model_copy(update={"contribution": "leave-one-out"})
    conduct(asked, NAMES, Script({}), Journal(tmp_path, lambda: "now"))
    assert read_json(tmp_path / "status.json")["state"] == "completed"
    told = read_json(round_folder(tmp_path, SETTINGS.rounds) / "contribution.json")["problem"]
    assert "The method own has failed (KeyError: 'few')" in told


def test_a_run_does_not_go_on_with_another_base_model(tmp_path: Path) -> None:
    journal = Journal(tmp_path, lambda: "now")
    journal.begin(SETTINGS, {"ada": who("ada")})
    with pytest.raises(FederationError, match="fingerprint tiny; the sites now have other"):
        journal.begin(SETTINGS, {"ada": who("ada", base="other")})


def test_the_last_joint_adapter_is_evaluated_without_training(tmp_path: Path) -> None:
    conducted(tmp_path, Script({}))
    result = read_result(tmp_path, 3)
    assert len(result.validation) == 4
    assert all(loss < float("inf") for loss in result.validation)


def test_a_result_that_is_not_there_yet_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FederationError):
        conducted(tmp_path, Script({2: ("ada",)}))
    with pytest.raises(FederationError, match="failed and has not come to the end of round 3"):
        read_result(tmp_path, 3)


def test_rounds_are_compared_over_the_sites_that_evaluated_all_of_them() -> None:
    easy, hard = Score(1.0, 10), Score(90.0, 10)
    rounds = [{"ada": easy, "bob": hard}, {"ada": easy}, {"ada": Score(2.0, 10), "bob": hard}]
    assert mean_losses(rounds) == [0.1, 0.1, 0.2]
    assert mean_losses([{"ada": easy}, {"bob": hard}, {}]) == [0.1, 9.0, float("inf")]


def test_the_number_of_rounds_and_the_patience_are_not_part_of_the_key() -> None:
    same = {"rounds": 9, "personal_from": 3, "round_seconds": 5.0, "join_seconds": 7.0}
    assert settings_key(SETTINGS.model_copy(update=same)) == settings_key(SETTINGS)
    for changed in ({"steps": 7}, {"seed": 1}, {"method": "fedit"}, {"threads": 2}):
        assert settings_key(SETTINGS.model_copy(update=changed)) != settings_key(SETTINGS)


def test_every_round_and_site_has_its_own_seed() -> None:
    seeds = {seed_of(s, n, site) for s in (0, 1) for n in range(5) for site in ("", *NAMES)}
    assert len(seeds) == 2 * 5 * 4


def test_a_half_written_event_is_read_when_it_is_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path, lambda: "now")
    journal.tell("round", 1, "one")
    path = tmp_path / "events.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    ((_, offset),) = read_events(tmp_path)
    path.write_bytes(whole + whole)
    assert len(list(read_events(tmp_path, offset))) == 1


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"kind": 1, "round": 1, "text": "x"}']
)
def test_a_damaged_line_is_told_and_the_others_are_read(tmp_path: Path, line: bytes) -> None:
    journal = Journal(tmp_path, lambda: "now")
    journal.tell("round", 1, "One.")
    with (tmp_path / EVENTS_FILE).open("ab") as file:
        file.write(line + b"\n")
    journal.tell("round", 2, "Two.")
    assert [event.kind for event, _ in read_events(tmp_path)] == ["round", "damaged", "round"]


def kept_rounds(folder: Path) -> None:
    manifest = Manifest("tiny", "f" * 16, "java", "csharp", rank=2, alpha=2.0)
    for number in (0, 1):
        joint = initial_adapter(SHAPES, rank=2, scaling=1.0, seed=number)
        save_round(folder, number, Joint(joint), manifest, {})


def test_a_round_whose_adapter_is_another_is_not_whole(tmp_path: Path) -> None:
    kept_rounds(tmp_path)
    last = newest_round(tmp_path, 9)
    assert last is not None
    assert last.number == 1
    for name in (ADAPTER_FILE, MANIFEST_FILE):
        (round_folder(tmp_path, 1) / name).write_bytes(
            (round_folder(tmp_path, 0) / name).read_bytes()
        )
    before = newest_round(tmp_path, 9)
    assert before is not None
    assert before.number == 0


def test_a_truth_is_no_number_of_a_round(tmp_path: Path) -> None:
    kept_rounds(tmp_path)
    path = round_folder(tmp_path, 1) / "round.json"
    path.write_text(path.read_text().replace('"round": 1', '"round": true'))
    with pytest.raises(FederationError, match="is not the record of round 1"):
        read_round(tmp_path, 1)


@pytest.mark.parametrize("loss", ["NaN", "-Infinity", "1e999", "-1.0", '"x"', "null", "true"])
def test_a_score_that_is_no_loss_is_damage(tmp_path: Path, loss: str) -> None:
    kept_rounds(tmp_path)
    path = round_folder(tmp_path, 1) / "evaluation.json"
    path.write_text('{"ada": {"loss": 2.5, "tokens": 4}}')
    assert read_evaluation(tmp_path, 1) == {"ada": Score(2.5, 4)}
    path.write_text(f'{{"ada": {{"loss": {loss}, "tokens": 4}}}}')
    assert read_evaluation(tmp_path, 1) is None


def test_a_round_that_is_missing_in_the_middle_is_made_again(tmp_path: Path) -> None:
    conducted(tmp_path, Script({}))
    whole = read_result(tmp_path, SETTINGS.rounds)
    shutil.rmtree(round_folder(tmp_path, 1))
    sites = Script({})
    conducted(tmp_path, sites)
    assert sites.asked[0][0] == 1
    assert read_result(tmp_path, SETTINGS.rounds).checksum == whole.checksum


@pytest.mark.parametrize("what", ["file", "link"])
def test_a_round_takes_the_place_of_whatever_is_there(tmp_path: Path, what: str) -> None:
    place = round_folder(tmp_path, 2)
    if what == "file":
        place.write_text("nobody knows")
    else:
        place.symlink_to(tmp_path / "nowhere")
    conducted(tmp_path, Script({}))
    assert read_result(tmp_path, SETTINGS.rounds).rounds == SETTINGS.rounds


@pytest.mark.parametrize("data", [[], ["ada"], {"ada": 1}, "ada"])
def test_a_run_file_with_other_kinds_of_values_is_called_damaged(
    tmp_path: Path, data: object
) -> None:
    conducted(tmp_path, Script({}))
    about = read_json(tmp_path / "run.json")
    (tmp_path / "run.json").write_text(json.dumps({**about, "data": data}))
    with pytest.raises(FederationError, match=r"run\.json is damaged"):
        conducted(tmp_path, Script({}))
