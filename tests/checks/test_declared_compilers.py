"""What the packs of JavaScript, TypeScript and Go say of their compilers, tried on these."""

import shutil

import pytest

from fedtranslate.checks.compile import CompileContext, compile_file, compile_units
from fedtranslate.records import CompileState, Verdict

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="no node on this machine")
needs_tsc = pytest.mark.skipif(not shutil.which("tsc"), reason="no tsc on this machine")
needs_go = pytest.mark.skipif(not shutil.which("go"), reason="no go on this machine")
NOWHERE = CompileContext()
SYNTAX, UNRESOLVED, TYPES, COMPILED, UNCHECKED = (
    CompileState.SYNTAX_ERROR,
    CompileState.UNRESOLVED_ONLY,
    CompileState.TYPE_ERROR,
    CompileState.COMPILED,
    CompileState.NOT_CHECKED,
)
JAVASCRIPT = {
    "function f(a) { return b; }": COMPILED,
    "constructor(a) { super(a); this.b = super.c(); }": COMPILED,
    "#!/usr/bin/env node\nwith (a) { b(010); }\nreturn;": COMPILED,
    "import a from 'a';\nexport const b = await a;": COMPILED,
    "import a from 'a';\nexport function b() { return await a; }": SYNTAX,
    "import a from 'a';\nwith (a) { b(); }": SYNTAX,
    "f() { return this.#a; }": UNRESOLVED,
    "class A { f() { return this.#a; } }": TYPES,
    "function (a) { return a; }": SYNTAX,
}
TYPESCRIPT = {
    "f(a: number): number { return a; }": COMPILED,
    "constructor(private a: number) { super(a, 1); console.log(this.a); }": COMPILED,
    "toString(a: number): string { return `${a}`; }": COMPILED,
    "f(): void { this.g(A.h, super.i); }": UNRESOLVED,
    "f(a: Date): void { a.g(); }": TYPES,
    "f<T>(a: T): void { a.g(); }": TYPES,
    "function parseInt(a: string): number { return +a; }": COMPILED,
    "const a = document.title;": UNRESOLVED,
    "const a: number = name;": UNRESOLVED,
    "class Own { f(): void { this.g(); } }": TYPES,
    "class Own extends Base { f(): void { this.g(); } }": UNRESOLVED,
}
GO = {
    "func f(a int) int { return a }": COMPILED,
    'import "strings"\n\nfunc f(a string) string { return strings.ToUpper(a) }': COMPILED,
    "package main\n\nfunc f() {}": COMPILED,
    "package bank_test\n\nfunc f() {}": COMPILED,
    'package main\n\nimport "fmt"\n\nfunc f() { fmt.Foo() }': TYPES,
    "func f(a *A) int { return a.b() }": UNRESOLVED,
    "func f(a []int) int { return a.b() }": TYPES,
    "func f() rune { return 'ab' }": SYNTAX,
    'package documentation\n\nfunc f() int { return "a" }': UNCHECKED,
}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param("javascript", JAVASCRIPT, marks=needs_node, id="javascript"),
        pytest.param("typescript", TYPESCRIPT, marks=needs_tsc, id="typescript"),
        pytest.param("go", GO, marks=needs_go, id="go"),
    ],
)
def test_each_text_gets_its_own_state(language: str, expected: dict[str, CompileState]) -> None:
    found = compile_units(list(expected), language, NOWHERE)
    states = [verdict.compile_state for verdict in found]
    assert dict(zip(expected, states, strict=True)) == expected


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        pytest.param("javascript", list(JAVASCRIPT), marks=needs_node, id="javascript"),
        pytest.param("typescript", list(TYPESCRIPT)[3:6], marks=needs_tsc, id="typescript"),
    ],
)
def test_a_text_gets_the_same_verdict_alone_as_among_others(
    language: str, texts: list[str]
) -> None:
    assert compile_units(texts, language, NOWHERE) == [
        compile_file(text, language, NOWHERE) for text in texts
    ]


def _only(verdict: Verdict) -> tuple[int, int]:
    (problem,) = verdict.problems
    return problem.line, problem.column


@needs_tsc
def test_a_place_is_told_in_lines_of_the_unit() -> None:
    unit = "// Doc.\nprivate f(): number {\n  return 'a';\n}"
    assert _only(compile_file(unit, "typescript", NOWHERE)) == (3, 3)


@needs_go
def test_what_the_surroundings_import_is_no_fault_of_the_unit() -> None:
    context = CompileContext(usings=("fmt", "os"))
    used = compile_file("func f() {\n\tfmt.Println(os.Args)\n}", "go", context)
    unused = compile_file("func f() {\n\tfmt.Println(1)\n}", "go", context)
    wrong = compile_file("func f() {\n\tfmt.Println(1)\n\tos.Exit(true)\n}", "go", context)
    own = compile_file('import "io"\n\nfunc f() {\n\tfmt.Println(os.Args)\n}', "go", context)
    assert used.compile_state is COMPILED
    assert unused.compile_state is UNRESOLVED
    assert wrong.compile_state is TYPES
    assert own.compile_state is TYPES
    assert _only(own) == (1, 8)
