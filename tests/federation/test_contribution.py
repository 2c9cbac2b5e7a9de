"""What each reply is worth, in whole runs: bad data, sites that refuse or lie, and kill -9."""

import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import test_rounds
from federations import TRADE, federation
from test_rounds import NAMES, SETTINGS, Script

from fedtranslate.adapters.factors import Adapter
from fedtranslate.config.federation import FederationFile
from fedtranslate.config.policy import Policy
from fedtranslate.config.screening import ScreeningSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.contribution import tell
from fedtranslate.federation.coordinator.journal import (
    Event,
    Journal,
    read_events,
    read_json,
    round_folder,
)
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.coordinator.worth import (
    CONTRIBUTION_FILE,
    FEW_ORDERS,
    Contribution,
    Worth,
    newest_contribution,
    read_contribution,
)
from fedtranslate.federation.exchange import Answer, SiteUpdate, Task
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.refusals import refusal_told
from fedtranslate.federation.site.ledger import Ledger

HABITS = ("seed=1", "seed=2", "seed=3", "seed=4,targets=wrong")


def run(file: FederationFile, folder: Path, events: list[Event] | None = None) -> str:
    on_event = None if events is None else events.append
    return run_local(file, folder, trainer=TRADE, on_event=on_event).checksum


def found(folder: Path, number: int = 3) -> Contribution:
    contribution = read_contribution(folder, number)
    assert contribution is not None
    return contribution


@pytest.mark.parametrize(
    ("method", "how"),
    [
        ("fra", "leave-one-out"),
        ("fra", "shapley"),
        ("flora", "shapley"),
        ("fed-sb", "shapley"),
        ("fedsa", "shapley"),
        ("fedavgm", "leave-one-out"),
    ],
)
def test_a_site_that_learns_from_bad_data_is_worth_least(
    tmp_path: Path, method: str, how: str
) -> None:
    events: list[Event] = []
    # Else the reply may be refused before it is weighed up.
    screening = ScreeningSettings(enabled=False)
    file = federation(*HABITS, method=method, contribution=how, steps=15, screening=screening)
    run(file, tmp_path, events)
    told = found(tmp_path)
    assert min(told.worth, key=lambda site: told.worth[site].value) == "joe"
    assert told.worth["joe"].value < 0
    assert told.sites == ("ada", "bob", "eve", "joe")
    assert all(worth.error is not None and worth.error > 0 for worth in told.worth.values())
    (about_joe,) = [event for event in events if "reply of joe" in event.text]
    assert "raises the validation loss per token" in about_joe.text
    assert about_joe.values["worth"] == told.worth["joe"].value


def test_shapley_values_add_up_to_what_the_round_gained(tmp_path: Path) -> None:
    run(federation(*HABITS, contribution="shapley"), tmp_path)
    told = found(tmp_path)
    assert told.everyone is not None
    assert told.nobody is not None
    total = sum(worth.value for worth in told.worth.values())
    assert total == pytest.approx(told.nobody - told.everyone)
    assert (told.coalitions, told.is_exact) == (16, True)
    # All replies together are the round, as the sites evaluated it at the end.
    end = read_json(round_folder(tmp_path, 3) / "evaluation.json")
    loss = sum(s["loss"] for s in end.values()) / sum(s["tokens"] for s in end.values())
    assert told.everyone == pytest.approx(loss)


def test_an_estimate_keeps_within_its_coalitions_and_near_the_exact_values(
    tmp_path: Path,
) -> None:
    run(federation(*HABITS, contribution="shapley"), tmp_path / "exact")
    run(federation(*HABITS, contribution="shapley", coalitions=12), tmp_path / "some")
    exact, some = found(tmp_path / "exact"), found(tmp_path / "some")
    assert some.coalitions <= 12
    assert some.orders > 1
    for site, worth in some.worth.items():
        assert worth.sampling_error is not None
        assert worth.error is not None
        assert worth.error >= worth.sampling_error
        assert abs(worth.value - exact.worth[site].value) < 4 * worth.sampling_error + 1e-3


@pytest.mark.parametrize("walked", [0, FEW_ORDERS - 1, FEW_ORDERS])
def test_the_journal_warns_of_values_from_too_few_orders(tmp_path: Path, walked: int) -> None:
    worth = {"ada": Worth(0.1, 0.01), "bob": Worth(0.2, 0.01)}
    few = Contribution("shapley", NAMES, coalitions=9, orders=walked, worth=worth)
    tell(Journal(tmp_path, lambda: "now"), 3, few)
    texts = [event.text for event, _ in read_events(tmp_path)]
    warnings = [text for text in texts if "cannot be relied on" in text]
    assert len(warnings) == (walked == FEW_ORDERS - 1)
    assert len(texts) == 3 + len(warnings)


def test_what_is_asked_of_a_finished_run_is_told_to_be_gone_and_how_to_get_it(
    tmp_path: Path,
) -> None:
    before = run(federation(), tmp_path)
    events: list[Event] = []
    assert run(federation(contribution="shapley"), tmp_path, events) == before
    (told,) = [event.text for event in events if event.kind == "contribution"]
    assert told == (
        "What the replies are worth is unknown: round 3 was finished before it was asked for, and"
        " replies are not kept. One more round finds it out: start the run again with --rounds 4."
    )
    assert found(tmp_path).summary() == told
    events.clear()
    run(federation(contribution="shapley"), tmp_path, events)
    assert not any(event.kind == "contribution" for event in events)
    run(federation(contribution="shapley", rounds=4), tmp_path)
    assert found(tmp_path, 4).worth.keys() == {"ada", "bob", "eve"}


def test_to_find_it_out_changes_nothing_else(tmp_path: Path) -> None:
    traffic = {"down": "int8"}
    plain = run(federation(traffic=traffic), tmp_path / "plain")
    assert run(federation(traffic=traffic, contribution="shapley"), tmp_path / "told") == plain
    files = {path.name for path in (tmp_path / "plain").glob("round-*/*")}
    assert CONTRIBUTION_FILE not in files
    assert [p.parent.name for p in (tmp_path / "told").glob(f"*/{CONTRIBUTION_FILE}")] == [
        "round-00003"
    ]


def test_only_numbers_leave_and_they_are_in_the_ledger(tmp_path: Path) -> None:
    file = federation(contribution="leave-one-out")
    coarse = Policy(shows_replies=True, report_digits=2, report_pairs_in=7)
    sites = tuple(site.model_copy(update={"policy": coarse}) for site in file.sites)
    run(file.model_copy(update={"sites": sites}), tmp_path)
    entries = list(Ledger(site_folder(tmp_path, "ada") / "ledger.jsonl").entries())
    trials = [entry for entry in entries if entry.kind == "trial"]
    assert len(trials) == 5
    assert all(not entry.arrays and entry.round == 4 for entry in trials)
    for entry in trials:
        loss = entry.values["numbers"]["validation-loss"]
        assert loss == float(f"{loss:.1e}")
        assert entry.values["numbers"]["pairs"] == 35


@pytest.mark.parametrize("trials", [0, 3])
def test_a_site_that_allows_too_few_trials_is_left_out_of_them_and_not_of_the_run(
    tmp_path: Path, trials: int
) -> None:
    file = federation(contribution="shapley")
    strict = file.sites[2].model_copy(update={"policy": Policy(shows_replies=True, trials=trials)})
    events: list[Event] = []
    run(file.model_copy(update={"sites": (*file.sites[:2], strict)}), tmp_path, events)
    told = found(tmp_path)
    assert told.sites == ("ada", "bob")
    assert told.left_out == {"eve": refusal_told("trials")}
    assert sorted(told.worth) == ["ada", "bob", "eve"]
    assert "eve" in json.loads((round_folder(tmp_path, 3) / "evaluation.json").read_text())
    assert any("eve is left out where replies are weighed up" in event.text for event in events)


def test_where_too_few_sites_evaluate_it_is_unknown_and_the_run_goes_on(tmp_path: Path) -> None:
    file = federation(contribution="shapley")
    shut = [
        site.model_copy(update={"policy": Policy(shows_replies=True, trials=0)})
        for site in file.sites[:2]
    ]
    events: list[Event] = []
    run(file.model_copy(update={"sites": (*shut, file.sites[2])}), tmp_path, events)
    told = found(tmp_path)
    assert not told.worth
    assert told.problem == "1 sites evaluated all coalitions, but 2 are needed."
    assert any("replies are worth is unknown" in event.text for event in events)
    assert events[-1].kind == "completed"


def test_a_run_of_too_few_coalitions_is_refused_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(FederationError, match="takes at least 4 coalitions for 3 sites"):
        run(federation(contribution="leave-one-out", coalitions=3), tmp_path)


class Liar(Script):
    """Sites of which eve answers trials as she likes."""

    def __init__(self, lie: Callable[[SiteUpdate, int], SiteUpdate | None]) -> None:
        super().__init__({})
        self.lie = lie
        self.tried: list[tuple[str, ...]] = []

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        if not task.trial:
            return super().ask(task, joint, names)
        self.tried.append(tuple(names))
        size = float(sum(f.b.abs().sum() for f in joint.values()))
        honest = SiteUpdate(None, 10, 0.0, size, 4, 2)
        answers = [Answer(name, honest) for name in names]
        return [
            replace(one, update=self.lie(honest, task.trial)) if one.site == "eve" else one
            for one in answers
        ]


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (lambda u, _: replace(u, validation_loss=math.nan), "validation loss is not a number"),
        (lambda u, _: replace(u, validation_loss=math.inf), "validation loss is not a number"),
        (lambda u, _: replace(u, validation_loss=-1.0), "validation loss is not a number"),
        (lambda u, n: replace(u, validation_tokens=4 + n), "validation tokens changes"),
        (lambda u, n: u if n < 4 else None, "it did not answer"),
        (lambda u, _: replace(u, validation_loss=0.0, validation_tokens=0), "no validation loss"),
    ],
)
def test_whoever_answers_nonsense_is_left_out_and_the_numbers_are_those_of_the_others(
    tmp_path: Path, lie: Callable[[SiteUpdate, int], SiteUpdate | None], reason: str
) -> None:
    settings = SETTINGS.model_copy(update={"contribution": "shapley"})
    worth = {}
    for name, sites in (("lie", Liar(lie)), ("none", Liar(lambda *_: None))):
        conduct(settings, NAMES, sites, Journal(tmp_path / name, lambda: "now"))
        told = found(tmp_path / name)
        assert told.sites == ("ada", "bob")
        worth[name] = told.worth
    assert reason in found(tmp_path / "lie").left_out["eve"]
    assert worth["lie"] == worth["none"]
    assert test_rounds.read_result(tmp_path / "lie", 3).left_out == ()


def test_a_site_that_was_left_out_is_not_asked_again(tmp_path: Path) -> None:
    sites = Liar(lambda u, n: u if n < 3 else None)
    settings = SETTINGS.model_copy(update={"contribution": "shapley"})
    conduct(settings, NAMES, sites, Journal(tmp_path, lambda: "now"))
    assert sites.tried == [NAMES] * 3 + [("ada", "bob")] * 5


KILLED = """
import sys
from pathlib import Path
from federations import TRADE, federation
from fedtranslate.federation.flower import client_app
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.site.worker import SiteWorker
work, tried = SiteWorker.work, Path(sys.argv[1]).with_name("tried")
def slow(self, task, packed):
    if task.trial == 5:
        import time; tried.touch(); time.sleep(600)
    return work(self, task, packed)
SiteWorker.work = slow
run_local(federation(contribution="shapley"), Path(sys.argv[1]), trainer=TRADE)
"""


def test_a_run_that_was_killed_in_a_trial_finds_the_same_numbers(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "a")])
    end = time.monotonic() + 120
    while not (tmp_path / "tried").exists():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert newest_contribution(tmp_path / "a", 3) is None
    assert not round_folder(tmp_path / "a", 3).exists()
    file = federation(contribution="shapley")
    # The trials that were made already do not count again.
    sites = tuple(
        s.model_copy(update={"policy": Policy(shows_replies=True, trials=8)}) for s in file.sites
    )
    file = file.model_copy(update={"sites": sites})
    assert run(file, tmp_path / "a") == run(file, tmp_path / "b")
    assert found(tmp_path / "a") == found(tmp_path / "b")
    assert found(tmp_path / "a").sites == ("ada", "bob", "eve")


@pytest.mark.parametrize(
    "change",
    [
        {"worth": {"ada": {"value": "much", "error": 1.0, "sampling_error": 0.0}}},
        {"worth": {"ada": {"value": None, "error": 1.0, "sampling_error": 0.0}}},
        {"worth": {"ada": {"value": 10**400, "error": 1.0, "sampling_error": 0.0}}},
        {"worth": {"ada": {"value": math.nan, "error": 1.0, "sampling_error": 0.0}}},
        {"worth": []},
        {"everyone": True},
        {"method": 5},
        {"coalitions": "8"},
        {"surprise": 1},
    ],
)
def test_a_damaged_record_tells_nothing(tmp_path: Path, change: dict[str, object]) -> None:
    conduct(
        SETTINGS.model_copy(update={"contribution": "leave-one-out"}),
        NAMES,
        Liar(lambda update, _: update),
        Journal(tmp_path, lambda: "now"),
    )
    path = round_folder(tmp_path, 3) / CONTRIBUTION_FILE
    values = read_json(path)
    assert "estimates" in values["warning"]
    path.write_text(json.dumps({**values, **change}))
    assert read_contribution(tmp_path, 3) is None


def test_sites_take_part_only_if_their_replies_may_be_shown(tmp_path: Path) -> None:
    file = federation(contribution="leave-one-out")
    shy = file.sites[2].model_copy(update={"policy": Policy()})
    run(file.model_copy(update={"sites": (*file.sites[:2], shy)}), tmp_path)
    (refusal,) = {
        entry.values["refusal"]["code"]
        for entry in Ledger(site_folder(tmp_path, "eve") / "ledger.jsonl").entries()
    }
    assert refusal == "shown"
    assert sorted(found(tmp_path).worth) == ["ada", "bob"]
