"""Salted sketches of names: what they tell of how alike sets are, and what they do not."""

from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.sketch import (
    DIGITS,
    HASHES,
    is_sketch,
    jaccard,
    likeness,
    salt_of,
    sketched,
)

RUN = RunSettings(name="cairn", source="java", target="csharp")
SALTS = st.binary(min_size=32, max_size=32)
NAMES = st.sets(st.text(max_size=8), max_size=12)


def standard_error(index: float) -> float:
    """That of theorem 1 of Li and König 2010 where the universe is large, with one bit."""
    chance = 0.5
    equal = chance + (1 - chance) * index
    return float((equal * (1 - equal) / 512) ** 0.5 / (1 - chance))


@given(SALTS, st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_estimate_is_near_the_jaccard_index_as_its_standard_error_says(
    salt: bytes, both: int, one: int, other: int
) -> None:
    names = [f"name{number}" for number in range(both + one + other)]
    first, second = names[: both + one], names[:both] + names[both + one :]
    estimate = jaccard(sketched(first, salt), sketched(second, salt))
    true = both / len(names) if names else 1.0
    # One hash more or less is 2 / HASHES of the estimate.
    assert abs(estimate - true) <= 6 * standard_error(true) + 2 / HASHES


@given(NAMES, SALTS)
def test_a_set_and_itself_have_one_in_whatever_order(names: set[str], salt: bytes) -> None:
    made = sketched(sorted(names), salt)
    assert made == sketched([*sorted(names, reverse=True), *names], salt)
    assert is_sketch(made)
    assert jaccard(made, made) == 1.0


def test_the_mean_of_estimates_is_the_jaccard_index() -> None:
    first = [f"n{number}" for number in range(40)]
    second = [f"n{number}" for number in range(20, 60)]
    salts = [bytes([number] * 32) for number in range(40)]
    found = [jaccard(sketched(first, salt), sketched(second, salt)) for salt in salts]
    assert sum(found) / len(found) == pytest.approx(1 / 3, abs=4 * standard_error(1 / 3) / 40**0.5)
    assert stdev(found) == pytest.approx(standard_error(1 / 3), rel=0.4)
    assert standard_error(0.0) == pytest.approx(0.044, abs=5e-4)


def test_sketches_of_the_same_names_in_different_runs_have_nothing_in_common() -> None:
    names = {f"name{number}" for number in range(200)}
    runs = [RUN, RUN.model_copy(update={"name": "dolmen"}), RUN.model_copy(update={"seed": 1})]
    sketches = [sketched(names, salt_of(run)) for run in runs]
    for number, one in enumerate(sketches):
        assert all(jaccard(one, other) < 5 * standard_error(0) for other in sketches[:number])
    assert salt_of(RUN) == salt_of(RUN.model_copy(update={"rounds": 2}))


def test_one_name_of_many_hardly_changes_a_sketch() -> None:
    salt, names = salt_of(RUN), [f"name{number}" for number in range(300)]
    assert jaccard(sketched(names, salt), sketched([*names, "secretApi"], salt)) > 0.95


def test_likeness_is_a_table_of_all_sites() -> None:
    salt = salt_of(RUN)
    made = {"bob": sketched("ab", salt), "ada": sketched("ab", salt), "eve": sketched("xy", salt)}
    table = likeness(made)
    assert list(table) == ["ada", "bob", "eve"]
    assert table["ada"]["bob"] == 1.0
    assert table["eve"]["ada"] == table["ada"]["eve"] < 0.3


@pytest.mark.parametrize(
    "text", ["", "0" * (DIGITS - 1), "0" * (DIGITS + 1), "A" * DIGITS, "0x" + "0" * (DIGITS - 2)]
)
def test_what_is_no_sketch_is_refused(text: str) -> None:
    assert not is_sketch(text)
    with pytest.raises(FederationError, match="128 hex digits"):
        jaccard(text, "0" * DIGITS)
    assert not is_sketch(None)
    assert not is_sketch("0" * DIGITS + "\n")
