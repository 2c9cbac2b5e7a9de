"""The code in an answer that talks about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.registry import load_pack
from fedtranslate.prompts.answer import code_in

CSHARP = load_pack("csharp")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("int A;", "int A;"),
        ("  int A;\n", "  int A;\n"),
        ("Here it is:\n\n```csharp\nint A;\n```\nI hope it helps.", "int A;"),
        ("```\nint A;\nint B;\n```", "int A;\nint B;"),
        ("```c#\r\nint A;\r\n```\r\n", "int A;\r"),
        ("```CS\nint A;", "int A;"),
        ("~~~\nint A;\n~~~", "int A;"),
        ("````\n```\nint A;\n````", "```\nint A;"),
        ("```java\nint a; // the old one, which is longer\n```\n```cs\nint A;\n```", "int A;"),
        ("```cs\nint A;\n```\nor\n```cs\nint A; int B;\n```", "int A; int B;"),
        ("```bash\ndotnet run --long\n```\n```\nint A;\n```", "int A;"),
        ("```text\nint A;\n```\n```other\nint A; int B;\n```", "int A; int B;"),
        ("<think>\n```cs\nint Wrong; int Longer;\n```\n</think>\n```cs\nint A;\n```", "int A;"),
        ("<think>Easy.</think>\n\nint A;", "int A;"),
        ("/**\n * ```\n * code\n * ```\n */\nint A;", "/**\n * ```\n * code\n * ```\n */\nint A;"),
        ('Write("```");', 'Write("```");'),
        ("```\n```", ""),
    ],
)
def test_the_code_is_what_stands_between_fences_or_else_all(answer: str, code: str) -> None:
    assert code_in(answer, CSHARP) == code


@given(st.text("ab;\n ", max_size=40), st.sampled_from(["", "csharp", "c#", "java"]))
def test_code_in_a_fence_comes_out_as_it_is(code: str, language: str) -> None:
    assert code_in(f"So:\n```{language}\n{code}\n```\nDone.", CSHARP) == code


@given(st.text("`~<think>/ \t\na#", max_size=60))
def test_no_answer_is_too_odd(answer: str) -> None:
    assert isinstance(code_in(answer, CSHARP), str)


def test_long_lines_of_blanks_take_no_time() -> None:
    assert code_in("```" + " " * 200_000 + "`", CSHARP).startswith("```")


def test_a_fence_that_closes_at_the_end_of_the_last_line_is_no_code() -> None:
    pack = load_pack("java")
    assert code_in("Here:\n```java\nint f() {\n    return 1;\n}```", pack) == (
        "int f() {\n    return 1;\n}"
    )
    assert code_in("```java\nint f() { return 1; }```\nThat is all.", pack) == (
        "int f() { return 1; }"
    )
