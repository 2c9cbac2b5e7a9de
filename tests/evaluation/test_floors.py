"""What needs no learning: a copy, and the nearest neighbour with the new names put in."""

from fedtranslate.evaluation.floors import copy_floor, nearest_floor
from fedtranslate.records import CodePair


def pair(source: str, target: str, name: str = "p") -> CodePair:
    return CodePair(source, target, "java", "csharp", name, "g")


KNOWN = [
    pair(
        "public int getSize() { return this.size; }",
        "public int GetSize() { return this._size; }",
        "getter",
    ),
    pair(
        "void add(String item) { items.push(item); log(item); }",
        "void Add(string item) { _items.Push(item); Log(item); }",
        "adder",
    ),
]


def test_the_copy_hands_the_source_back_with_the_reference_beside_it() -> None:
    pairs = [pair("int a;", "int A;", "one"), pair("", "x", "two")]
    copied = copy_floor(pairs)
    assert [(t.text, t.source, t.reference, t.id) for t in copied] == [
        ("int a;", "int a;", "int A;", "one"),
        ("", "", "x", "two"),
    ]


def test_the_nearest_neighbour_is_translated_with_the_new_names() -> None:
    asked = pair("void put(String card) { cards.push(card); log(card); }", "unknown", "q")
    (found,) = nearest_floor([asked], KNOWN)
    # "items" became "cards", but the target calls it "_items", which no alignment shows.
    assert found.text == "void Put(string card) { _items.Push(card); Log(card); }"
    assert (found.id, found.reference) == ("q", "unknown")


def test_names_change_in_both_spellings_and_only_as_whole_names() -> None:
    asked = pair("public int getCount() { return this.count; }", "?")
    (found,) = nearest_floor([asked], KNOWN)
    assert found.text == "public int GetCount() { return this._size; }"


def test_a_training_pair_that_is_asked_again_comes_back_as_it_is() -> None:
    found = nearest_floor([pair(known.source, "?") for known in KNOWN], KNOWN)
    assert [t.text for t in found] == [known.target for known in KNOWN]


def test_strings_and_comments_of_the_neighbour_are_not_touched() -> None:
    known = pair('void save() { log("save"); }', 'void Save() { Log("save"); /* save */ }', "saver")
    (found,) = nearest_floor([pair('void load() { log("save"); }', "?")], [known])
    assert found.text == 'void Load() { Log("save"); /* save */ }'


def test_source_that_does_not_parse_still_gets_a_neighbour() -> None:
    (found,) = nearest_floor([pair("void put(String card { cards.push(", "?")], KNOWN)
    assert "Push" in found.text


def test_no_pairs_need_no_neighbours() -> None:
    assert nearest_floor([], KNOWN) == []
