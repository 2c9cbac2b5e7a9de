"""Compilers of all kinds run in the sandbox, wherever they are installed."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from fedtranslate.checks.sandbox import Limits, run
from fedtranslate.checks.sandbox.toolchains import Toolchain, toolchain

ROOMY = Limits(seconds=200, memory_bytes=None)
JAVA = 'class A { public static void main(String[] a) { System.out.println("works"); } }'
CSHARP = 'class A { static void Main() { System.Console.WriteLine("works"); } }'
GO = 'package main\n\nfunc main() { println("works") }\n'
COBOL = (
    "       IDENTIFICATION DIVISION.\n       PROGRAM-ID. A.\n"
    '       PROCEDURE DIVISION.\n           DISPLAY "works".\n           STOP RUN.\n'
)
COMPILERS = {
    "javac": ("A.java", JAVA, "javac A.java && java A"),
    "mcs": ("a.cs", CSHARP, "mcs a.cs && mono a.exe"),
    "gcc": ("a.c", '#include <stdio.h>\nint main() { puts("works"); }', "gcc a.c && ./a.out"),
    "g++": (
        "a.cc",
        '#include <iostream>\nint main() { std::cout << "works"; }',
        "g++ a.cc && ./a.out",
    ),
    "go": ("a.go", GO, "go build -o a a.go && ./a"),
    "rustc": ("a.rs", 'fn main() { println!("works") }', "rustc a.rs && ./a"),
    "php": ("a.php", '<?php echo "works";', "php -l a.php && php a.php"),
    "ruby": ("a.rb", 'puts "works"', "ruby -c a.rb && ruby a.rb"),
    "node": ("a.js", 'console.log("works")', "node --check a.js && node a.js"),
    "python3": ("a.py", 'print("works")', "python3 -m py_compile a.py && python3 a.py"),
    "cobc": ("a.cob", COBOL, "cobc -x a.cob && ./a"),
    "perl": ("a.pl", 'print "works"', "perl a.pl"),
    "cargo": (
        "a.toml",
        "",
        "cargo new -q --vcs none works && cargo run --offline --manifest-path works/Cargo.toml",
    ),
    "tsc": ("a.ts", "", "tsc --version && echo works"),
    "mvn": ("pom.xml", "", "mvn --version && echo works"),
    "gradle": ("a", "", "gradle --version && echo works"),
    "kotlinc": ("a.kt", 'fun main() { println("works") }', "kotlinc -version && echo works"),
    "dotnet": ("a", "", "dotnet --version && echo works"),
}


@pytest.mark.usefixtures("host_container")
@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_compiler_of_this_machine_works_inside(compiler: str, tmp_path: Path) -> None:
    name, text, script = COMPILERS[compiler]
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} on this machine")
    (tmp_path / name).write_text(text)
    for step in script.split(" && "):
        done = run(shlex.split(step), folder=tmp_path, limits=ROOMY)
        assert done.exit_code == 0, (step, done)
    assert b"works" in done.stdout + done.stderr, done


@pytest.mark.usefixtures("host_container")
def test_this_python_has_its_packages_inside(tmp_path: Path) -> None:
    code = "import pytest, sys; print(sys.prefix)"
    done = run([sys.executable, "-c", code], folder=tmp_path, limits=ROOMY)
    assert done.stdout.decode().strip() == sys.prefix


@pytest.mark.usefixtures("host_container")
def test_a_toolchain_in_the_home_works_and_the_home_is_not_seen(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = _program(home / ".tools/greet-1.0/bin/greet", 'cat "$(dirname "$0")/../lib/text"')
    (home / ".tools/greet-1.0/lib").mkdir()
    (home / ".tools/greet-1.0/lib/text").write_text("hello")
    (home / ".tools/current").symlink_to("greet-1.0")
    (home / "bin").mkdir()
    (home / "bin/greet").symlink_to(tool)
    for folder in (home / ".tools/current/bin", home / ".tools/greet-1.0/bin"):
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        assert run(["greet"], folder=tmp_path / "inside", limits=Limits()).stdout == b"hello"
    spy = _program(
        home / ".tools/greet-1.0/bin/spy", f"cat {home}/secret; ls -A {home} {home}/.tools"
    )
    done = run([str(spy)], folder=tmp_path / "inside", limits=Limits())
    assert b"hunter2" not in done.stdout
    assert set(done.stdout.split()) <= {
        f"{home}:".encode(),
        b".tools",
        b"current",
        b"greet-1.0",
        f"{home}/.tools:".encode(),
    }


def test_a_program_that_lies_openly_in_the_home_brings_only_itself(home: Path) -> None:
    for name in ("bin/tool", ".local/bin/tool"):
        program = _program(home / name, "true")
        assert _found(program, home).folders[0] == program
        assert home not in _found(program, home).folders
        assert program.parent.parent not in _found(program, home).folders


def test_a_link_in_the_home_is_followed_and_its_folder_stays_hidden(home: Path) -> None:
    real = _program(home / ".nvm/versions/node/v20/bin/node", "true")
    link = home / ".local/bin/node"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    found = _found(link, home)
    assert found.links == ((link, str(real)),)
    assert home / ".nvm/versions/node/v20" in found.folders
    assert home / ".local" not in found.folders


def test_cargo_brings_its_programs_and_not_its_tokens(home: Path) -> None:
    cargo = _program(home / ".cargo/bin/cargo", "true")
    (home / ".cargo/credentials.toml").write_text("token")
    (home / ".rustup").mkdir()
    found = _found(cargo, home)
    assert {home / ".cargo/bin", home / ".rustup"} <= set(found.folders)
    assert home / ".cargo" not in found.folders
    assert ("RUSTUP_HOME", str(home / ".rustup")) in found.variables


def test_a_variable_cannot_open_the_home(home: Path) -> None:
    (home / "jdk").mkdir()
    for wide in (home, home.parent, Path("/"), home / ".config"):
        assert wide not in toolchain("true", {"HOME": str(home), "JAVA_HOME": str(wide)}).folders
    named = toolchain("true", {"HOME": str(home), "JAVA_HOME": str(home / "jdk")})
    assert named.folders == (home / "jdk",)


def test_a_virtual_environment_brings_the_python_it_was_made_of(home: Path) -> None:
    base = _program(home / ".python/bin/python3.99", "true")
    made = home / "project/venv"
    (made / "bin").mkdir(parents=True)
    (made / "bin/python").symlink_to(base)
    (made / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    found = _found(made / "bin/python", home)
    assert {made, home / ".python"} <= set(found.folders)
    assert home / "project" not in found.folders


def test_a_script_brings_its_interpreter(home: Path) -> None:
    _program(home / ".runtime/bin/node", "true")
    script = _program(home / ".packages/typescript/bin/tsc", "", "#!/usr/bin/env node")
    found = _found(script, home, path=f"{home}/.runtime/bin:{os.environ['PATH']}")
    assert {home / ".runtime", home / ".packages/typescript"} <= set(found.folders)


def test_programs_of_the_system_need_nothing(home: Path) -> None:
    assert toolchain("/bin/true", {"HOME": str(home)}) == Toolchain()
    assert toolchain("no-such-program", {"HOME": str(home), "PATH": ""}) == Toolchain()


def test_links_that_go_in_circles_end(home: Path) -> None:
    (home / "bin").mkdir()
    (home / "bin/a").symlink_to("b")
    (home / "bin/b").symlink_to("a")
    assert toolchain("a", {"HOME": str(home), "PATH": str(home / "bin")}) == Toolchain()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a secret in it, and a folder ``inside`` beside it."""
    folder = tmp_path / "home"
    folder.mkdir()
    (tmp_path / "inside").mkdir()
    (folder / "secret").write_text("hunter2")
    monkeypatch.setenv("HOME", str(folder))
    return folder


def _found(program: Path, home: Path, path: str | None = None) -> Toolchain:
    known = {"HOME": str(home), "PATH": path or os.environ["PATH"]}
    return toolchain(str(program), known)


def _program(path: Path, script: str, first: str = "#!/bin/sh") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first}\n{script}\n")
    path.chmod(0o755)
    return path
