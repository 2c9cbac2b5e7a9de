import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.scanning import scan
from fedtranslate.languages.skeletons.comments import as_comment, comments_in, convert_comment
from fedtranslate.languages.skeletons.writefile import write_rules

COMMENTED = [name for name in known_languages() if write_rules(load_pack(name).folder)]
HOSTILE = st.text(
    st.sampled_from("*/\\#\"'?>u000a\n\r\x85\u2028\x0b-=: <!{}x") | st.characters(), max_size=60
)


def ends_nothing(comment: str, language: str) -> bool:
    pack = load_pack(language)
    return all(
        token.kind == "comment" for token in scan(comment + "\nx", pack) if token.text != "x"
    )


@pytest.mark.parametrize("language", COMMENTED)
@settings(deadline=None, max_examples=80)
@given(text=HOSTILE)
def test_nothing_escapes_from_a_comment(language: str, text: str) -> None:
    comment = as_comment(text, load_pack(language))
    assert ends_nothing(comment, language)
    assert "\\u" not in comment
    assert "?>" not in comment
    assert not any(line.rstrip().endswith("\\") for line in comment.splitlines())


@pytest.mark.parametrize("target", COMMENTED)
@settings(deadline=None, max_examples=80)
@given(text=HOSTILE, source=st.sampled_from(["java", "python", "ruby", "cobol"]))
def test_nothing_escapes_from_a_comment_that_is_carried_over(
    target: str, text: str, source: str
) -> None:
    for comment in (text, f"/** {text} */", f"# {text}", f"// {text}", f'"""{text}"""'):
        made = convert_comment(comment, load_pack(source), load_pack(target))
        assert ends_nothing(made, target)


def test_the_words_of_a_comment_stay() -> None:
    java, python, csharp = load_pack("java"), load_pack("python"), load_pack("csharp")
    docs = "/**\n     * Adds up.\n     * @param a one\n     */"
    assert convert_comment(docs, java, python) == "# Adds up.\n# @param a one"
    assert convert_comment(docs, java, csharp) == "/**\n * Adds up.\n * @param a one\n */"
    assert convert_comment("# One.\n# Two.", python, csharp) == "// One.\n// Two."
    assert convert_comment('"""One.\n\n    Two.\n    """', python, csharp) == (
        "/**\n * One.\n *\n * Two.\n */"
    )
    assert comments_in(docs + "\nint a; // x * y", java) == ("adds up param a one", "x y")
    assert comments_in('def f():\n    """Adds  up."""\n    g("""no""")', python) == ("adds up",)


def test_a_comment_of_python_does_not_tell_the_encoding() -> None:
    made = as_comment("-*- coding: rot13 -*-", load_pack("python"))
    compile(made.encode(), "x", "exec")
