"""C and C++: types around names, semicolons behind types, what only a class can hold."""

import pytest

from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.lexer import lex
from fedtranslate.languages.pack import KINDS
from fedtranslate.languages.parsing import constructor_name, is_whole, parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in

C, CPP = load_pack("c"), load_pack("cpp")


@pytest.mark.parametrize(
    ("parameter", "written"),
    [
        ("int a", "int"),
        ("const char *a", "const char *"),
        ("char **a[3]", "char **[3]"),
        ("int (*a)(int, char b)", "int (*)(int, char b)"),
        ("int (*a)[3]", "int (*)[3]"),
        ("struct s *const restrict a", "struct s *const restrict"),
        ("unsigned long", "unsigned long"),
        ("...", "..."),
    ],
)
def test_the_type_of_a_parameter_is_what_stands_around_its_name(
    parameter: str, written: str
) -> None:
    for pack in (C, CPP):
        if pack is C or "restrict" not in parameter:
            (unit,) = units_in(f"int *f({parameter}) {{ return 0; }}", pack)
            assert unit.parameters == (written,)


@pytest.mark.parametrize(
    ("parameter", "written"),
    [
        ("const std::vector<int>& a = {1, 2}", "const std::vector<int>&"),
        ("T&&... a", "T&&..."),
        ("int (&a)[3]", "int (&)[3]"),
        ("int = 3", "int"),
        ("const T& = T()", "const T&"),
    ],
)
def test_a_default_value_is_no_part_of_the_type(parameter: str, written: str) -> None:
    (unit,) = units_in(f"template <class T> int f({parameter}) {{ return 0; }}", CPP)
    assert unit.parameters == (written,)


def test_void_is_no_parameter() -> None:
    assert [unit.parameters for unit in units_in("int f(void) {}\nint g() {}", C)] == [(), ()]


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_a_type_takes_its_semicolon_and_what_is_declared_with_it_along(language: str) -> None:
    text = "struct a { int b; } ;\nenum c { D } d = D;\ntypedef union { int e; } f;\nint g;"
    units = units_in(text, load_pack(language), kinds=KINDS)
    assert [unit.text for unit in units] == text.split("\n")[:3]
    assert all(parse_problems(unit.text, C) == () for unit in units)


def test_a_unit_of_cpp_has_its_templates_and_its_linkage() -> None:
    text = 'template <class T>\ntemplate <class U>\nvoid A<T>::f(U a) {}\nextern "C" int g() {}'
    first, second = units_in(text, CPP)
    assert first.text.startswith("template <class T>\ntemplate")
    assert (first.kind, first.container, first.name) == ("method", "A", "f")
    assert second.text.startswith('extern "C"')


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("struct A { A(int a) : a_(a) {} };", "constructor", "A"),
        ("A::A(int a) : a_(a) {}", "constructor", "A"),
        ("a::b::A<T>::A() {}", "constructor", "A"),
        ("A::~A() {}", "method", "~A"),
        ("T& A::operator[](int a) { return b[a]; }", "method", "operator[]"),
        ("A::operator bool() const { return a; }", "method", "bool"),
        ("struct B { virtual const T* f() const = 0; };", "method", "f"),
        ("A<B>*& f() { return a; }", "function", "f"),
    ],
)
def test_each_kind_of_function_is_known_by_its_name(text: str, kind: str, name: str) -> None:
    (unit,) = units_in(text, CPP)
    assert (unit.kind, unit.name) == (kind, name)


@pytest.mark.parametrize(
    "text",
    [
        "virtual int f() const override { return a_; }",
        "explicit A(int a) : a_(a) {}",
        "/** Doc. */\ntemplate <class T> [[nodiscard]] static auto f(T a) const -> T { return a; }",
        "A(const A&) = delete;",
        "~A() { g(); }",
        "bool operator==(const A& a) const = default;",
        "A& operator=(A&& a) noexcept { return *this; }",
        "explicit operator std::string() const { return a_; }",
        "std::pair<int, int> f(int (*a)(int)) const noexcept { return {}; }",
        "public:\n  int a;\n  int f();",
    ],
)
def test_what_only_a_class_can_hold_gets_one(text: str) -> None:
    assert not is_whole(text, CPP)
    assert parse_problems(text, CPP) == ()


@pytest.mark.parametrize(
    "text",
    [
        "int f(int a) { return a; }",
        "int A::f() const { return a_; }",
        "std::string A<T>::f(int a) const { return b; }",
        "A::A(int a) : a_(a) {}",
        "template <class T> T f(const T& a) { return a; }",
        "while (a) { b(); }",
        "int main() { return 0; }",
        "class A final : B {};",
        "#include <a>\nA::A() {}",
    ],
)
def test_what_stands_alone_gets_no_class(text: str) -> None:
    assert is_whole(text, CPP)


def test_the_class_around_a_constructor_or_destructor_bears_its_name() -> None:
    assert constructor_name("explicit Ledger(int a) {}", CPP) is None
    assert constructor_name("Ledger(int a) : a_(a) {}", CPP) == "Ledger"
    assert constructor_name("~Ledger() {}", CPP) == "Ledger"


def test_a_word_that_the_grammar_lacks_is_read_as_another_and_kept() -> None:
    text = "bool f(A a) { return typeid(a) == typeid(int); }"
    assert parse_problems(text, CPP) == ()
    assert [token.text for token in lex(text, CPP)].count("typeid") == 2
    assert units_in(text, CPP)[0].text == text


def test_strings_of_a_broken_text_are_single_tokens() -> None:
    text = """f(R"x(a)" "b\n)x", u8"c\\"", L'\\'', 1'000'000, {"""
    tokens = lex(text, CPP)
    assert [token.text for token in tokens if token.kind == "string"] == [
        'R"x(a)" "b\n)x"', 'u8"c\\""', "L'\\''",
    ]  # fmt: skip
    assert "1'000'000" in [token.text for token in tokens if token.kind == "number"]
    assert [token.text for token in lex("#include <a.h>\nint f( {", C)][:2] == ["#include", "<a.h>"]


def test_a_semicolon_may_stand_in_the_head_of_if_in_cpp() -> None:
    assert unclosed("if (auto a = b(); a", CPP)
    assert unclosed("if (a = b(); a", C) is None
