"""The policy in the site's app: it wins over what a coordinator asks, whoever that is."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from federations import TRADE, federation
from flwr.app import Message

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Part
from fedtranslate.config.federation import read_site
from fedtranslate.config.policy import Policy
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.flower import client_app
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import node_config, site_folder
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.refusals import RefusalCode, refusal_told
from fedtranslate.federation.settings import Scalar, flatten
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.usage import UsageBook

ONLY_B = frozenset({Part.B})
FILE = federation("seed=1", "seed=2")
RUN = flatten(FILE.run, ("ada", "bob"))
JOINT = {
    "layer.up": Factors(torch.ones(2, 5), torch.zeros(7, 2), 2.0),
    "layer.down": Factors(torch.ones(2, 7), torch.zeros(4, 2), 2.0),
}
OTHER = {name: Factors(f.a * 2, f.b, 2.0) for name, f in JOINT.items()}


def sites(folder: Path, policy: Policy | None = None, **run: Scalar) -> FlowerSites:
    """Return sites whose policies are real ones: nobody speaks for them."""
    configs = []
    for site in FILE.sites:
        told = site if policy is None else site.model_copy(update={"policy": policy})
        configs.append(node_config(folder, told, TRADE))
    return FlowerSites(LocalGrid(client_app.app, configs, {**RUN, **run}), FILE.run)


def hindrances(folder: Path, policy: Policy | None = None, **run: Scalar) -> str:
    return next(iter(sites(folder, policy, **run).present(2)[1].values()))


def asked(folder: Path, *tasks: tuple[Task, Adapter], policy: Policy | None = None) -> list[str]:
    reached = sites(folder, policy)
    reached.present(2)
    return [reached.ask(task, joint, ["ada"])[0].refusal for task, joint in tasks]


def ledger(folder: Path) -> list[Departure]:
    return list(Ledger(folder / "sites/ada/ledger.jsonl").entries())


@pytest.mark.parametrize(
    ("run", "code"),
    [
        ({"base": "hub:evil/model"}, "base"),
        ({"rounds": 10_000}, "rounds"),
        ({"signature": "apis"}, "signature"),
        ({"steps": 10**6}, "epochs"),
        ({"training.accumulate": 10**6}, "epochs"),
        ({"lora.rank": 512}, "rank"),
        ({"sites": "bob,eve"}, "site-name"),
        ({"sites": "ada"}, "too-few-sites"),
    ],
)
def test_a_strange_run_is_refused_with_a_code_and_the_reason_stays_here(
    tmp_path: Path, run: dict[str, Scalar], code: str
) -> None:
    assert hindrances(tmp_path, **run).endswith(refusal_told(code))
    entry = ledger(tmp_path)[-1]
    assert (entry.kind, entry.values) == ("refusal", {"refusal": {"code": code}})
    assert len(entry.note) > 20
    assert not UsageBook(tmp_path / "sites/ada").of("tiny").tasks


def test_a_base_that_is_not_allowed_is_not_even_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(client_app, "open_trainer", opened)
    assert "refuses: 'base'" in hindrances(tmp_path, base="hub:evil/model")


def test_a_run_without_privacy_is_refused_where_the_policy_names_an_epsilon(
    tmp_path: Path,
) -> None:
    assert "refuses: 'epsilon'" in hindrances(tmp_path, Policy(epsilon=8.0))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((Task(1, 6), JOINT), ""),
        ((Task(1, 0), JOINT), ""),
        ((Task(2, 6), OTHER), ""),
        ((Task(1, 6), OTHER), refusal_told("repeated")),
        ((Task(1, 0), OTHER), refusal_told("repeated")),
        (
            (Task(1, 6, ONLY_B, ONLY_B), JOINT),
            refusal_told("repeated"),
        ),
        ((Task(1, 0, trial=1), OTHER), refusal_told("trials")),
        ((Task(1, 10**6), JOINT), refusal_told("steps")),
        ((Task(10**6, 6), JOINT), refusal_told("rounds")),
    ],
)
def test_a_second_task_is_answered_only_if_it_was_agreed_and_tells_nothing_new(
    tmp_path: Path, second: tuple[Task, Adapter], expected: str
) -> None:
    assert asked(tmp_path, (Task(1, 6), JOINT), second) == ["", expected]


def test_a_round_that_is_asked_for_again_gets_the_very_same_answer(tmp_path: Path) -> None:
    asked(tmp_path, (Task(1, 6), JOINT), (Task(1, 6), JOINT))
    first, second = [entry for entry in ledger(tmp_path) if entry.kind == "update"]
    assert first.checksum == second.checksum != ""
    assert first.values == second.values


def test_ceilings_outlive_a_restart_of_the_site_and_of_the_run(tmp_path: Path) -> None:
    policy = Policy(rounds=3, epochs=1.0)
    assert asked(tmp_path, *((Task(n, 6), JOINT) for n in (1, 2, 3)), policy=policy) == [""] * 3
    client_app._open.clear()
    used = UsageBook(tmp_path / "sites/ada").of("tiny")
    assert (used.trained, used.steps) == (3, 18)
    assert used.seconds > 0
    assert used.bytes > 4 * 2 * 23
    stricter = Policy(rounds=3, epochs=0.5)
    assert asked(tmp_path, (Task(3, 6), JOINT), policy=stricter) == [refusal_told("epochs")]


def test_the_policy_is_read_again_with_every_task(tmp_path: Path) -> None:
    reached = sites(tmp_path)
    reached.present(2)
    assert reached.ask(Task(1, 6), JOINT, ["ada"])[0].refusal == ""
    file = tmp_path / "sites/ada/site.toml"
    file.write_text(file.read_text() + "policy = {gigabytes = 1e-9}\n")
    assert "refuses: 'bytes'" in reached.ask(Task(2, 6), JOINT, ["ada"])[0].refusal
    file.write_text("this is no TOML")
    assert "'ConfigError'" in reached.ask(Task(2, 6), JOINT, ["ada"])[0].refusal


def test_what_is_not_to_be_reported_does_not_leave(tmp_path: Path) -> None:
    policy = Policy(report=("pairs", "train_loss"), report_digits=2, report_pairs_in=15)
    reached = sites(tmp_path, policy)
    found, _ = reached.present(2)
    assert [who.pairs for who in found] == [30, 30]
    update = reached.ask(Task(1, 6), JOINT, ["ada"])[0].update
    assert update is not None
    assert update.adapter is not None
    assert (update.pairs, update.validation_loss, update.validation_tokens) == (30, 0, 0)
    assert update.train_loss == float(f"{update.train_loss:.1e}") != 0
    numbers = ledger(tmp_path)[-1].values["numbers"]
    assert (numbers["train-loss"], numbers["pairs"]) == (update.train_loss, 30)


def test_the_ledger_says_under_which_policy_something_left(tmp_path: Path) -> None:
    asked(tmp_path, (Task(1, 6), JOINT), policy=Policy(rounds=7))
    asked(tmp_path, (Task(2, 6), JOINT), policy=Policy(rounds=8))
    digests = [entry.policy for entry in ledger(tmp_path)]
    assert digests[0] == digests[1] != digests[2] == digests[3]
    site = read_site(tmp_path / "sites/ada/site.toml")
    assert digests[3] == site.policy.fingerprint()
    assert Ledger(tmp_path / "sites/ada/ledger.jsonl").verify().problem == ""


def test_sites_that_report_no_pairs_can_weigh_alike(tmp_path: Path) -> None:
    quiet = Policy(report=("validation_loss",))
    file = federation("seed=1", "seed=2", weighting="equal")
    told = tuple(site.model_copy(update={"policy": quiet}) for site in file.sites)
    result = run_local(file.model_copy(update={"sites": told}), tmp_path, trainer=TRADE)
    open_run = run_local(
        federation("seed=1", "seed=2", weighting="equal"), tmp_path / "x", trainer=TRADE
    )
    assert result.checksum == open_run.checksum
    (numbers,) = {e.values["numbers"]["pairs"] for e in ledger(tmp_path) if e.kind == "update"}
    assert numbers == 0


def test_in_a_simulation_a_policy_that_is_written_down_counts(tmp_path: Path) -> None:
    file = federation("seed=1", "seed=2", rounds=3)
    strict = tuple(s.model_copy(update={"policy": Policy(rounds=2)}) for s in file.sites)
    with pytest.raises(FederationError, match="refuses: 'rounds'"):
        run_local(
            file.model_copy(update={"sites": strict, "run": file.run}), tmp_path, trainer=TRADE
        )


def test_in_a_simulation_sites_without_a_policy_allow_the_run(tmp_path: Path) -> None:
    file = federation("seed=1", base="some/model", rounds=120, steps=1)
    assert run_local(file, tmp_path, trainer=TRADE).rounds == 120


def test_usage_is_kept_where_the_site_keeps_its_things(tmp_path: Path) -> None:
    run_local(federation(rounds=1), tmp_path, trainer=TRADE)
    kept = json.loads((site_folder(tmp_path, "ada") / "usage" / "tiny.json").read_text())
    assert kept["rounds"].keys() == {"1", "2"}
    assert kept["bytes"] == sum(entry.bytes for entry in ledger(tmp_path))


class Boaster(LocalGrid):
    """A grid on which layouts speak of adapters of 8 GiB and more."""

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        wanted = list(messages)
        for message in wanted:
            if (layout := message.content.get("layout")) is not None:
                layout["rank"] = [2**28 for _ in layout["rank"]]
        return super().push_messages(wanted)


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (Task(1, 6), "it failed with 'FederationError'"),
        (Task(1, 10**6), refusal_told("steps")),
    ],
)
def test_a_joint_adapter_is_judged_by_what_it_is_said_to_be_before_it_is_unpacked(
    tmp_path: Path, task: Task, told: str
) -> None:
    configs = [node_config(tmp_path, site, TRADE) for site in FILE.sites]
    reached = FlowerSites(Boaster(client_app.app, configs, RUN), FILE.run)
    reached.present(2)
    assert reached.ask(task, JOINT, ["ada"])[0].refusal == told
    note = ledger(tmp_path)[-1].note
    assert "another rank than the run's" in note or "steps" in note


def test_every_code_has_words_and_others_are_only_quoted() -> None:
    assert all(" (" in refusal_told(str(code)) for code in RefusalCode)
    assert refusal_told("what\n") == r"its policy refuses: 'what\n'"


def test_on_one_machine_a_site_that_refuses_is_named_with_its_reason(tmp_path: Path) -> None:
    _, why = sites(tmp_path, Policy(epsilon=8.0)).present(2)
    assert why.keys() >= {"ada"}
    assert why["ada"].endswith(refusal_told("epsilon"))
