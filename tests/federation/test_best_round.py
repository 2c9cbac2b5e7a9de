"""The best round is what honest sites find the best, whatever as many as may lie say."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.coordinator.bestround import chosen_round, liars_in
from fedtranslate.federation.coordinator.journal import RUN_FILE, Score

HONEST = {
    1: {"ada": Score(90.0, 10), "bob": Score(5.0, 10), "cyd": Score(33.0, 10)},
    2: {"ada": Score(70.0, 10), "bob": Score(3.0, 10), "cyd": Score(22.0, 10)},
    3: {"ada": Score(80.0, 10), "bob": Score(4.0, 10), "cyd": Score(30.0, 10)},
}


def with_liar(*losses: float) -> dict[int, dict[str, Score]]:
    return {
        number: {**HONEST[number], "mal": Score(loss, 10)}
        for number, loss in zip((1, 2, 3), losses, strict=True)
    }


@given(st.tuples(*[st.floats(0, 1e300)] * 3))
def test_one_liar_among_four_cannot_choose_the_round(losses: tuple[float, ...]) -> None:
    """Every honest site likes round 2 best."""
    assert chosen_round(with_liar(*losses), liars=1) == 2


def test_without_a_rule_every_site_is_believed_and_weighs_by_its_tokens() -> None:
    assert chosen_round(HONEST) == 2
    assert chosen_round(with_liar(0.0, 1e6, 1e6)) == 1


def test_a_site_with_hard_code_has_a_vote_like_any_other() -> None:
    """By plain losses, ada's would be cut in every round, and bob's likewise."""
    scores = {
        1: {"ada": Score(90.0, 10), "bob": Score(3.1, 10), "cyd": Score(21.9, 10)},
        2: {"ada": Score(70.0, 10), "bob": Score(3.0, 10), "cyd": Score(22.0, 10)},
    }
    assert chosen_round(scores, liars=1) == 2


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abcde"),
            st.builds(Score, st.floats(0, 1e9), st.integers(0, 9)),
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 7),
)
def test_there_is_always_a_round(rounds: list[dict[str, Score]], liars: int) -> None:
    scores = dict(enumerate(rounds, 1))
    assert chosen_round(scores, liars) in scores


@pytest.mark.parametrize(("robust", "sites", "liars"), [("none", 9, 0), ("median", 9, 3)])
def test_as_many_may_lie_as_the_rule_is_to_bear(
    robust: str, sites: int, liars: int, tmp_path: Path
) -> None:
    settings = RunSettings(name="r", source="java", target="csharp", robust=robust)
    data = {f"s{number}": "" for number in range(sites)}
    about = {"settings": settings.model_dump(mode="json"), "data": data}
    (tmp_path / RUN_FILE).write_text(json.dumps(about))
    assert liars_in(tmp_path) == liars


@pytest.mark.parametrize("text", ["", "[]", '{"settings": {"robust": "what"}}', "{}"])
def test_a_damaged_file_believes_all(text: str, tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text(text)
    assert liars_in(tmp_path) == 0
