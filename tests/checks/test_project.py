import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fedtranslate.checks import project, sandbox
from fedtranslate.checks.build import ProjectVerdict, fits, run_build
from fedtranslate.checks.copying import project_files
from fedtranslate.checks.project import EACH_FILE, check_project, languages_in
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import BuildTable
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CompileState

needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on this machine")
needs_mcs = pytest.mark.skipif(not shutil.which("mcs"), reason="no mcs on this machine")
needs_maven = pytest.mark.skipif(not shutil.which("mvn"), reason="no Maven on this machine")
needs_mypy = pytest.mark.skipif(not shutil.which("mypy"), reason="no mypy on this machine")
POM = (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    "<groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>"
)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def places(verdict: ProjectVerdict) -> list[tuple[str, int]]:
    return [(one.path, one.problem.line) for one in verdict.problems]


def script(text: str, **keys: object) -> BuildTable:
    values = {
        "name": "script",
        "sources": ("*",),
        "error": r"^(?P<file>\S+):(?P<line>\d+): (?P<message>.*)$",
    }
    return BuildTable.model_validate({**values, "command": ("sh", "-c", text), **keys})


def built(text: str, folder: Path, **keys: object) -> ProjectVerdict | str:
    return run_build(script(text, **keys), folder, load_pack("python"), (), None)


@needs_java
@pytest.mark.parametrize(
    ("purse", "state", "line"),
    [
        ("class Purse { int f(Money m) { return m.cents; } }", "compiled", 0),
        ("class Purse {\n int f(Money m) { return m.euros; } }", "unresolved_only", 2),
        ("class Purse {\n int f(Money m) {\n return true; } }", "type_error", 3),
        ("class Purse { int f( { }", "syntax_error", 1),
    ],
)
def test_a_plain_folder_of_java_is_one_compilation(
    purse: str, state: str, line: int, tmp_path: Path
) -> None:
    write(tmp_path, {"a/Money.java": "class Money { int cents; }", "b/Purse.java": purse})
    before = content(tmp_path)
    found = check_project(tmp_path, "java")
    assert (found.build, found.state, found.files) == ("javac", state, 2)
    assert set(places(found)) == ({("b/Purse.java", line)} if line else set())
    assert content(tmp_path) == before


@needs_mcs
def test_a_project_of_csharp_is_compiled_by_mcs_where_dotnet_is_missing(tmp_path: Path) -> None:
    if shutil.which("dotnet"):
        pytest.skip("dotnet is here")
    text = "class Purse {\n  int F(Money m) { return true; } }"
    write(tmp_path, {"a.csproj": "<Project/>", "x/M.cs": "class Money { }", "P.cs": text})
    found = check_project(tmp_path, "csharp")
    assert (found.build, found.state) == ("mcs", CompileState.TYPE_ERROR)
    assert places(found) == [("P.cs", 2)]
    assert found.problems[0].problem.excerpt == "int F(Money m) { return true; } }"
    assert any("dotnet was not found" in note for note in found.notes)


@needs_java
@needs_maven
def test_where_maven_lacks_its_plugins_javac_compiles_and_the_verdict_says_so(
    tmp_path: Path,
) -> None:
    main, test = "src/main/java/A.java", "src/test/java/ATest.java"
    files = {"pom.xml": POM, main: "class A { }", test: "class ATest { junit.Missing m; }"}
    found = check_project(write(tmp_path, files), "java")
    assert (found.build, found.state) == ("javac", CompileState.COMPILED)
    assert any(note.startswith("Maven could not start: ") for note in found.notes)


@needs_mypy
def test_a_type_checker_that_the_project_configures_is_asked(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": "[tool.mypy]\nstrict = true\n",
        "a.py": "def f(a: int) -> str:\n    return a\n",
    }
    found = check_project(write(tmp_path, files), "python")
    assert (found.build, found.state) == ("mypy", CompileState.TYPE_ERROR)
    assert places(found) == [("a.py", 2)]
    assert found.problems[0].problem.code == "return-value"
    (tmp_path / "a.py").write_text("import nothing_known\n\nx = nothing_known.y\n")
    assert check_project(tmp_path, "python").state == "unresolved_only"
    (tmp_path / "a.py").write_text("def f(:\n")
    assert check_project(tmp_path, "python").state == "syntax_error"
    (tmp_path / "a.py").write_text("x = 1\n")
    assert check_project(tmp_path, "python").state == "compiled"


BUILDS = {
    "go build": (
        "go",
        {"go.mod": "module m\n\ngo 1.18\n", "a/a.go": "package a\n\nfunc F() int { return G() }\n"},
        {"a/b.go": "package a\n\nfunc G() int { return true }\n"},
        ("type_error", "a/b.go", 3),
    ),
    "go build without modules": (
        "go",
        {"a.go": "package a\n\nfunc F() int { return G() }\n"},
        {"b.go": "package a\n\nfunc H() int { return 1 }\n"},
        ("unresolved_only", "a.go", 3),
    ),
    "Cargo": (
        "rust",
        {"Cargo.toml": '[package]\nname = "m"\nversion = "0.1.0"\n', "src/lib.rs": "mod a;\n"},
        {"src/a.rs": "fn f() -> i32 {\n    true\n}\n"},
        ("type_error", "src/a.rs", 2),
    ),
    "rustc": (
        "rust",
        {"src/main.rs": "mod a;\nfn main() {}\n"},
        {"src/a.rs": "fn f() -> i32 { x }\n"},
        ("unresolved_only", "src/a.rs", 1),
    ),
    "tsc with tsconfig.json": (
        "typescript",
        {"tsconfig.json": '{"compilerOptions": {"strict": true}}', "a.ts": "export const a = 1;\n"},
        {"x/b.ts": "import { a } from '../a';\nconst b: string = a;\n"},
        ("type_error", "x/b.ts", 2),
    ),
    "tsc": (
        "typescript",
        {"a.ts": "export const a = 1;\n", "node_modules/m/i.ts": "let x: string = 1;\n"},
        {"b.ts": "import { a } from './a';\nexport const b: string = a +;\n"},
        ("syntax_error", "b.ts", 2),
    ),
    "make": (
        "c",
        {"Makefile": "all: a.o b.o\n", "a.c": "int a;\n"},
        {"b.c": "\nint b = x;\n"},
        ("unresolved_only", "b.c", 2),
    ),
    "gcc": (
        "c",
        {"lib/a.h": "int a(void);\n", "lib/a.c": '#include "a.h"\nint b(void) { return a(); }\n'},
        {"c.c": '#include "lib/a.h"\nint *c(void) { return a(); }\n'},
        ("type_error", "c.c", 2),
    ),
    "CMake": (
        "cpp",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\n"
            "project(m)\nadd_library(m a.cpp)\n"
        },
        {"a.cpp": "int f() {\n  return 1 1;\n}\n"},
        ("syntax_error", "a.cpp", 2),
    ),
}


@pytest.mark.parametrize("build", BUILDS)
def test_the_build_of_a_project_is_found_and_says_where_it_is_wrong(
    build: str, tmp_path: Path
) -> None:
    language, right, wrong, (state, file, line) = BUILDS[build]
    table = next(one for one in load_pack(language).builds if one.name == build)
    if not shutil.which(table.tool or table.command[0]):
        pytest.skip(f"no {table.tool or table.command[0]} on this machine")
    write(tmp_path, {**right, **wrong})
    found = check_project(tmp_path, language)
    assert (found.build, found.state) == (build, state), found
    assert places(found)[:1] == [(file, line)]
    assert found.files == sum(
        Path(name).suffix in load_pack(language).extensions and "node_modules" not in name
        for name in (*right, *wrong)
    )


@pytest.mark.skipif(not shutil.which("rustc"), reason="no rustc on this machine")
def test_a_library_of_rust_needs_no_main_where_cargo_cannot_start(tmp_path: Path) -> None:
    write(tmp_path, {"src/lib.rs": "mod a;\n", "src/a.rs": "pub fn f() -> i32 { 1 }\n"})
    found = check_project(tmp_path, "rust")
    assert (found.build, found.state, found.problems) == ("rustc", CompileState.COMPILED, ())


@pytest.mark.skipif(not shutil.which("go"), reason="no go on this machine")
def test_tests_of_go_are_compiled_and_not_run(tmp_path: Path) -> None:
    test = 'package m\n\nimport "testing"\n\nfunc TestF(t *testing.T) { %s }\n'
    files = {"go.mod": "module m\n\ngo 1.18\n", "a.go": "package m\n\nfunc F() int { return 1 }\n"}
    write(tmp_path, {**files, "a_test.go": test % 'if F() != 1 { t.Fatal("no") }; panic(1)'})
    assert check_project(tmp_path, "go").state is CompileState.COMPILED
    write(tmp_path, {"a_test.go": test % 'if F() != "a" { t.Fatal("no") }'})
    found = check_project(tmp_path, "go")
    assert (found.state, places(found)) == (CompileState.TYPE_ERROR, [("a_test.go", 5)])


def test_without_a_build_each_file_is_compiled_for_itself(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.other]", "a/x.py": "x = 1\n", "b.py": "\nx = )\n"})
    found = check_project(tmp_path, "python")
    assert (found.build, found.state, found.files) == (EACH_FILE, CompileState.SYNTAX_ERROR, 2)
    assert places(found) == [("b.py", 2)]


def test_a_tool_that_is_missing_is_named_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "find_program", lambda _: None)
    write(tmp_path, {"pom.xml": POM, "A.java": "class A { }"})
    found = check_project(tmp_path, "java")
    assert found.state is CompileState.NOT_CHECKED
    assert "openjdk" in found.reason
    assert any("apt-get install maven" in note for note in found.notes)


def test_a_build_cannot_change_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b/c": "2"})
    (tmp_path / "b" / "link").symlink_to("c")
    before = content(tmp_path)
    said = built("rm -r b; echo x > a; touch new; echo a:7: gone >&2; exit 1", tmp_path)
    assert isinstance(said, ProjectVerdict)
    assert places(said) == [("a", 7)]
    assert content(tmp_path) == before


def test_links_out_of_the_project_pipes_and_version_control_are_not_copied(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    write(tmp_path / "p", {"a": "1", ".git/config": "x"})
    os.mkfifo(tmp_path / "p" / "pipe")
    (tmp_path / "p" / "out").symlink_to("../secret")
    (tmp_path / "p" / "absolute").symlink_to(tmp_path / "p" / "a")
    (tmp_path / "p" / "in").symlink_to("a")
    said = built('for f in * .git; do [ -e "$f" ] && echo $f:1: x; done; exit 1', tmp_path / "p")
    assert isinstance(said, ProjectVerdict)
    assert sorted(path for path, _ in places(said)) == ["a", "in"]


def test_links_that_lead_to_themselves_are_no_crash(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1"})
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "round").symlink_to("self")
    said = built("echo a:1: x; exit 1", tmp_path)
    assert isinstance(said, ProjectVerdict)
    assert places(said) == [("a", 1)]


def test_a_build_may_name_any_file_and_leave_any(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1"})
    made = "ln -s loop loop; ln -s a ok; mkdir d; mkfifo f; "
    long = "printf 'n%.0s' $(seq 300); echo :1: x; "
    said = built(
        made + long + "for f in loop d f ok 'a\\0b'; do printf \"$f:1: x\\n\"; done; exit 1",
        tmp_path,
    )
    assert isinstance(said, ProjectVerdict)
    assert [one.problem.excerpt for one in said.problems if one.problem.excerpt] == ["1"]


def test_what_a_migration_keeps_for_itself_is_not_copied(tmp_path: Path) -> None:
    folder = write(tmp_path, {"A.cs": "", ".fedtranslate/tree/A.cs": ""})
    assert [file.name for file in project_files(folder)] == ["A.cs"]


def test_a_build_that_hangs_or_says_nothing_readable_checks_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": ""})
    hung = built("sleep 60", tmp_path, seconds=0.5)
    silent = built("exit 3", tmp_path)
    odd = built("echo 'all is \x1b[31mlost'; exit 3", tmp_path)
    for said, reason in ((hung, "did not end"), (silent, "nothing"), (odd, "all is lost")):
        assert isinstance(said, ProjectVerdict)
        assert said.state is CompileState.NOT_CHECKED
        assert reason in said.reason


def test_what_says_that_a_build_cannot_start_is_returned(tmp_path: Path) -> None:
    write(tmp_path, {"a": ""})
    text = "echo fine; echo the plugin is missing; exit 1"
    assert built(text, tmp_path, cannot_start="plugin") == "the plugin is missing"
    said = built(text.replace("1", "0"), tmp_path, cannot_start="plugin")
    assert isinstance(said, ProjectVerdict)
    assert said.state is CompileState.COMPILED


def test_names_of_files_cannot_become_options_or_leave_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"-rf": "", 'a" "-J-Xmx1': "", "ok": ""})
    said = built(
        'cat "$0"; exit 1',
        tmp_path,
        command=("sh", "-c", 'for f; do echo "$f:1: x"; done; exit 1', "sh", "{files}"),
    )
    assert isinstance(said, ProjectVerdict)
    assert sorted(path for path, _ in places(said)) == ["-rf", "ok"]
    escaping = built("echo ../../../etc/passwd:1: x; exit 1", tmp_path)
    assert isinstance(escaping, ProjectVerdict)
    assert escaping.problems[0].problem.excerpt == ""


def test_only_the_downloads_of_the_tool_are_named_to_it(tmp_path: Path) -> None:
    write(tmp_path / "p", {"a": ""})
    build = script(
        'echo "$DOWNLOADS:1: $#"; exit 1',
        command=("sh", "-c", 'echo "x:1: <$DOWNLOADS> $#"; exit 1', "sh", "{home}/.m2"),
        environment={"DOWNLOADS": "{home}/.m2"},
        home=(".m2",),
    )
    home = tmp_path / "home"
    home.mkdir()
    said = []
    for _ in range(2):
        found = run_build(build, tmp_path / "p", load_pack("python"), (), home)
        assert isinstance(found, ProjectVerdict)
        said.append(found.problems[0].problem.message)
        (home / ".m2").mkdir(exist_ok=True)
    assert said == ["<> 0", f"<{home}/.m2> 1"]


def test_a_marker_may_ask_for_what_is_in_the_file(tmp_path: Path) -> None:
    build = script("", markers={"*.toml": r"^\[tool\.x\]"})
    assert not fits(build, tmp_path)
    (tmp_path / "a.toml").write_text("# [tool.x]\n")
    assert not fits(build, tmp_path)
    (tmp_path / "b.toml").write_text("[other]\n[tool.x]\n")
    assert fits(build, tmp_path)


def test_the_languages_of_a_project_come_by_number_of_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b/c.py": "", "D.java": "", "notes.txt": "", ".git/x.cs": ""})
    write(tmp_path, {"node_modules/m/x.js": "", "venv/lib/y.rb": ""})
    (tmp_path / "zero.c").symlink_to("/dev/zero")
    assert languages_in(tmp_path) == ["python", "java"]


def test_a_project_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fedtranslate.checks import copying

    write(tmp_path, {str(index): "" for index in range(5)})
    monkeypatch.setattr(copying, "MAX_FILES", 4)
    with pytest.raises(CheckError, match="more than 4 files"):
        built("true", tmp_path)


def test_the_first_build_that_can_start_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": ""})
    builds = (
        script("", name="other", markers={"nowhere": ""}),
        script("echo stuck; exit 1", name="first", cannot_start="stuck"),
        script("", name="missing", tool="no-such-tool", help="get it"),
        script("true", name="last"),
    )
    pack = replace(load_pack("python"), builds=builds)

    def load(_: str) -> LanguagePack:
        return pack

    monkeypatch.setattr(project, "load_pack", load)
    found = check_project(tmp_path, "python")
    assert (found.build, found.state) == ("last", CompileState.COMPILED)
    assert found.notes == (
        "first could not start: stuck",
        "missing: no-such-tool was not found; get it",
    )
