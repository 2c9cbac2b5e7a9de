"""What a policy allows, and the laws of it: stricter never allows more."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.methods.method import BOTH, Part
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.policy import Policy
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.site.policy import (
    Refusal,
    RefusalCode,
    epochs_of,
    judge,
    judge_offer,
    judge_task,
    update_bytes,
)
from fedtranslate.federation.site.usage import Asked, Usage, UsageBook
from fedtranslate.federation.site.worker import Equipment

RUN = RunSettings(name="r", source="java", target="csharp", rounds=10, steps=5)
SITES = ("ada", "bob", "eve")
OWN = Equipment("base", "data", 40, {"m": (10, 20)}, batches=10)


def code(refusal: Refusal | None) -> str:
    return "" if refusal is None else str(refusal.code)


def with_run(**changes: object) -> RunSettings:
    return RunSettings.model_validate({**RUN.model_dump(), **changes})


def test_a_usual_run_passes_the_policy_that_nobody_wrote() -> None:
    assert judge(Policy(), "ada", RUN, SITES, OWN) is None
    assert judge_task(Policy(), RUN, Task(1, 5), "j", OWN, Usage()) is None


@pytest.mark.parametrize(
    ("policy", "run", "expected"),
    [
        ({}, {"base": "hub:other/model"}, "base"),
        ({"bases": ()}, {}, "base"),
        ({"methods": ("flora",)}, {}, "method"),
        ({"minimum_sites": 4}, {}, "too-few-sites"),
        ({"minimum_rank": 32}, {}, "rank"),
        ({"maximum_rank": 8}, {}, "rank"),
        ({}, {"rounds": 10_000}, "rounds"),
        ({"languages": ("java->python",)}, {}, "language"),
        ({"languages": ("java->csharp",)}, {}, ""),
        ({"languages": ("java -> csharp",)}, {}, ""),
        ({"languages": ("nonsense",)}, {}, "language"),
        (
            {"languages": ("java->csharp",)},
            {"training": TrainingSettings(both_directions=True)},
            "language",
        ),
        (
            {"languages": ("java->csharp", "csharp->java")},
            {"training": TrainingSettings(both_directions=True)},
            "",
        ),
        ({"epsilon": 3.0}, {}, "epsilon"),
        ({"epochs": 4.9}, {}, "epochs"),
        ({"epochs": 5.0}, {}, ""),
        ({}, {"steps": 10**6}, "epochs"),
        ({}, {"training": TrainingSettings(accumulate=10**6)}, "epochs"),
        ({"gigabytes": 1e-6}, {}, "bytes"),
        ({"report": ("train_loss",)}, {}, "metrics"),
        ({"report": ("train_loss",)}, {"weighting": "equal"}, ""),
        ({"report_pairs_in": 50}, {}, "metrics"),
        ({"report_pairs_in": 40}, {}, ""),
        ({}, {"signature": "apis"}, "signature"),
        ({"shows_signature": True}, {"signature": "apis"}, ""),
    ],
)
def test_each_ceiling_refuses_with_its_own_code(
    policy: dict[str, object], run: dict[str, object], expected: str
) -> None:
    found = judge(Policy.model_validate(policy), "ada", with_run(**run), SITES, OWN)
    assert code(found) == expected


def test_a_run_that_does_not_name_the_site_is_refused() -> None:
    assert code(judge(Policy(), "joe", RUN, SITES)) == "site-name"


def test_a_name_that_is_listed_twice_counts_as_one_site() -> None:
    assert code(judge(Policy(), "ada", RUN, ("ada", "ada"))) == "too-few-sites"


def test_an_alias_of_a_language_is_that_language() -> None:
    assert judge(Policy(languages=("java->cs",)), "ada", RUN, SITES) is None


def test_a_run_with_differential_privacy_may_spend_what_the_policy_says_and_no_more() -> None:
    policy = Policy(epsilon=3.0)
    spent = {e: code(judge(policy, "ada", RUN, SITES, epsilon=e)) for e in (2.9, 3.0, 3.1)}
    assert spent == {2.9: "", 3.0: "", 3.1: "epsilon"}
    assert code(judge(policy, "ada", RUN, SITES, epsilon=float("nan"))) == "epsilon"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (Task(1, 5), ""),
        (Task(10, 5), ""),
        (Task(11, 0), ""),
        (Task(11, 5), "rounds"),
        (Task(12, 0), "rounds"),
        (Task(10**6, 5), "rounds"),
        (Task(1, 6), "steps"),
        (Task(1, 10**6), "steps"),
    ],
)
def test_only_the_tasks_that_were_agreed_are_worked_on(task: Task, expected: str) -> None:
    assert code(judge_task(Policy(), RUN, task, "j", OWN, Usage())) == expected


@pytest.mark.parametrize(
    ("joint", "allowed", "how", "expected"),
    [
        ("new", 3, "shapley", ""),
        ("new", 2, "shapley", "trials"),
        ("one", 2, "shapley", ""),
        ("one", 1, "leave-one-out", "trials"),
        ("new", 0, "shapley", "trials"),
        ("new", 100, "none", "trials"),
    ],
)
def test_a_trial_needs_an_agreement_and_counts_once(
    joint: str, allowed: int, how: str, expected: str
) -> None:
    run, policy = with_run(contribution=how), Policy(trials=allowed)
    # What was asked of the round before has nothing to do with it.
    used = Usage({11: Asked("joint")}, trials=("one", "two"))
    assert code(judge_task(policy, run, Task(11, 0, trial=5), joint, OWN, used)) == expected


def test_a_trial_after_the_last_round_is_refused() -> None:
    run = with_run(contribution="shapley")
    assert code(judge_task(Policy(), run, Task(12, 0, trial=1), "j", OWN, Usage())) == "rounds"


def test_trials_leave_time_for_the_evaluation_at_the_end() -> None:
    run, policy = with_run(contribution="shapley"), Policy(hours=1.0)
    used = Usage(tasks=10, seconds=3000.0)
    end, trial = Task(11, 0), Task(11, 0, trial=1)
    assert code(judge_task(policy, run, trial, "j", OWN, used)) == ""
    used = replace(used, tasks=11, seconds=3250.0)
    assert code(judge_task(policy, run, trial, "j", OWN, used)) == "hours"
    assert code(judge_task(policy, run, end, "j", OWN, used)) == ""


def test_trials_are_noted_once_each_and_leave_the_rounds_alone(tmp_path: Path) -> None:
    book, digests = UsageBook(tmp_path), ("a" * 64, "b" * 64, "a" * 64)
    book.begin("r", Task(1, 5), "j", 0.5)
    for trial, joint in enumerate(digests, 1):
        book.begin("r", Task(2, 0, trial=trial), joint, 0.0)
    used = UsageBook(tmp_path).of("r")
    assert used.trials == ("a" * 16, "b" * 16)
    assert (used.rounds, used.tasks) == ({1: Asked("j", "5 steps")}, 4)


TRAINED = Usage({3: Asked("j", "5 steps")}, tasks=1, steps=5, epochs=0.5, seconds=60.0, bytes=4000)


@pytest.mark.parametrize(
    ("task", "joint", "expected"),
    [
        (Task(3, 5), "j", ""),
        (Task(3, 0), "j", ""),
        (Task(3, 5), "other", "repeated"),
        (Task(3, 0), "other", "repeated"),
        (Task(3, 5, frozenset({Part.B}), frozenset({Part.B})), "j", "repeated"),
        (Task(3, 5, BOTH, frozenset({Part.A})), "j", "repeated"),
        (Task(4, 5), "other", ""),
    ],
)
def test_a_round_is_worked_on_again_only_if_nothing_about_it_has_changed(
    task: Task, joint: str, expected: str
) -> None:
    assert code(judge_task(Policy(), RUN, task, joint, OWN, TRAINED)) == expected


def test_a_round_that_was_only_evaluated_may_still_be_trained_from_the_same_adapter() -> None:
    evaluated = Usage({3: Asked("j")}, tasks=1)
    assert judge_task(Policy(), RUN, Task(3, 5), "j", OWN, evaluated) is None
    assert code(judge_task(Policy(), RUN, Task(3, 5), "k", OWN, evaluated)) == "repeated"


@pytest.mark.parametrize(
    ("policy", "used", "expected"),
    [
        ({"rounds": 1}, {}, "rounds"),
        ({"epochs": 0.9}, {}, "epochs"),
        ({"epochs": 1.0}, {}, ""),
        ({"hours": 0.01}, {}, "hours"),
        ({"hours": 121 / 3600}, {}, ""),
        ({"hours": 119 / 3600}, {}, "hours"),
        ({"gigabytes": 6_000e-9}, {}, "bytes"),
        ({"gigabytes": 7_000e-9}, {}, ""),
        ({"gigabytes": 7_000e-9}, {"bytes": 10_000}, "bytes"),
    ],
)
def test_what_a_run_took_before_counts(
    policy: dict[str, object], used: dict[str, int], expected: str
) -> None:
    before = replace(TRAINED, **used)
    found = judge_task(Policy.model_validate(policy), RUN, Task(4, 5), "k", OWN, before)
    assert code(found) == expected


@pytest.mark.parametrize(("hours", "expected"), [(None, ""), (0.5, ""), (0.02, "hours")])
def test_a_release_is_not_looked_at_when_the_time_is_used_up(
    hours: float | None, expected: str
) -> None:
    assert code(judge_offer(Policy(hours=hours), TRAINED)) == expected


def test_a_hundred_tenths_of_an_epoch_are_not_more_than_ten() -> None:
    run = with_run(rounds=100, steps=1)
    total = 0.0
    for _ in range(99):
        total += epochs_of(1, run, OWN)
    used = Usage(epochs=total)
    assert judge_task(Policy(epochs=10), run, Task(100, 1), "j", OWN, used) is None
    assert judge(Policy(epochs=10), "ada", run, SITES, OWN) is None


def test_the_size_of_an_update_is_that_of_its_float32_factors_and_headers() -> None:
    assert update_bytes({"m": (10, 20)}, 16) == 4 * 16 * 30 + 256


POLICIES = st.builds(
    Policy,
    languages=st.sampled_from([(), ("java->csharp",), ("java->python",), ("csharp->java",)]),
    bases=st.sampled_from([(), ("builtin",), ("builtin", "other")]),
    methods=st.sampled_from([(), ("fra",), ("flora",), ("fra", "flora")]),
    minimum_sites=st.integers(1, 5),
    minimum_rank=st.integers(1, 32),
    maximum_rank=st.integers(1, 64),
    rounds=st.integers(1, 20),
    epochs=st.floats(0.1, 50),
    hours=st.none() | st.floats(0.001, 2),
    gigabytes=st.none() | st.floats(1e-7, 1e-3),
    epsilon=st.none() | st.floats(0.1, 10),
    report=st.sampled_from([(), ("pairs",), ("pairs", "train_loss"), ("validation_loss",)]),
    report_digits=st.integers(1, 15),
    report_pairs_in=st.sampled_from([1, 10, 20, 40, 80]),
    shows_replies=st.booleans(),
    shows_signature=st.booleans(),
    trials=st.integers(0, 4),
)
RUNS = st.builds(
    lambda rank, both, accumulate, **values: RunSettings(
        name="r",
        source="java",
        target="csharp",
        lora=LoraSettings(rank=rank),
        training=TrainingSettings(both_directions=both, accumulate=accumulate),
        **values,
    ),
    rank=st.integers(1, 64),
    both=st.booleans(),
    accumulate=st.integers(1, 4),
    rounds=st.integers(1, 25),
    steps=st.integers(1, 30),
    method=st.sampled_from(["fra", "flora"]),
    base=st.sampled_from(["builtin", "other"]),
    weighting=st.sampled_from(["pairs", "equal"]),
    contribution=st.sampled_from(["none", "shapley"]),
    signature=st.sampled_from(["none", "apis"]),
)
USES = st.builds(
    Usage,
    rounds=st.dictionaries(
        st.integers(1, 6), st.builds(Asked, st.sampled_from("jk"), st.sampled_from(["", "5 steps"]))
    ),
    tasks=st.integers(0, 9),
    epochs=st.floats(0, 50),
    seconds=st.floats(0, 9000),
    bytes=st.integers(0, 10**6),
    trials=st.lists(st.sampled_from("jklm"), unique=True).map(tuple),
)


def stricter(one: Policy, two: Policy) -> Policy:
    """Return a policy that is in no point laxer than either."""

    def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(x for x in a if x in b) or ("nothing",) if a and b else a or b

    def least(a: float | None, b: float | None) -> float | None:
        return min(x for x in (a, b) if x is not None) if (a, b) != (None, None) else None

    return Policy(
        languages=both(one.languages, two.languages),
        bases=tuple(x for x in one.bases if x in two.bases),
        methods=both(one.methods, two.methods),
        minimum_sites=max(one.minimum_sites, two.minimum_sites),
        minimum_rank=max(one.minimum_rank, two.minimum_rank),
        maximum_rank=min(one.maximum_rank, two.maximum_rank),
        rounds=min(one.rounds, two.rounds),
        epochs=min(one.epochs, two.epochs),
        hours=least(one.hours, two.hours),
        gigabytes=least(one.gigabytes, two.gigabytes),
        epsilon=least(one.epsilon, two.epsilon),
        report=tuple(x for x in one.report if x in two.report),
        report_digits=min(one.report_digits, two.report_digits),
        report_pairs_in=max(one.report_pairs_in, two.report_pairs_in),
        shows_replies=one.shows_replies and two.shows_replies,
        shows_signature=one.shows_signature and two.shows_signature,
        trials=min(one.trials, two.trials),
    )


@given(POLICIES, POLICIES, RUNS, st.none() | st.floats(0.1, 10))
def test_a_stricter_policy_never_allows_more_runs(
    one: Policy, two: Policy, run: RunSettings, epsilon: float | None
) -> None:
    strict = judge(stricter(one, two), "ada", run, SITES, OWN, epsilon=epsilon)
    if strict is None:
        assert judge(one, "ada", run, SITES, OWN, epsilon=epsilon) is None
        assert judge(two, "ada", run, SITES, OWN, epsilon=epsilon) is None


@given(POLICIES, POLICIES, RUNS, USES, st.integers(1, 30), st.booleans(), st.sampled_from("jk"))
def test_a_stricter_policy_never_allows_more_tasks(
    one: Policy, two: Policy, run: RunSettings, used: Usage, number: int, trains: bool, joint: str
) -> None:
    for task in (Task(number, run.steps if trains else 0), Task(number, 0, trial=1)):
        if judge_task(stricter(one, two), run, task, joint, OWN, used) is None:
            assert judge_task(one, run, task, joint, OWN, used) is None


@given(POLICIES, RUNS, USES, st.integers(1, 30), st.floats(0, 9e3), st.integers(0, 10**6))
def test_who_has_used_more_is_never_allowed_more(
    policy: Policy, run: RunSettings, used: Usage, number: int, seconds: float, size: int
) -> None:
    more = replace(used, seconds=used.seconds + seconds, bytes=used.bytes + size)
    if judge_task(policy, run, Task(number, run.steps), "j", OWN, more) is None:
        assert judge_task(policy, run, Task(number, run.steps), "j", OWN, used) is None


def test_every_code_can_be_told_in_a_word() -> None:
    assert all(str(one).replace("-", "").isalpha() for one in RefusalCode)
