"""What the packs of C, C++, Rust, PHP and Ruby say of their compilers, tried on these."""

import shutil
from pathlib import Path

import pytest

from fedtranslate.checks.compile import CompileContext, compile_file, compile_units
from fedtranslate.records import CompileState, Verdict

NOWHERE = CompileContext()
SYNTAX, UNRESOLVED, TYPES, COMPILED = (
    CompileState.SYNTAX_ERROR,
    CompileState.UNRESOLVED_ONLY,
    CompileState.TYPE_ERROR,
    CompileState.COMPILED,
)
C = {
    "int f(int a) { return a + 1; }": COMPILED,
    "int f(int a) { return b; }": UNRESOLVED,
    "foo f(bar *a) { return a->b; }": UNRESOLVED,
    "char *f(void) { char *a = make(1); return a; }": UNRESOLVED,
    "size_t f(const char *s) { return strlen(s); }": UNRESOLVED,
    "void f(bar *b) { foo x; baz *y = 0; (qux)s; struct q z; return (foo *)b->c; "
    "sizeof(foo); }": UNRESOLVED,
    'int f(int a) { return "a"; }': TYPES,
    "struct a { int b; };\nint f(struct a v) { return v.c; }": TYPES,
    "int f(struct a *v) { return v->c; }": UNRESOLVED,
    "int f(int a) { int b = ; }": SYNTAX,
    "int f(int a) { g(a) }": SYNTAX,
    "int f(int a) {": SYNTAX,
    "int f(int a) { else { } }": SYNTAX,
    '#include <stdio.h>\nint main(void) { printf("%d", 1); return 0; }': COMPILED,
    '#include "nowhere.h"\nint f(void) { return 1; }': UNRESOLVED,
    "int f(int a) { return f(a, 2); }": TYPES,
    "struct a { int b; };": COMPILED,
    "static inline int f(int a) { int unused; return 'a' - 1; }": COMPILED,
    "int f(a) int a; { return a; }": COMPILED,
    "": COMPILED,
}
CPP = {
    "vector<int> f(vector<int> v) { sort(v.begin(), v.end()); return v; }": UNRESOLVED,
    "int f(const std::string& s) { std::vector<int> v; return s.size(); }": UNRESOLVED,
    "Foo f(const Bar& a) { return a.baz(); }": UNRESOLVED,
    "int size() const { return size_; }": UNRESOLVED,
    "int size() const { return 1; }": COMPILED,
    "virtual int f() const override { return n_; }": UNRESOLVED,
    "Ledger(int limit) : Base(limit), limit_(limit) { this->go(limit); }": UNRESOLVED,
    "Ledger& operator=(const Ledger& o) { limit_ = o.limit_; return *this; }": UNRESOLVED,
    "int Ledger::total(int a) { return a; }": UNRESOLVED,
    "int f() { return this->n; }": UNRESOLVED,
    'int f() const { return "a"; }': TYPES,
    "Ledger(int a) { int b = a }": SYNTAX,
    "#include <vector>\n#include <algorithm>\nint f(std::vector<int> v) { "
    "std::sort(v.begin(), v.end()); return v.size(); }": COMPILED,
    "#include <list>\n#include <algorithm>\nvoid f(std::list<int> v) {\n  "
    "std::sort(v.begin(), v.end());\n}": TYPES,
    "class A : public Base { int f() override { return 1; } };": UNRESOLVED,
    "": COMPILED,
}
RUST = {
    "fn f(a: i32) -> i32 { a + 1 }": COMPILED,
    "fn f(a: i32) -> i32 { b }": UNRESOLVED,
    "fn f(a: &Foo) -> Bar { a.baz() }": UNRESOLVED,
    "fn f() -> HashMap<i32, String> { HashMap::new() }": UNRESOLVED,
    "use rand::Rng;\nfn f() -> i32 { 1 }": UNRESOLVED,
    "fn f(&self) -> i32 { 1 }": COMPILED,
    "pub fn f(&mut self, a: i32) -> i32 { self.limit = a; self.g(); self.limit }": UNRESOLVED,
    "pub fn f<'a, T: Clone>(&'a self, a: T) -> &'a Self { let _ = a.clone(); self }": COMPILED,
    "#[inline]\npub(crate) async fn f(self) -> Self { Self { a: 1 } }": UNRESOLVED,
    "fn f(&self) -> i32;": UNRESOLVED,
    "fn f(&self) -> String { self.a.to_string() }": UNRESOLVED,
    "fn f(&self) -> Vec<T> { vec![self.x; 3] }": UNRESOLVED,
    "fn new(limit: usize) -> Self { Self { limit } }": UNRESOLVED,
    'fn f(a: i32) -> i32 { "a" }': TYPES,
    'fn f(&self) -> i32 { "a" }': TYPES,
    "fn f(a: Vec<i32>) -> i32 { let b = a; a.len() as i32 }": TYPES,
    "fn f(a: Vec<i32>) -> usize { a.lenght() }": TYPES,
    "fn f(a: i32) -> i32 { let = 1; }": SYNTAX,
    "fn f(a: i32) -> i32 { a": SYNTAX,
    "fn f(a i32) { }": SYNTAX,
    "fn f(&self) { let a = ; }": SYNTAX,
    'fn f() { println!("{} {}", 1); }': TYPES,
    "fn f() { foo!(1); }": UNRESOLVED,
    "fn f() { let a = 'ab'; }": SYNTAX,
    'fn f() { let a = "b; }': SYNTAX,
    "struct A { a: i32 }\nimpl A { fn f(&self) -> i32 { self.b } }": TYPES,
    "mod a;\nfn f() {}": UNRESOLVED,
    "fn f() { unused(); let a = 1; }": UNRESOLVED,
    "impl Foo { fn f(&self) {} }": UNRESOLVED,
    "impl std::fmt::Display for Foo { fn fmt(&self, f: &mut std::fmt::Formatter) -> "
    "std::fmt::Result { Ok(()) } }": UNRESOLVED,
    "#![allow(dead_code)]\nfn f() { let a = 1; }": COMPILED,
    "fn main() { let v: Vec<u8> = Vec::new(); }": COMPILED,
    "fn f<'a>(a: &'a str) -> &'a str { a }": COMPILED,
    'unsafe extern "C" fn f(a: i32) -> i32 { a }': COMPILED,
    "": COMPILED,
}
PHP = {
    "function f(int $a): int { return $a + 1; }": COMPILED,
    "public function f(int $a): int { return $this->b; }": COMPILED,
    "public static function make(): static { return new static(parent::x()); }": UNRESOLVED,
    "abstract protected function f(): int;": UNRESOLVED,
    "public function f();": UNRESOLVED,
    "function __construct(private int $a) { parent::__construct(); }": UNRESOLVED,
    "class A extends B { function f() {} }": COMPILED,
    "final class A { function f() {} }": COMPILED,
    "abstract class A { abstract function f(); }": COMPILED,
    "readonly class A { function f() {} }": COMPILED,
    "interface A { function f(): int; }": COMPILED,
    "enum A: string { case B = 'b'; }": COMPILED,
    "$a = 1;\necho $a;": COMPILED,
    "<?php\nfunction f() { return 1; }": COMPILED,
    "<?php\nfunction f() { return 1 }": SYNTAX,
    "<html><?= $a ?></html>": COMPILED,
    "function f( { }": SYNTAX,
    "public function f() {": SYNTAX,
    "function f() { return 1; } }": SYNTAX,
    "public function f() { return 1; } }": SYNTAX,
    "<?php\nfunction f() {}\nfunction f() {}": TYPES,
    "class A { function f(); }": TYPES,
    "private const A = 1;": COMPILED,
    "protected ?int $a = null;": COMPILED,
    "static function (int $a) { return $a; };": COMPILED,
    "#[Pure]\nfinal public function f() {}": COMPILED,
    "// doc\n/** x */\nfunction &f(array &$a) { yield 1; }": COMPILED,
    "": COMPILED,
}
RUBY = {
    "def f(a)\n  a + b\nend": COMPILED,
    "def f(a)\n  a +\nend": SYNTAX,
    "class A < B; def f; end; end": COMPILED,
    "private def f = 1": COMPILED,
    "def self.f(a) = new(a)": COMPILED,
    "def f(a)": SYNTAX,
    "def f\n  unused = 1\n  (1)\nend": COMPILED,
    "": COMPILED,
}


def _needs(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None
    return pytest.mark.skipif(missing, reason=f"no {program} on this machine")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param("c", C, marks=_needs("gcc"), id="c"),
        pytest.param("cpp", CPP, marks=_needs("g++"), id="cpp"),
        pytest.param("rust", RUST, marks=_needs("rustc"), id="rust"),
        pytest.param("php", PHP, marks=_needs("php"), id="php"),
        pytest.param("ruby", RUBY, marks=_needs("ruby"), id="ruby"),
    ],
)
def test_each_text_gets_its_own_state(language: str, expected: dict[str, CompileState]) -> None:
    found = compile_units(list(expected), language, NOWHERE, jobs=2)
    states = [verdict.compile_state for verdict in found]
    assert dict(zip(expected, states, strict=True)) == expected


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        pytest.param("c", list(C), marks=_needs("gcc"), id="c"),
        pytest.param("cpp", list(CPP)[:8], marks=_needs("g++"), id="cpp"),
    ],
)
def test_a_text_gets_the_same_verdict_alone_as_among_others(
    language: str, texts: list[str]
) -> None:
    assert compile_units(texts, language, NOWHERE) == [
        compile_file(text, language, NOWHERE) for text in texts
    ]


@pytest.mark.parametrize(
    "text",
    [
        '#line 1 "unit0.c"\nint f(int a) { return b; }',
        '#include "unit0.c"\nint f(int a) { return g(a); }',
        '#\\\nline 1 "unit0.c"\nint f(int a) { return b; }',
    ],
)
@_needs("gcc")
def test_a_text_cannot_speak_for_another(text: str) -> None:
    good = "int g(int a) { return a; }"
    found = compile_units([good, text, good], "c", NOWHERE)
    assert [found[0].compile_state, found[2].compile_state] == [COMPILED, COMPILED]
    assert found[1] == compile_file(text, "c", NOWHERE)
    assert found[1].compile_state is not COMPILED


def _places(verdict: Verdict) -> list[tuple[int, int]]:
    return [(problem.line, problem.column) for problem in verdict.problems]


@pytest.mark.parametrize(
    ("language", "unit", "place"),
    [
        pytest.param(
            "cpp",
            '// Doc.\nint f() const\n{\n    return "a";\n}',
            (4, 12),
            marks=_needs("g++"),
            id="cpp",
        ),
        pytest.param(
            "rust",
            '/// Doc.\nfn f(&self) -> i32 {\n    "a"\n}',
            (3, 5),
            marks=_needs("rustc"),
            id="rust",
        ),
        pytest.param(
            "php",
            "/** Doc. */\npublic function f()\n{\n    return 1 +;\n}",
            (4, 1),
            marks=_needs("php"),
            id="php",
        ),
    ],
)
def test_a_place_is_told_in_lines_of_the_unit(
    language: str, unit: str, place: tuple[int, int]
) -> None:
    assert _places(compile_file(unit, language, NOWHERE)) == [place]


@_needs("g++")
def test_an_error_inside_a_header_is_told_of_the_line_that_uses_it() -> None:
    unit = (
        "#include <algorithm>\n#include <list>\n"
        "void f(std::list<int> a)\n{\n    std::sort(a.begin(), a.end());\n}"
    )
    said = compile_file(unit, "cpp", NOWHERE)
    assert said.compile_state is TYPES
    assert {line for line, _ in _places(said)} == {5}


@pytest.mark.parametrize(
    ("language", "usings", "unit"),
    [
        pytest.param(
            "c",
            ("string.h",),
            "size_t f(char *a) { return strlen(a); }",
            marks=_needs("gcc"),
            id="c",
        ),
        pytest.param(
            "cpp",
            ("vector", "using namespace std;"),
            "vector<int> f(int a) { return {a}; }",
            marks=_needs("g++"),
            id="cpp",
        ),
        pytest.param(
            "cpp",
            ("vector",),
            "int f(std::vector<int> a) const { return a.size(); }",
            marks=_needs("g++"),
            id="cpp-method",
        ),
        pytest.param(
            "rust",
            ("std::collections::HashMap",),
            "fn f() -> HashMap<i32, i32> { HashMap::new() }",
            marks=_needs("rustc"),
            id="rust",
        ),
        pytest.param("php", ("A\\B",), "public function f(B $a) {}", marks=_needs("php"), id="php"),
    ],
)
def test_a_lone_unit_sees_what_its_surroundings_import(
    language: str, usings: tuple[str, ...], unit: str
) -> None:
    said = compile_file(unit, language, CompileContext(usings=usings))
    assert (said.compile_state, said.problems) == (COMPILED, ())


@_needs("cobc")
def test_copybooks_of_cobol_are_found_on_the_class_path(tmp_path: Path) -> None:
    (tmp_path / "BOOK.cpy").write_text("       01 A PIC 9(4).\n")
    text = (
        "       IDENTIFICATION DIVISION.\n       PROGRAM-ID. MAIN.\n       DATA DIVISION.\n"
        "       WORKING-STORAGE SECTION.\n       COPY BOOK.\n       PROCEDURE DIVISION.\n"
        "           MOVE 3 TO A.\n           STOP RUN.\n"
    )
    found = compile_file(text, "cobol", CompileContext(class_path=(tmp_path,)))
    assert found.compile_state is COMPILED
    assert compile_file(text, "cobol", NOWHERE).compile_state is UNRESOLVED
