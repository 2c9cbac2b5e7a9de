"""Rounds with sites that are wrong on purpose: who is refused and why, and what rules bear."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from federations import federation

from fedtranslate.adapters.factors import Adapter, Factors, norm
from fedtranslate.adapters.robust.rules import RULES
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.screening import ScreeningSettings
from fedtranslate.errors import AggregationError, FederationError, SitesAwayError
from fedtranslate.federation.coordinator.journal import (
    Journal,
    read_events,
    read_json,
    read_round,
    settings_key,
)
from fedtranslate.federation.coordinator.replies import judge, weights
from fedtranslate.federation.coordinator.result import read_result
from fedtranslate.federation.coordinator.roundfolder import newest_round
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate, Task
from fedtranslate.federation.settings import flatten, read_flat

SHAPES = {"m": (8, 6), "n": (5, 9)}
NAMES = tuple(f"site-{number}" for number in range(1, 8))
SETTINGS = federation().run
Bad = Callable[[Adapter, Adapter], Adapter]
"""Makes a hostile reply of the joint adapter and of what was learned."""


def learned(joint: Adapter, seed: int) -> dict[str, Factors]:
    own, shared = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(1)

    def step(tensor: torch.Tensor) -> torch.Tensor:
        one, other = (torch.randn(tensor.shape, generator=rng) for rng in (shared, own))
        return tensor + 0.05 * (one + other)

    return {n: Factors(step(f.a), step(f.b), f.scaling) for n, f in joint.items()}


class Cohort:
    """Seven sites, of which some are hostile from a round on."""

    def __init__(self, bad: Mapping[str, Bad], since: int = 1, pairs: int = 10) -> None:
        self.bad, self.since, self.pairs = bad, since, pairs
        self.wanted: list[int] = []

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
        assert wanted <= len(NAMES)
        self.wanted.append(wanted)
        return [Introduction(name, "tiny", "d", 10, SHAPES) for name in NAMES], {}

    def ended(self) -> Mapping[str, str]:
        return {}

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        answers = []
        for name in names:
            adapter: Adapter | None = None
            if task.steps:
                adapter = learned(joint, 100 * task.round + int(name[-1]))
                if name in self.bad and task.round >= self.since:
                    adapter = self.bad[name](joint, adapter)
            pairs = self.pairs if name in self.bad else 10
            answers.append(Answer(name, SiteUpdate(adapter, pairs, 0.5, 8.0, 4, 2)))
        return answers


class Missing(Cohort):
    """A cohort of which some are missing in the second round: away, silent, or out of order."""

    def __init__(self, bad: Mapping[str, Bad], missing: Mapping[str, str]) -> None:
        super().__init__(bad)
        self.missing = missing

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        answers = super().ask(task, joint, names)
        return [
            Answer(a.site, None, how, is_away=how == "away", is_silent=how == "silent")
            if task.round == 2 and (how := self.missing.get(a.site))
            else a
            for a in answers
        ]


def conducted(folder: Path, sites: Cohort, *, is_kept: bool = False, **settings: object) -> None:
    values = RunSettings.model_validate({**SETTINGS.model_dump(), **settings})
    conduct(values, NAMES, sites, Journal(folder, lambda: "now"), is_kept=is_kept)


def moved(joint: Adapter, own: Adapter, times: float) -> Adapter:
    def change(old: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
        return old + times * (new - old)

    return {
        n: Factors(change(joint[n].a, f.a), change(joint[n].b, f.b), f.scaling)
        for n, f in own.items()
    }


HOSTILE: dict[str, tuple[Bad, str]] = {
    "long": (lambda joint, own: moved(joint, own, 30), "and 4 are allowed"),
    "away": (lambda joint, own: moved(joint, own, -1), "points away from those of the others"),
    "idle": (lambda joint, own: joint, "is the joint one as it was sent"),  # noqa: ARG005
    "copied": (lambda joint, own: learned(joint, 102), "its update is that of site site-2"),  # noqa: ARG005
    "nan": (lambda joint, own: moved(joint, own, torch.nan), "NaN or infinity"),
    "shape": (
        lambda joint, own: {**own, "m": Factors(torch.ones(2, 2), torch.ones(2, 2))},  # noqa: ARG005
        "wrong shape",
    ),
    "keys": (lambda joint, own: {"m": own["m"]}, "adapts other modules"),  # noqa: ARG005
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_reply_costs_that_reply_and_the_journal_says_whose_and_why(
    tmp_path: Path, how: str
) -> None:
    bad, reason = HOSTILE[how]
    conducted(tmp_path, Cohort({"site-5": bad}), rounds=1)
    record = read_round(tmp_path, 1)
    assert list(record["left_out"]) == ["site-5"]
    assert reason in record["left_out"]["site-5"]
    assert sorted(record["replies"]) == sorted(set(NAMES) - {"site-5"})
    told = [event.text for event, _ in read_events(tmp_path) if event.kind == "left-out"]
    assert len(told) == 1
    assert "site-5" in told[0]
    assert reason in told[0]
    assert [(n, site) for n, site, _ in read_result(tmp_path, 1).left_out] == [(1, "site-5")]


def test_a_run_in_which_all_replies_are_too_long_is_told_to_look_at_its_settings(
    tmp_path: Path,
) -> None:
    far = dict.fromkeys(NAMES, lambda joint, own: moved(joint, own, 1e7))
    with pytest.raises(FederationError, match="settings may be at fault, such as a learning_rate"):
        conducted(tmp_path, Cohort(far), rounds=1)
    reason = read_json(tmp_path / "status.json")["reason"]
    assert "site-5: the norm" in reason
    assert "(max_update_norm)" in reason


def test_honest_sites_are_never_refused(tmp_path: Path) -> None:
    conducted(tmp_path, Cohort({}), rounds=4)
    assert all(not read_round(tmp_path, number)["left_out"] for number in range(1, 5))


def test_below_a_quorum_the_run_stops_with_what_it_has_and_goes_on_later(tmp_path: Path) -> None:
    bad = dict.fromkeys(NAMES[:3], HOSTILE["idle"][0])
    with pytest.raises(FederationError, match=r"Round 2 has 4 valid replies.*site-1: its adapter"):
        conducted(tmp_path / "a", Cohort(bad, since=2), quorum=5)
    status = read_json(tmp_path / "a" / "status.json")
    assert status["state"] == "failed"
    assert "site-3" in status["reason"]
    kept = newest_round(tmp_path / "a", 9)
    assert kept is not None
    assert kept.number == 1
    conducted(tmp_path / "a", Cohort({}), quorum=5)
    conducted(tmp_path / "b", Cohort({}), quorum=5)
    assert read_result(tmp_path / "a", 3).checksum == read_result(tmp_path / "b", 3).checksum


def test_without_screening_a_reply_is_judged_by_itself_alone(tmp_path: Path) -> None:
    off = ScreeningSettings(enabled=False).model_dump()
    conducted(tmp_path, Cohort({"site-5": HOSTILE["long"][0]}), screening=off, rounds=1)
    assert not read_round(tmp_path, 1)["left_out"]


def test_an_adapter_that_began_from_nothing_is_screened_as_it_is() -> None:
    start = {n: Factors(torch.ones(2, i), torch.zeros(o, 2)) for n, (o, i) in SHAPES.items()}
    answers = [
        Answer(name, SiteUpdate(learned(start, k), 10, 0.5, 8.0, 4, 2))
        for k, name in enumerate(NAMES)
    ]
    idle = replace(answers[3], update=SiteUpdate(start, 10, 0.5, 8.0, 4, 2))
    found = judge([*answers[:3], idle, *answers[4:]], Task(1, 5), start, SETTINGS)
    assert [a.site for a in found if a.update is None] == ["site-4"]
    assert "has learned nothing" in found[3].refusal


@pytest.mark.parametrize("rule", sorted(RULES))
def test_with_a_rule_bad_sites_do_not_carry_the_joint_adapter_away(
    tmp_path: Path, rule: str
) -> None:
    off = ScreeningSettings(enabled=False).model_dump()
    sizes = {}
    for name, bad in (("calm", {}), ("bad", {"site-5": HOSTILE["long"][0]})):
        conducted(tmp_path / name, Cohort(bad), robust=rule, byzantine=1, screening=off)
        found = newest_round(tmp_path / name, 9)
        assert found is not None
        sizes[name] = norm(found.joint.adapter)
        factors = found.joint.adapter["m"]
        assert (factors.rank, factors.scaling) == (2, 2.0)
    assert sizes["bad"] == pytest.approx(sizes["calm"], rel=0.5)


@pytest.mark.parametrize("rule", ["none", "geometric-median", "multi-krum"])
def test_replies_with_turned_factors_change_nothing_where_products_are_joined(
    tmp_path: Path, rule: str
) -> None:
    def turned(joint: Adapter, own: Adapter) -> Adapter:  # noqa: ARG001
        return {n: Factors(-f.a, -f.b, f.scaling) for n, f in own.items()}

    off = ScreeningSettings(enabled=False).model_dump()
    found = {}
    for name, bad in (("calm", {}), ("bad", dict.fromkeys(NAMES[2:5], turned))):
        conducted(tmp_path / name, Cohort(bad), method="fra", robust=rule, screening=off)
        kept = newest_round(tmp_path / name, 3)
        assert kept is not None
        found[name] = kept.joint.adapter
    for n, calm in found["calm"].items():
        assert torch.allclose(found["bad"][n].a, calm.a, atol=1e-4)
        assert torch.allclose(found["bad"][n].b, calm.b, atol=1e-4)


def test_the_round_tells_what_each_reply_counted_for(tmp_path: Path) -> None:
    conducted(tmp_path / "krum", Cohort({}), robust="krum", rounds=1)
    shares = read_round(tmp_path / "krum", 1)["shares"]
    assert sorted(shares) == list(NAMES)
    assert sorted(shares.values()) == [0.0] * 6 + [1.0]
    conducted(tmp_path / "none", Cohort({}, pairs=10), rounds=1)
    assert set(read_round(tmp_path / "none", 1)["shares"].values()) == {10.0}


def test_more_bad_replies_than_can_be_refused_do_not_end_a_run_with_a_rule(tmp_path: Path) -> None:
    bad = dict.fromkeys(NAMES[:2], HOSTILE["nan"][0])
    conducted(tmp_path, Cohort(bad), robust="krum", byzantine=2)
    assert read_json(tmp_path / "status.json")["state"] == "completed"


@pytest.mark.parametrize(
    "missing",
    [
        {"site-3": "away"},
        {"site-3": "silent"},
        {"site-3": "away", "site-4": "silent"},
    ],
)
def test_a_run_waits_for_missing_sites_whose_replies_its_rule_needs(
    tmp_path: Path, missing: dict[str, str]
) -> None:
    with pytest.raises(SitesAwayError, match="valid replies, but 7 are needed by the rule krum"):
        conducted(tmp_path, Missing({}, missing), robust="krum", byzantine=2, is_kept=True)
    status = read_json(tmp_path / "status.json")
    assert (status["state"], status["wanted"]) == ("waiting", 7)
    conducted(tmp_path, Cohort({}), robust="krum", byzantine=2, is_kept=True)
    assert read_json(tmp_path / "status.json") == {"state": "completed", "reason": ""}


@pytest.mark.parametrize("how", ["nan", "long"])
def test_a_run_goes_on_without_a_missing_site_where_a_bad_reply_was_refused(
    tmp_path: Path, how: str
) -> None:
    # Five valid replies are enough for the one bad reply that is left to bear.
    sites = Missing({"site-7": HOSTILE[how][0]}, {"site-3": "away"})
    conducted(tmp_path, sites, robust="krum", byzantine=2)
    assert sorted(read_round(tmp_path, 2)["left_out"]) == ["site-3", "site-7"]
    assert read_json(tmp_path / "status.json")["state"] == "completed"


def test_with_bad_replies_known_a_run_waits_for_as_many_sites_as_are_then_enough(
    tmp_path: Path,
) -> None:
    bad = {"site-7": HOSTILE["nan"][0]}
    missing = dict.fromkeys(("site-2", "site-3", "site-4"), "away")
    with pytest.raises(SitesAwayError, match="3 valid replies, but 5 are needed by the rule krum"):
        conducted(tmp_path, Missing(bad, missing), robust="krum", byzantine=2, is_kept=True)
    # Three valid ones and the bad one are there; two more make five.
    assert read_json(tmp_path / "status.json")["wanted"] == 6


def test_a_rule_that_no_returning_site_would_help_ends_the_run(tmp_path: Path) -> None:
    # Bulyan bears one of seven; of those that are left no number is enough for a quorum of six.
    sites = Missing({"site-7": HOSTILE["nan"][0], "site-6": HOSTILE["nan"][0]}, {"site-1": "away"})
    with pytest.raises(FederationError) as caught:
        conducted(tmp_path, sites, robust="bulyan", byzantine=1, quorum=6, is_kept=True)
    assert not isinstance(caught.value, SitesAwayError)
    assert read_json(tmp_path / "status.json")["state"] == "failed"


def test_a_round_waits_for_the_sites_that_its_rule_needs_and_not_for_those_known_as_bad(
    tmp_path: Path,
) -> None:
    calm, bad = Cohort({}), Cohort({"site-7": HOSTILE["nan"][0]})
    conducted(tmp_path / "calm", calm, robust="krum", byzantine=2)
    assert calm.wanted == [7, 7, 7, 7, 7]
    conducted(tmp_path / "bad", bad, robust="krum", byzantine=2)
    assert bad.wanted == [7, 7, 5, 5, 5]


@pytest.mark.parametrize("how", ["away", "silent"])
def test_silence_never_lowers_how_many_wrong_replies_a_rule_looks_for(
    tmp_path: Path, how: str
) -> None:
    # Site 6 is silent on purpose, and site 7 would be carried in by a trimmed mean of none.
    off = ScreeningSettings(enabled=False).model_dump()
    sites = Missing({"site-7": HOSTILE["long"][0]}, {"site-6": how})
    settings = {"robust": "trimmed-mean", "byzantine": 1, "screening": off, "rounds": 2}
    conducted(tmp_path / "bad", sites, **settings)
    conducted(tmp_path / "calm", Cohort({}), **settings)
    bad, calm = (newest_round(tmp_path / name, 2) for name in ("bad", "calm"))
    assert bad is not None
    assert calm is not None
    assert norm(bad.joint.adapter) == pytest.approx(norm(calm.joint.adapter), rel=0.5)


@pytest.mark.parametrize(("rule", "byzantine"), [("bulyan", 2), ("krum", 3), ("median", 4)])
def test_a_rule_for_more_sites_than_there_are_ends_the_run_before_it_begins(
    tmp_path: Path, rule: str, byzantine: int
) -> None:
    with pytest.raises(AggregationError, match=f"{rule} bears {byzantine} Byzantine among"):
        conducted(tmp_path, Cohort({}), robust=rule, byzantine=byzantine)
    assert newest_round(tmp_path, 9) is None
    assert read_json(tmp_path / "status.json")["state"] == "failed"


def test_a_claim_of_very_many_pairs_counts_as_five_medians() -> None:
    updates = [SiteUpdate(None, pairs, 0.5, 8.0, 4, 2) for pairs in (10, 12, 10**9, 14, 100)]
    assert weights(updates, SETTINGS) == [10, 12, 70, 14, 70]
    off = SETTINGS.model_copy(update={"screening": ScreeningSettings(enabled=False)})
    assert weights(updates, off) == [10, 12, SETTINGS.max_weight, 14, 100]


def test_rule_and_screening_are_known_to_the_sites_and_part_of_the_key() -> None:
    for changed in (
        {"robust": "krum"},
        {"byzantine": 2},
        {"screening": ScreeningSettings(norm_factor=9.0)},
    ):
        other = SETTINGS.model_copy(update=changed)
        assert settings_key(other) != settings_key(SETTINGS)
        assert read_flat(flatten(other, NAMES)) == (other, NAMES)
