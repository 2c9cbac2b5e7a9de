"""The best round is what honest sites find the best, whatever as many as may lie say."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_rounds import NAMES, SETTINGS, Script

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.bestround import chosen_round, liars_in
from fedtranslate.federation.coordinator.journal import RUN_FILE, Journal, Score
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.exchange import Introduction

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


@pytest.mark.parametrize(
    ("missed", "best"),
    [
        ({}, 3),
        ({1: "a"}, 3),
        ({1: "a", 2: "b"}, 3),
        ({1: "a", 2: "bc"}, 3),
        ({3: "ab"}, 2),
        ({1: "ab", 2: "ab", 3: "ab"}, 3),
    ],
)
def test_a_round_that_too_few_have_judged_is_not_chosen_on_the_word_of_a_liar(
    missed: dict[int, str], best: int
) -> None:
    """The liar's word alone would choose the first."""
    scores = {
        number: {name: Score(loss, 1) for name in "abc"} | {"z": Score(50.0 * (number - 1), 1)}
        for number, loss in ((1, 5.0), (2, 3.0), (3, 1.0))
    }
    for number, names in missed.items():
        for name in names:
            del scores[number][name]
    assert chosen_round(scores, 1) == best


class Late(Script):
    """One of the sites comes when the run has begun."""

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
        found, why = super().present(wanted)
        return (found[:2] if len(self.wanted) == 1 else found), why


def test_as_many_may_lie_as_the_rule_is_to_bear_also_where_sites_come_late(tmp_path: Path) -> None:
    """The file of the run has the sites that were there when it began."""
    settings = SETTINGS.model_copy(update={"robust": "median", "byzantine": 1})
    there = Late({})
    conduct(settings, NAMES, there, Journal(tmp_path, lambda: "now"))
    about = json.loads((tmp_path / RUN_FILE).read_text())
    assert sorted(about["data"]) == ["ada", "bob"]
    assert liars_in(tmp_path) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"liars": true}', '{"liars": "2"}', '{"liars": -1}'])
def test_damage_does_not_make_a_run_believe_all(text: str, tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text(text)
    with pytest.raises(FederationError, match=r"damaged|JSON"):
        liars_in(tmp_path)
    (tmp_path / RUN_FILE).write_text("{}")
    assert liars_in(tmp_path) == 0, "an older version has begun it"
