"""Functions and their translations, really run in every language whose tools are here."""

import shutil

import pytest

from fedtranslate.checks.behave.differential import Comparison, compare
from fedtranslate.checks.behave.functions import Function, function_called, functions_in
from fedtranslate.checks.behave.tables import behaviour_of
from fedtranslate.errors import CheckError
from fedtranslate.languages.registry import known_languages, load_pack

BODY = "{ int sum = 0; for (int i = 0; i < n; i++) { sum += a[i]; a[i] = i; } %s return sum; }"
TOTAL = {
    "c": "#include <stdio.h>\nint total(int a[], int n) " + BODY % 'printf("sum %d\\n", sum);',
    "cpp": "#include <iostream>\n#include <vector>\nusing namespace std;\n"
    "int total(vector<int>& a, int n) " + BODY % 'cout << "sum " << sum << endl;',
    "csharp": "class X { static int Total(int[] a, int n) "
    + BODY % 'System.Console.WriteLine("sum " + sum);'
    + " }",
    "go": 'package ledger\nimport "fmt"\nfunc Total(a []int32, n int32) int32 {\n var sum int32\n'
    " for i := int32(0); i < n; i++ {\n  sum += a[i]\n  a[i] = i\n }\n"
    ' fmt.Println("sum", sum)\n return sum\n}',
    "java": "package a.b;\npublic class Main { static int total(int[] a, int n) "
    + BODY % 'System.out.println("sum " + sum);'
    + " }",
    "javascript": "export function total(a, n) { let sum = 0; for (let i = 0; i < n; i++)"
    ' { sum += a[i]; a[i] = i; } console.log("sum " + sum); return sum; }',
    "kotlin": "fun total(a: IntArray, n: Int): Int {\n    var sum = 0\n"
    "    for (i in 0 until n) { sum += a[i]; a[i] = i }\n"
    '    println("sum $sum")\n    return sum\n}',
    "php": "<?php\nfunction total(array &$a, int $n): int { $sum = 0; for ($i = 0; $i < $n; $i++)"
    ' { $sum += $a[$i]; $a[$i] = $i; } echo "sum $sum\\n"; return $sum; }',
    "python": "def total(a, n):\n    sum = 0\n    for i in range(n):\n        sum += a[i]\n"
    '        a[i] = i\n    print("sum", sum)\n    return sum\n',
    "ruby": "def total(a, n)\n  sum = 0\n  (0...n).each do |i|\n    sum += a.fetch(i)\n"
    '    a[i] = i\n  end\n  puts "sum #{sum}"\n  sum\nend\n',
    "rust": "fn total(a: &mut Vec<i32>, n: i32) -> i32 {\n    let mut sum = 0i32;\n"
    "    for i in 0..n { sum = sum.wrapping_add(a[i as usize]); a[i as usize] = i; }\n"
    '    println!("sum {}", sum);\n    sum\n}',
    "typescript": "export function total(a: number[], n: number): number { let sum = 0;"
    " for (let i = 0; i < n; i++) { sum += a[i]; a[i] = i; }"
    ' console.log("sum " + sum); return sum; }',
}
"""One function in every language: it reads and changes a list, prints and returns."""
TYPED = TOTAL["python"].replace("(a, n)", "(a: list[int], n: int)")
SLOW = {"kotlin", "typescript"}
UNCHECKED = {"c", "javascript", "typescript"}
"""Where reading behind the end of a list is no exception."""


def is_ready(language: str) -> bool:
    found = behaviour_of(load_pack(language))
    if found is None or found.harness is None:
        return False
    commands = (found.harness.build or found.run.build, found.harness.command)
    words = {command[0] for command in commands if command and "/" not in command[0]}
    return all(shutil.which(word) for word in (words | {"kotlinc"} if "sh" in words else words))


needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on this machine")
READY = [one for one in known_languages() if one in TOTAL and is_ready(one)]


def function(language: str, text: str) -> Function:
    return functions_in(text, load_pack(language))[0]


def python(left: str, right: str, count: int = 60, **options: bool) -> Comparison:
    return compare(function("python", left), function("python", right), count=count, **options)


@pytest.mark.parametrize("language", READY)
def test_a_right_translation_does_the_same_in_every_language(language: str) -> None:
    source, target = function("python", TYPED), function(language, TOTAL[language])
    found = compare(source, target, count=60, edges=False)
    differing = {one.what for one in found.differences}
    assert found.inputs >= 50
    assert differing <= ({"ending"} if language in UNCHECKED else set()), found.differences
    assert found.equal >= 40


@pytest.mark.parametrize("language", [one for one in READY if one not in SLOW])
def test_a_wrong_translation_is_found_in_every_language(language: str) -> None:
    wrong = (
        TOTAL[language].replace("sum = 0", "sum = 1").replace("var sum int32", "sum := int32(1)")
    )
    source, target = function("python", TYPED), function(language, wrong)
    found = compare(source, target, count=30, edges=False)
    assert found.likeness == "different"
    assert "[], 0): the source returned 0" in found.differences[0].in_words("total")
    assert "the target returned 1" in found.differences[0].in_words("total")


@needs_java
def test_limits_of_numbers_are_told_from_other_differences() -> None:
    java = function("java", "class A { static int next(int a) { return a + 1; } }")
    right = function("python", "def next(a: int) -> int:\n    return a + 1")
    found = compare(java, right)
    assert found.likeness == "different"
    assert "near the limits" in found.reason
    assert found.differences[0].in_words("next").startswith("next(2147483647):")
    assert compare(java, right, edges=False).likeness == "equal"


def test_the_first_difference_is_made_simple() -> None:
    left = "def f(a: list[int], n: int): return sum(a)"
    right = "def f(a, n): return sum(a) + (max(a, default=0) > 7)"
    found = python(left, right)
    assert found.differences[0].arguments == ([8], 0)


@pytest.mark.parametrize(
    ("left", "right", "what"),
    [
        ("return a[0]", "return a[0] if a else None", "ending"),
        ("return a[0]", "return next(iter(a))", "exception"),
        ("a.sort()", "sorted(a)", "arguments"),
        ("print(len(a))", "print(len(a) + 1)", "output"),
        ("return len(a)", "return len(a) > 0", "result"),
        ("return 1", "while len(a) > 2: pass\n    return 1", "ending"),
        ("return 1", "return 1 if a else quit(2)", "ending"),
        ("return 1", "import ctypes\n    return 1 if a else ctypes.string_at(0)", "ending"),
    ],
)
def test_every_kind_of_difference_is_seen(left: str, right: str, what: str) -> None:
    head = "def f(a: list[int]):\n    "
    source, target = (function("python", head + body) for body in (left, right))
    found = compare(source, target, count=10, seconds=1)
    assert found.likeness == "different"
    assert found.differences[0].what == what


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ("def f(a): return a", "def f(a): return a", "type of parameter 1 is not known"),
        ("def f(a: int): return a", "def f(): return 1", "1 parameters, the target 0"),
        ("def f(a: int): return a", "def f(a: str): return a", "is 'int' here and 'str' there"),
        ("def f(a: int): return id(a)", "def f(a: int): return a", "may depend on more: id("),
        ("def f(a: int): return a", "def f(a: int): return time.time()", "more: time."),
        ("def f(a: Ledger): return a", "def f(a: Ledger): return a", "not known: 'Ledger'"),
    ],
)
def test_what_cannot_be_compared_is_told(left: str, right: str, reason: str) -> None:
    found = python(left, right)
    assert found.likeness == "not_comparable"
    assert reason in found.reason


def test_a_source_that_answers_by_chance_is_not_comparable() -> None:
    left = "def f(a: int): return a + object().__hash__()"
    found = python(left, "def f(a: int): return a")
    assert (found.likeness, "asked twice" in found.reason) == ("not_comparable", True)


def test_a_comment_or_text_makes_nothing_impure() -> None:
    left = 'def f(a: int):\n    # time.time()\n    return str(a) + "open("'
    assert python(left, left).likeness == "equal"


def test_a_source_that_does_not_end_leaves_it_undecided() -> None:
    source = function("python", "def f(a: list[int]):\n    while len(a) > 1: pass\n    return 1")
    target = function("python", "def f(a): return 1")
    found = compare(source, target, count=40, seconds=0.7)
    assert (found.likeness, found.skipped > 0) == ("undecided", True)


def test_a_target_that_cannot_be_built_is_different_and_a_source_is_not_comparable() -> None:
    good, bad = "def f(a: int): return a", "import nothing_like_it\ndef f(a: int): return a"
    assert python(bad, good).likeness in ("not_comparable", "undecided")
    broken = function("python", good + "\nx = (")
    assert compare(function("python", good), broken).likeness == "different"
    assert "cannot be built" in compare(function("python", good), broken).reason
    assert compare(broken, function("python", good)).likeness == "not_comparable"


def test_values_that_no_other_language_has_leave_it_undecided() -> None:
    text = "def f(a: int): return object"
    assert python(text, text).likeness == "undecided"


def test_all_values_make_the_way_through_the_harness() -> None:
    text = (
        "def f(a: list[float], b: str, c: bool, d: dict[str, list[int]], e: int):\n"
        "    return [a, b, c, d, e, None, set(d), (1, 2)]"
    )
    found = python(text, text, count=100)
    assert (found.likeness, found.equal) == ("equal", 100)


def test_methods_are_called_on_an_object_of_their_class() -> None:
    left = (
        "class A:\n    def __init__(self): self.n = 2\n    def f(self, a: int): return a * self.n"
    )
    right = "class B:\n    @staticmethod\n    def f(a): return a + a"
    source, target = (function_called("f", text, load_pack("python")) for text in (left, right))
    assert compare(source, target, count=30).likeness == "equal"


@needs_java
def test_a_lone_method_is_put_into_a_class() -> None:
    source = function("java", "public static char first(String s) { return s.charAt(0); }")
    target = function("python", "def first(s):\n    return s[0]")
    found = compare(source, target, edges=False)
    assert found.likeness == "equal"
    assert source.parameters[0].name == "s"


def test_a_function_is_found_by_its_name_whatever_the_convention() -> None:
    text = "def get_all(a): return a\ndef other(): pass"
    assert function_called("getAll", text, load_pack("python")).name == "get_all"
    with pytest.raises(CheckError, match="It has: get_all, other"):
        function_called("nothing", text, load_pack("python"))


@pytest.mark.parametrize(
    ("language", "text", "parameters"),
    [
        ("java", "int f(final int[] a, int b[], String... c) { }", ["int[]", "int[]", "String..."]),
        ("csharp", "int F(ref int a, List<int> b = null) { }", ["int", "List<int>"]),
        ("python", "def f(a: int, b=1, *, c: list[int] = []): pass", ["int", "", "list[int]"]),
    ],
)
def test_parameters_have_names_and_types(language: str, text: str, parameters: list[str]) -> None:
    found = function(language, text).parameters
    assert [one.written for one in found] == parameters
    assert [one.name for one in found] == ["a", "b", "c"][: len(found)]
