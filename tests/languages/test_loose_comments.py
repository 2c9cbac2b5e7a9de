"""Comments that belong to no declaration are carried over, or told; none goes in silence."""

import re

import pytest

from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.skeletons.cutting import CutFile, cut_file
from fedtranslate.languages.skeletons.skeleton import assemble
from fedtranslate.languages.skeletons.writefile import write_rules

JAVA = """/* note1 licence */
package shop;

// note2 of our own
import java.util.List;   // note3

// note4 stands apart

/** note5 docs. */
public final class Box { // note6
    // note7 fields

    private int size = 0; // note8
    /* note9 */ private int other;

    // note10 methods

    /** note11 docs. */
    public int size() {
        // note12 inside
        return size;
    }

    // int note13() { return 1; }
    // int note14() { return 2; }

    public void grow(int more) {
        size = size + more;
    } // note15 behind

    static class Empty {
        // note16 nothing
    }
    // note17 at the end of the body
}

// note18 between types

enum Color {
    RED, // note19
    // note20
    BLUE;
}

/* note21
   at the end */
"""
PYTHON = '''"""note1 docs of the module."""
# note2 licence

import os  # note3

# note4 constants

MAX = 3  # note5

# note6 functions

def f(a):
    """note7 docs."""
    # note8 inside
    return a

# note9 between

class Box:
    """note10 docs."""
    # note11 fields
    size = 0

    # note12 methods

    def grow(self, more):
        self.size += more
    # note13 at the end of the body

# note14 apart

if f(1):
    f(2)
# note15 at the end
'''
TARGETS = [
    name
    for name in known_languages()
    if (rules := write_rules(load_pack(name).folder)) and rules.is_target
]


def cut(text: str, source: str, target: str) -> CutFile:
    """Cut a file."""
    path = "shop/Box.java" if source == "java" else "box.py"
    return cut_file(text, load_pack(source), load_pack(target), path)


def made(found: CutFile) -> str:
    """Return what the rules write of a file."""
    assert found.skeleton is not None
    return assemble(found.skeleton)[0]


def notes(text: str) -> set[int]:
    """Return the numbers of the notes in a text."""
    return {int(number) for number in re.findall(r"note(\d+)", text)}


def lines(text: str) -> list[str]:
    """Return the lines that say something, without their indentation."""
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("source", "text"), [("java", JAVA), ("python", PYTHON)])
def test_every_comment_is_carried_over_or_told(source: str, text: str, target: str) -> None:
    if source == target:
        pytest.skip("code that stays in its language keeps every byte")
    found = cut(text, source, target)
    assert found.skeleton is not None
    file, told = made(found), "\n".join(found.skeleton.losses)
    asked = "\n".join(
        unit.text
        for unit, slot in zip(
            found.units,
            sorted(
                (one for one in found.skeleton.pieces if not isinstance(one, str)),
                key=lambda one: one.start_byte,
            ),
            strict=True,
        )
        if not slot.sure
    )
    assert notes(text) <= notes(file) | notes(told) | notes(asked)
    assert not notes(told) & (notes(file) - notes(asked))
    assert parse_problems(file, load_pack(target)) == ()


def test_comments_of_java_stand_in_csharp_where_they_stood() -> None:
    found = cut(JAVA, "java", "csharp")
    assert found.skeleton is not None
    assert found.skeleton.losses == ("line 5: comment: note3",)
    text = lines(made(found))
    assert text[:2] == ["/* note1 licence */", "// note2 of our own"]
    assert text[-2:] == ["/* note21", "at the end */"]
    for comments, code in (
        (["// note4 stands apart", "// note6", "/** note5 docs. */"], "public sealed class Box"),
        (["// note7 fields", "// note8"], "private int size = 0;"),
        (["// note10 methods", "/** note11 docs. */"], "public int Size()"),
        (
            ["// int note13() { return 1; }", "// int note14() { return 2; }", "// note15 behind"],
            "public void Grow(int more)",
        ),
        (["// note16 nothing", "// note17 at the end of the body"], "internal class Empty"),
        (["// note18 between types"], "internal enum Color"),
        (["// note19"], "RED,"),
    ):
        place = text.index(code)
        assert text[place - len(comments) : place] == comments


def test_comments_of_python_stand_in_javascript_where_they_stood() -> None:
    found = cut(PYTHON, "python", "javascript")
    assert found.skeleton is not None
    assert found.skeleton.losses == ("line 4: comment: note3",)
    text = lines(made(found))
    for comments, code in (
        (["// note4 constants", "// note5"], "export let MAX = 3;"),
        (["// note6 functions"], "export function f(a) {"),
        (["// note9 between", "/** note10 docs. */"], "export class Box {"),
        (["// note12 methods"], "grow(more) {"),
    ):
        place = text.index(code)
        assert text[place - len(comments) : place] == comments
    assert text[text.index("// note13 at the end of the body") + 1] == "}"
    assert text[-1] == "// note15 at the end"


def test_a_comment_below_the_last_member_stays_inside_of_its_type() -> None:
    text = "class A {\n    int a;\n    // last\n}\nclass B {\n    int b;\n}\n"
    written = lines(made(cut(text, "java", "csharp")))
    assert written.index("// last") < written.index("internal class B")


def test_units_are_the_same_with_and_without_comments_that_stand_apart() -> None:
    plain = cut("class A {\n\n\n    int f() { return 1; }\n\n}\n", "java", "csharp")
    noted = cut("class A {\n// x\n\n    int f() { return 1; }\n// y\n}\n", "java", "csharp")
    assert [one.text for one in plain.units] == [one.text for one in noted.units]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "what", ["\N{GREEK SMALL LETTER ALPHA}\N{MUSICAL SYMBOL G CLEF}", "half \ud800 of", "*/ x ?>"]
)
def test_letters_of_several_bytes_move_no_comment(what: str, ends: str) -> None:
    text = (
        f"// {what}\nclass A {{\n    int a; // {what}\n\n    // mark\n\n"
        "    int f() { return 1; }\n}\n"
    )
    written = lines(made(cut(text.replace("\n", ends), "java", "csharp")))
    assert written[written.index("internal virtual int F()") - 1] == "// mark"


def test_a_comment_that_stands_twice_and_is_lost_once_is_told_once() -> None:
    text = "import a.B; // same words\nclass A {\n    // same words\n    int a;\n}\n"
    found = cut(text, "java", "csharp").skeleton
    assert found is not None
    assert [one for one in found.losses if "same words" in one] == ["line 3: comment: same words"]
