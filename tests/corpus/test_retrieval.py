"""Finding known pairs: by what is rare, by the words of names, and the same way each time."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.corpus.retrieval import PairStore, memory_candidate
from fedtranslate.errors import CorpusError
from fedtranslate.languages.lexer import lex
from fedtranslate.languages.naming import words
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair


def pair(name: str, source: str, target: str = "", language: str = "java") -> CodePair:
    return CodePair(source, target, language, "csharp", name, "g")


PAIRS = [
    pair("size", "int getSize() { return this.size; }"),
    pair("add", "void add(String item) { items.push(item); log(item); }"),
    pair("remove", "void remove(String item) { items.drop(item); log(item); }"),
    pair("total", "long sum() { long total = 0; for (long n : all) total += n; return total; }"),
]
STORE = PairStore(PAIRS)
sources = st.lists(st.sampled_from(["int", "size", "getSize", "+", "1", ";", "(", ")"]), max_size=9)


def names(found: list[tuple[CodePair, float]]) -> list[str]:
    return [each.id for each, _ in found]


def terms(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for token in lex(text, load_pack("java")):
        found[token.text] += 1
        if token.kind in ("identifier", "type"):
            found.update(f"word {word}" for word in words(token.text))
    return found


@given(st.lists(sources, min_size=1, max_size=6), sources)
def test_the_score_is_that_of_the_paper(texts: list[list[str]], asked: list[str]) -> None:
    pairs = [pair(str(n), " ".join(text)) for n, text in enumerate(texts)]
    bags = [terms(each.source) for each in pairs]
    mean = sum(bag.total() for bag in bags) / len(bags) or 1
    expected = {}
    for each, bag in zip(pairs, bags, strict=True):
        score = 0.0
        for term in terms(" ".join(asked)):
            have = sum(term in other for other in bags)
            idf = math.log(1 + (len(bags) - have + 0.5) / (have + 0.5))
            norm = 1.2 * (0.25 + 0.75 * bag.total() / mean)
            score += idf * bag[term] * 2.2 / (bag[term] + norm) if bag[term] else 0
        if score:
            expected[each.id] = score
    found = PairStore(pairs).nearest(" ".join(asked), len(pairs))
    assert {each.id: score for each, score in found} == pytest.approx(expected)
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


@pytest.mark.parametrize("known", PAIRS, ids=lambda known: known.id)
def test_a_source_that_is_known_finds_itself_first(known: CodePair) -> None:
    assert names(STORE.nearest(known.source, 2))[0] == known.id


def test_names_are_found_by_their_words() -> None:
    assert names(STORE.nearest("grand_total", 9)) == ["total"]
    assert names(STORE.nearest("setSize", 9)) == ["size"]


def test_a_comment_finds_nothing() -> None:
    assert STORE.nearest("// the size, the total, the item", 9) == []


def test_a_rare_name_counts_more_than_many_common_ones() -> None:
    common = [pair(str(n), f"void f{n}(String item) {{ log(item); }}") for n in range(9)]
    store = PairStore([*common, pair("rare", "int teleport() { return 1; }")])
    assert names(store.nearest("void g(String x) { teleport(); }", 1)) == ["rare"]


def test_pairs_that_are_not_wanted_make_room_for_others() -> None:
    asked = "void put(String item) { items.push(item); }"
    assert names(STORE.nearest(asked, 1)) == ["add"]
    assert names(STORE.nearest(asked, 1, without={"add"})) == ["remove"]


def test_equals_come_in_the_order_in_which_they_were_given() -> None:
    twins = [pair(name, "int a;") for name in ("z", "b", "q")]
    assert names(PairStore(twins).nearest("int a;", 3)) == ["z", "b", "q"]


def test_an_empty_store_and_an_empty_question_find_nothing() -> None:
    assert PairStore([]).nearest("int a;", 3) == []
    assert STORE.nearest("", 3) == []
    assert STORE.nearest("item", 0) == []
    assert PairStore([pair("empty", "")]).nearest("int a;", 3) == []


def test_pairs_of_two_directions_are_refused() -> None:
    with pytest.raises(CorpusError, match="java to csharp, python to csharp"):
        PairStore([pair("a", "x"), pair("b", "x", language="python")])


def test_case_does_not_matter_where_it_does_not_in_the_language() -> None:
    store = PairStore([pair("move", "MOVE TOTAL-SIZE TO X.", language="cobol")])
    assert names(store.nearest("move total-size to y.", 1)) == ["move"]


@given(st.text(max_size=40))
def test_any_text_may_be_asked(text: str) -> None:
    assert len(STORE.nearest(text, 2)) <= 2


def test_what_is_remembered_gets_the_new_names() -> None:
    known = pair("add", PAIRS[1].source, "void Add(string item) { Items.Push(item); Log(item); }")
    text = "void put(String card) { items.push(card); log(card); }"
    assert memory_candidate(text, known) == (
        "void Put(string card) { Items.Push(card); Log(card); }"
    )
    assert memory_candidate(known.source, known) == known.target
