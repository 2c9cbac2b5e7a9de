"""What a compiler is too old to read is not checked, and not called wrong."""

import shutil
from pathlib import Path

import pytest

from fedtranslate.checks.beyond import unreadable, weighed
from fedtranslate.checks.compile import CompileContext, compile_file
from fedtranslate.checks.project import check_project
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CompileState, Problem, Verdict

needs_mcs = pytest.mark.skipif(not shutil.which("mcs"), reason="no mcs on this machine")
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="no node on this machine")
BEYOND = {
    "csharp": [
        "namespace Bank;\npublic class A { }",
        "global using System;\nclass A { }",
        "public record Money(int Cents);",
        "public string Name { get; init; }",
        "void F() { using var a = new A(); }",
        "int F(object a) => a switch { int b => b, _ => 0 };",
        "int F(object a) { switch (a) { case int b: return b; } return 0; }",
        "bool F(object a) => a is not null;",
        "void F() { List<int> a = new(); a ??= null; }",
        "int F(int[] a) => a[^1];",
    ],
    "java": [
        "int f(Object a) { return switch (a) { case Money(int b) -> b; default -> 0; }; }",
        "int f(Object a) { return switch (a) { case String b -> 1; default -> 0; }; }",
    ],
    "javascript": ["const a = <div>b</div>;", "const a = <B />;"],
    "kotlin": ["fun interface A { fun f(): Int }", "fun f(\n    a: Int,\n): Int = a"],
    "php": ["<?php\nclass A { public string $b { get => 1; } }"],
    "python": ["type A = int", "def f[T](a: T) -> T:\n    return a"],
}
KNOWN = {
    "csharp": [
        "int F(int a) { var b = default(int); using (var c = D()) { return a ?? b; } }",
        "int F(object a) { switch (a) { case 1: return 1; } return a is int b ? b : 0; }",
    ],
    "java": ["int f(int a) { return switch (a) { case 1, 2 -> 3; default -> 0; }; }"],
    "javascript": ["const a = b < c;"],
    "kotlin": ["interface A { fun f(a: Int): Int }\nsealed class B", "fun f() = g(1, 2)"],
    "php": ["<?php\nclass A { const B = 1; public string $b = ''; }"],
    "python": ["def f(a: int) -> int:\n    return a"],
}
REFUSED = Verdict(False, CompileState.SYNTAX_ERROR, "", (Problem(1, 1, "unexpected"),))


def pairs(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, text) for language, some in texts.items() for text in some]


@pytest.mark.parametrize(("language", "text"), pairs(BEYOND))
def test_what_a_compiler_may_be_too_old_for_is_not_checked(language: str, text: str) -> None:
    found = weighed(text, REFUSED, load_pack(language))
    assert found.compile_state is CompileState.NOT_CHECKED
    assert "it says of line 1: unexpected" in found.reason


@pytest.mark.parametrize(("language", "text"), pairs(KNOWN))
def test_what_every_compiler_reads_is_no_excuse(language: str, text: str) -> None:
    assert weighed(text, REFUSED, load_pack(language)) is REFUSED


def test_broken_code_is_no_excuse_and_other_verdicts_stay() -> None:
    pack = load_pack("csharp")
    assert unreadable("int F(object a) => a switch { int b => 1;", pack) == ""
    wrong = Verdict(True, CompileState.TYPE_ERROR)
    assert weighed(BEYOND["csharp"][0], wrong, pack) is wrong


@needs_mcs
@pytest.mark.parametrize("text", [*BEYOND["csharp"], "string? F(string? a) { return a; }"])
def test_new_csharp_is_not_called_wrong_by_mcs(text: str) -> None:
    found = compile_file(text, "csharp", CompileContext())
    assert found.compile_state is CompileState.NOT_CHECKED, found


@needs_node
def test_jsx_is_not_called_wrong_by_node() -> None:
    found = compile_file("export const a = <div>b</div>;", "javascript", CompileContext())
    assert found.compile_state is CompileState.NOT_CHECKED


@needs_mcs
def test_a_project_of_new_csharp_is_not_called_wrong(tmp_path: Path) -> None:
    (tmp_path / "A.cs").write_text("namespace Bank;\nclass A { int F() => 1; }\n")
    found = check_project(tmp_path, "csharp")
    assert found.state is CompileState.NOT_CHECKED
    assert "`namespace Bank;`" in found.reason
    (tmp_path / "B.cs").write_text("class B { int F() { return 1 } }\n")
    assert check_project(tmp_path, "csharp").state is CompileState.SYNTAX_ERROR
