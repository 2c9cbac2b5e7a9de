import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedtranslate.checks import csharp, jvm, sandbox
from fedtranslate.checks.compile import CompileContext, compile_file, compile_units
from fedtranslate.checks.verdicts import check
from fedtranslate.errors import CheckError, UnknownNameError
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.records import CompileState, Verdict

needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on this machine")
needs_mcs = pytest.mark.skipif(not shutil.which("mcs"), reason="no mcs on this machine")
BOTH = [pytest.param("java", marks=needs_java), pytest.param("csharp", marks=needs_mcs)]
NOWHERE = CompileContext()
GOOD = "class A { }"
SYNTAX, UNRESOLVED, TYPES, COMPILED, UNCHECKED = (
    CompileState.SYNTAX_ERROR,
    CompileState.UNRESOLVED_ONLY,
    CompileState.TYPE_ERROR,
    CompileState.COMPILED,
    CompileState.NOT_CHECKED,
)
UNITS = {
    "int f(int a) { return a + 1; }": COMPILED,
    "int f(int a) { return b; }": UNRESOLVED,
    "Foo f(Bar a) { return a.Baz(); }": UNRESOLVED,
    "int f(int a) { return true; }": TYPES,
    "int f(int a) { if (a > 1) { return 1; } }": TYPES,
    "int f(int a) { Foo c; int b = true; return a; }": TYPES,
    "int f( { }": SYNTAX,
    "": COMPILED,
    "Foo(int a) { int b = a; }": COMPILED,
    "int f();": UNRESOLVED,
    "int f(int a) { return f(a, 2); }": UNRESOLVED,
}


def states(verdicts: list[Verdict]) -> list[CompileState]:
    return [verdict.compile_state for verdict in verdicts]


@pytest.mark.parametrize("language", BOTH)
def test_each_unit_gets_its_own_state(language: str) -> None:
    found = compile_units(list(UNITS), language, NOWHERE)
    assert dict(zip(UNITS, states(found), strict=True)) == UNITS


@pytest.mark.parametrize("language", BOTH)
def test_a_unit_gets_the_same_verdict_alone_as_among_others(language: str) -> None:
    texts = list(UNITS)
    assert compile_units(texts, language, NOWHERE) == [
        compile_file(text, language, NOWHERE) for text in texts
    ]


@needs_java
def test_java_units_are_not_blamed_for_the_class_they_lack() -> None:
    texts = [
        "@Override public String name(Foo a) { return super.name(a); }",
        "Foo(int a) { super(a, 1); }",
        "Foo() { this(1, 2); }",
        "abstract int f();",
        "default int f() { return 1; }",
        "public static <T> Foo<T> of() { return new Foo<>(); }",
    ]
    assert set(states(compile_units(texts, "java", NOWHERE))) == {UNRESOLVED}


@needs_mcs
def test_csharp_units_are_not_blamed_for_the_class_they_lack() -> None:
    texts = [
        "public override string Name(Foo a) { return base.Name(a); }",
        "Foo(int a) : base(a, 1) { }",
        "Foo() : this(1, 2) { }",
        "public abstract int F();",
        "public static int F(this int a) { return a; }",
        "public static bool operator <(X a, X b) { return true; }",
        "public X<int> F() { return null; }",
        "public override bool Equals(object o) { Foo f = o as Bar; return f.x && o is Foo; }",
    ]
    assert set(states(compile_units(texts, "csharp", NOWHERE))) == {UNRESOLVED}


@pytest.mark.parametrize("language", BOTH)
def test_problems_are_in_lines_of_the_unit(language: str) -> None:
    context = CompileContext(usings=("System",) if language == "csharp" else ("java.util.*",))
    text = "int f(int a) {\n  int b = a;\n  é();  return true;\n}"
    (verdict,) = compile_units([text], language, context)
    places = {(problem.line, problem.column) for problem in verdict.problems}
    assert places == {(3, 3), (3, 16)}
    assert {problem.excerpt for problem in verdict.problems} == {"é();  return true;"}
    assert all(problem.code for problem in verdict.problems)


@pytest.mark.parametrize("language", BOTH)
def test_imports_and_the_container_are_used(language: str) -> None:
    name, text = {
        "java": ("java.util.List", "List<Foo> f(Foo a) { return null; }"),
        "csharp": ("System.Collections.Generic", "List<Foo> f(Foo a) { return null; }"),
    }[language]
    line = f"import {name};" if language == "java" else f"using {name};"
    for usings in ((name,), (line,)):
        context = CompileContext(usings=usings, container="Outer.Foo")
        assert states(compile_units([text], language, context)) == [COMPILED]
    assert states(compile_units([text], language, NOWHERE)) == [UNRESOLVED]


@needs_java
def test_java_files_are_compiled_against_sources_below_the_class_path(tmp_path: Path) -> None:
    package = tmp_path / "module" / "src" / "org" / "example"
    package.mkdir(parents=True)
    (package / "Money.java").write_text(
        "package org.example; public class Money { public int cents; Missing m; }"
    )
    context = CompileContext(class_path=(tmp_path,))
    file = "package org.example;\npublic class Purse {\n  int f(Money m) { return m.%s; }\n}\n"
    assert compile_file(file % "cents", "java", context) == Verdict(True, COMPILED)
    assert compile_file(file % "euros", "java", context).compile_state is UNRESOLVED
    assert compile_file(file % "cents + true", "java", context).compile_state is TYPES
    assert compile_file(file % "cents", "java", NOWHERE).compile_state is UNRESOLVED


@needs_mcs
def test_csharp_files_are_compiled_against_what_of_the_class_path_compiles(tmp_path: Path) -> None:
    (tmp_path / "Money.cs").write_text("namespace E { public class Money { public int Cents; } }")
    (tmp_path / "Broken.cs").write_text("namespace E { public class B { Missing m; } }")
    (tmp_path / "NeedsBroken.cs").write_text("namespace E { public class C { B b; } }")
    context = CompileContext(class_path=(tmp_path,))
    file = "using E;\npublic class Purse {\n  int F(Money m) { return m.%s; }\n}\n"
    assert compile_file(file % "Cents", "csharp", context) == Verdict(True, COMPILED)
    assert compile_file(file % "Euros", "csharp", context).compile_state is UNRESOLVED
    assert compile_file(file % "Cents + true", "csharp", context).compile_state is TYPES
    assert compile_file(file % "Cents", "csharp", NOWHERE).compile_state is UNRESOLVED
    (tmp_path / "Money.cs").write_text("namespace E { public class Money { public int Euros; } }")
    assert compile_file(file % "Euros", "csharp", context).compile_state is COMPILED


@needs_mcs
def test_all_folders_of_a_class_path_are_one_library_with_its_internals(tmp_path: Path) -> None:
    for name in ("app", "base"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "B.cs").write_text("public class B { internal static int Cents; }")
    (tmp_path / "app" / "A.cs").write_text("public class A : B { }")
    context = CompileContext(class_path=(tmp_path / "app", tmp_path / "base", tmp_path))
    assert compile_file("class U { int F() { return A.Cents; } }", "csharp", context) == Verdict(
        True, COMPILED
    )


@needs_mcs
def test_a_csharp_unit_cannot_put_its_errors_on_another() -> None:
    good = "int f() { return 1; }"
    evil = [
        '#line 1 "unit0.cs"\nint f() { return true; }',
        "int f() { return 1; } } class X { int g() { return true; }",
        "int f() { return 1; } } } namespace FedtranslateUnit0 { class X { int f() { return 1; }",
    ]
    found = compile_units([good, *evil, good], "csharp", NOWHERE)
    assert states(found)[0] is states(found)[-1] is COMPILED
    assert states(found)[1] is TYPES


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("text", ["a\0b", "}}}}", "\ud800", "/*", '"', "#if", "@\\u0022"])
def test_hostile_texts_do_not_disturb_the_others(text: str, language: str) -> None:
    good = "int f() { return 1; }"
    found = compile_units([good, text, good], language, NOWHERE)
    assert states(found)[0] is states(found)[2] is COMPILED
    assert states(found)[1] is not COMPILED


@pytest.mark.parametrize("language", BOTH)
def test_what_breaks_the_compiler_is_not_checked_and_the_rest_goes_on(language: str) -> None:
    deep = "int f() { return " + "(" * 50_000 + "1" + ")" * 50_000 + "; }"
    found = compile_units([deep, "int f() { return 1; }"], language, NOWHERE)
    assert states(found)[1] is COMPILED
    assert states(found)[0] in (UNCHECKED, COMPILED)
    if states(found)[0] is UNCHECKED:
        assert "crashed" in found[0].reason


@pytest.mark.parametrize(("language", "advice"), [("java", "openjdk"), ("csharp", "mono-mcs")])
def test_without_a_compiler_the_verdict_says_what_to_install(
    language: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "find_program", lambda _: None)
    (verdict,) = compile_units(["int f() { return 1; }"], language, NOWHERE)
    assert verdict.compile_state is UNCHECKED
    assert advice in verdict.reason


def test_a_declared_compiler_gives_states_and_places() -> None:
    texts = ["def f(a):\n    return a\n", "def f(a):\n    return )\n", "def f(a):\nreturn a\n"]
    verdicts = compile_units(texts, "python", NOWHERE)
    assert states(verdicts) == [COMPILED, SYNTAX, SYNTAX]
    assert [(v.problems[0].line, v.problems[0].code) for v in verdicts[1:]] == [
        (2, "SyntaxError"),
        (2, "IndentationError"),
    ]


def test_an_unknown_language_has_no_compiler() -> None:
    with pytest.raises(UnknownNameError):
        compile_units([], "no-such-language", NOWHERE)


@needs_java
def test_one_jvm_serves_all_and_is_replaced_when_it_hangs() -> None:
    source = load_pack("java").folder / "CompileServer.java"
    server = jvm.CompileServer(Path(shutil.which("java") or ""), source, timeout_seconds=5)
    try:
        assert server.ask("", "", [GOOD]) != [None]
        first = server.pid
        assert server.ask("", "", [GOOD]) != [None]
        assert server.pid == first
        assert first is not None
        for pid in sandbox.members(first):
            os.kill(pid, signal.SIGSTOP)
        assert server.ask("", "", [GOOD]) == [None]
        assert server.ask("", "", [GOOD]) != [None]
        assert server.pid not in (None, first)
    finally:
        server.close()


@needs_java
def test_a_jvm_that_cannot_compile_is_reported(tmp_path: Path) -> None:
    server = jvm.CompileServer(Path("/bin/false"), tmp_path / "None.java")
    with pytest.raises(CheckError, match="JDK"):
        server.ask("", "", [GOOD])


@needs_java
def test_the_jvm_ends_with_its_parent() -> None:
    code = (
        "from fedtranslate.checks import jvm, sandbox\n"
        "from fedtranslate.languages.registry import load_pack\n"
        "pack = load_pack('java')\n"
        "source = pack.folder / 'CompileServer.java'\n"
        "server = jvm.compile_server(sandbox.find_program('java'), source)\n"
        "server.ask('', '', ['class A { }'])\n"
        "print(server.pid, flush=True)\n"
        "import os; os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@needs_java
def test_no_annotation_processor_of_the_class_path_is_run(tmp_path: Path) -> None:
    (tmp_path / "Evil.java").write_text(
        "import javax.annotation.processing.*; import com.sun.source.util.*;"
        "public class Evil extends AbstractProcessor implements Plugin {"
        f'static {{ try {{ new java.io.File("{tmp_path}/pwned").createNewFile(); }}'
        "catch (Exception e) { } }"
        'public boolean autoStart() { return true; } public String getName() { return "e"; }'
        "public void init(JavacTask t, String... a) { }"
        "public boolean process(java.util.Set<? extends javax.lang.model.element.TypeElement> a,"
        "RoundEnvironment e) { return false; } }"
    )
    subprocess.run(["javac", "-proc:none", "Evil.java"], cwd=tmp_path, check=True)
    services = tmp_path / "META-INF" / "services"
    services.mkdir(parents=True)
    (services / "javax.annotation.processing.Processor").write_text("Evil\n")
    (services / "com.sun.source.util.Plugin").write_text("Evil\n")
    subprocess.run(
        ["javac", "-cp", ".", "-d", "out", "-proc:none", "Evil.java"], cwd=tmp_path, check=False
    )
    assert (tmp_path / "pwned").exists()  # a plain javac is caught even with -proc:none
    (tmp_path / "pwned").unlink()
    context = CompileContext(class_path=(tmp_path,))
    assert compile_file("@Deprecated class A { }", "java", context).compile_state is COMPILED
    assert not (tmp_path / "pwned").exists()


@needs_mcs
def test_the_whole_verdict_parses_first_and_compiles_what_parses() -> None:
    texts = ["int f() { return 1; }", "int f( {", "", "int f() { return a; }"]
    found = check(texts, "csharp", context=NOWHERE)
    assert [verdict.parses for verdict in found] == [True, False, False, True]
    assert states(found) == [COMPILED, SYNTAX, SYNTAX, UNRESOLVED]
    with ParseWorker() as worker:
        assert check(texts, "csharp", context=NOWHERE, worker=worker) == found


def test_without_a_context_nothing_is_compiled() -> None:
    found = check(["int f() { return 1; }", "int f( {"], "java", context=None)
    assert [verdict.parses for verdict in found] == [True, False]
    assert set(states(found)) == {UNCHECKED}


def test_error_lines_of_mcs_are_understood() -> None:
    said = (
        "unit1.cs(3,7): error CS1502: The best match for `FedtranslateUnit1.A.f(int)' is bad\n"
        "unit1.cs(1,2): (Location of the symbol related to previous error)\n"
        "unit1.cs(3,9): error CS1503: Argument `#1' cannot convert\n"
        "unit2.cs(1,1): error CS0246: Who? Are you missing `FedtranslateUnit1' using directive?\n"
        "noise\n"
    )
    errors = csharp._errors(said)
    assert [error.problem.message for error in errors["unit1.cs"]] == [
        "The best match for `A.f(int)' is bad",
        "Argument `#1' cannot convert",
    ]
    assert [error.related for error in errors["unit1.cs"]] == ["unit1.cs", "unit1.cs"]
    assert errors["unit2.cs"][0].problem.message == "Who?"
