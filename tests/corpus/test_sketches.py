"""Salted hashes by which sites find what they share."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.corpus.sketches import exclusions, shared_sketches, sketch
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair

SALT = b"0123456789abcdef"
PAIR = CodePair("int f() { return 1; }", "int F() { return 1; }", "java", "csharp", "a", "g")

sites = st.dictionaries(
    st.sampled_from("abcd"), st.sets(st.sampled_from("0123456789"), max_size=8), max_size=4
)


def test_a_sketch_does_not_depend_on_layout_comments_names_or_direction() -> None:
    same = replace(PAIR, source="int f()\n{ return 1; } // one", id="b", group="h", confidence=0.7)
    assert sketch(same, SALT) == sketch(PAIR, SALT)
    assert sketch(PAIR.reversed(), SALT) == sketch(PAIR, SALT)


def test_a_sketch_depends_on_code_languages_and_salt() -> None:
    others = [
        sketch(replace(PAIR, target="int F() { return 2; }"), SALT),
        sketch(replace(PAIR, source=PAIR.target, target=PAIR.source), SALT),
        sketch(replace(PAIR, target_language="java"), SALT),
        sketch(PAIR, SALT + b"x"),
    ]
    assert len({sketch(PAIR, SALT), *others}) == 5
    assert all(len(value) == 32 for value in others)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(CorpusError, match="has 4 bytes; it needs 16"):
        sketch(PAIR, b"salt")


@given(sites)
def test_after_the_exclusions_each_pair_is_at_exactly_one_site(
    by_site: dict[str, set[str]],
) -> None:
    left_out = exclusions(by_site)
    left = {site: values - left_out[site] for site, values in by_site.items()}
    assert shared_sketches(left) == {}
    assert set().union(*left.values()) == set().union(*by_site.values())
    assert all(left_out[site] <= values for site, values in by_site.items())


@given(sites)
def test_the_order_of_sites_does_not_matter(by_site: dict[str, set[str]]) -> None:
    assert exclusions(by_site) == exclusions(dict(reversed(by_site.items())))


def test_shared_sketches_name_their_sites() -> None:
    found = shared_sketches({"b": ["x", "y"], "a": ["x"], "c": ["z"]})
    assert found == {"x": ("a", "b")}


def test_no_site_is_favoured() -> None:
    values = [f"{n:032x}" for n in range(400)]
    left_out = exclusions({"a": values, "b": values})
    assert 150 < len(left_out["a"]) < 250
