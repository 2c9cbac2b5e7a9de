"""What is dropped before training, and why."""

from dataclasses import replace

import pytest

from fedtranslate.corpus.hygiene import Reason, clean, drop_seen
from fedtranslate.corpus.sketches import sketch
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair

SALT = b"0123456789abcdef"


def pair(source: str, target: str, name: str = "p") -> CodePair:
    """Return a Java and C# pair in a group of its own."""
    return CodePair(source, target, "java", "csharp", id=name, group=name)


GOOD = pair("int size() { return count; }", "int Size() { return count; }", "good")
LONG = "int f() { return " + " + ".join(f"a{n}" for n in range(600)) + "; }"


@pytest.mark.parametrize(
    ("source", "target", "reason", "detail"),
    [
        ("", "int F() { return 1; }", Reason.EMPTY, "source: no text"),
        ("int f() { return 1; }", " \n\t", Reason.EMPTY, "target: no text"),
        ("// gone", "int F() { return 1; }", Reason.EMPTY, "source: nothing but comments"),
        ("int f;", "int F() { return 1; }", Reason.TOO_SHORT, "source: 3 tokens"),
        ("int f() { return 1; }", LONG, Reason.TOO_LONG, "target: 1207 tokens"),
        ("int f() { return 1; }", "x" * 100_000, Reason.TOO_LONG, "target: 100000 characters"),
        ("int f() { return 1; }", "int F() { return ", Reason.UNPARSABLE, "target, line 1: "),
        ("int f() { return ((1; }", "int F() { return 1; }", Reason.UNPARSABLE, "source, line 1: "),
        ("int f() {\0 return 1; }", "int F() { return 1; }", Reason.UNPARSABLE, "source, line 1: "),
        (
            'void f() { login(\n"app", password = "q7Xw2LmZ9"); }',
            "void F() { Login(); }",
            Reason.SECRET,
            "source: line 2: value of password",
        ),
    ],
)
def test_an_unfit_pair_is_dropped_with_the_reason(
    source: str, target: str, reason: Reason, detail: str
) -> None:
    cleaned = clean([GOOD, pair(source, target)])
    assert cleaned.kept == (GOOD,)
    (dropped,) = cleaned.dropped
    assert dropped.reason is reason
    assert detail in dropped.detail


def test_what_a_secret_says_is_not_repeated_in_the_report() -> None:
    text = 'void f() { password = "' + 'q7Xw2LmZ9"; }'
    (dropped,) = clean([pair(text, "void F() { }")]).dropped
    assert "q7Xw2LmZ9" not in dropped.detail


def test_duplicates_are_found_whatever_their_layout_and_comments() -> None:
    again = pair("// same\nint size()\n{\n\treturn count;\n}", "int Size() {return count;} // x")
    other = replace(again, target="int Size() => count;", id="other")
    cleaned = clean([GOOD, again, other])
    assert [p.id for p in cleaned.kept] == ["good", "other"]
    assert cleaned.counts() == {"duplicate": 1}
    assert cleaned.dropped[0].detail == "of good"


def test_a_long_text_that_is_the_same_on_both_sides_was_not_translated() -> None:
    long = "int f() { " + "a = b + c; " * 10 + "return a; }"
    short = "A(int a) { this.a = a; }"
    cleaned = clean([pair(long, long.replace("; ", ";\n")), pair(short, short, "short")])
    assert [p.id for p in cleaned.kept] == ["short"]
    assert cleaned.counts() == {"same on both sides": 1}


def test_pairs_that_another_site_keeps_are_left_out() -> None:
    other = pair("int f() { return 1; }", "int F() { return 1; }")
    cleaned = clean([GOOD, other], known=[sketch(GOOD, SALT)], salt=SALT)
    assert cleaned.kept == (other,)
    assert cleaned.counts() == {"at another site": 1}
    with pytest.raises(CorpusError, match="with the salt"):
        clean([GOOD], known=["x"])


def test_train_loses_what_shares_either_side_with_evaluation() -> None:
    held_out = pair("int a() { return 1; }", "int A() { return 1; }", "held")
    train = [
        replace(held_out, source="int a()\n{ return 1; } // one", target="int A2() => 1;", id="s"),
        replace(held_out, source="int b() { return 1; }", id="t"),
        GOOD,
    ]
    cleaned = drop_seen(train, [held_out])
    assert cleaned.kept == (GOOD,)
    assert {(d.pair.id, d.detail) for d in cleaned.dropped} == {
        ("s", "like held"),
        ("t", "like held"),
    }


def test_the_limits_can_be_chosen_and_every_pair_is_reported_once() -> None:
    seen: list[CodePair] = []
    pairs = [GOOD, replace(GOOD, source="int f;", id="b")]
    assert len(clean(pairs, min_tokens=1, on_pair=seen.append).kept) == 2
    assert seen == pairs
    assert clean(pairs, max_tokens=4).kept == ()
    assert clean([]).kept == ()
