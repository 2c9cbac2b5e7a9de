"""HumanEval-X (Zheng et al. 2023, arXiv:2303.17568): 164 tasks in six languages, with tests.

The programs are put together as the authors' evaluator does it; what its machine has and others
lack is made up for: imports that nothing uses are dropped from Go and Rust, whose compilers
refuse or cannot find them, and what the tests call of Go's testify and of Rust's rand has a
stand-in of ours.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.suites.tasks import Fault, Suite, Task, rows, run_table
from fedtranslate.checks.behave.testing import TestProgram

LANGUAGES = ("python", "java", "cpp", "javascript", "go", "rust")
_FILES = {"javascript": "js"}
_HARNESS = Path(__file__).parent / "harness"
_CPP_PROLOGUE = "".join(
    f"#include<{name}>\n"
    for name in (
        "stdlib.h",
        "algorithm",
        "math.h",
        "stdio.h",
        "vector",
        "string",
        "climits",
        "cstring",
        "iostream",
        "cassert",
    )
)
_ASSERTION = "Assertion failed"
_GO_IMPORT = re.compile(r'^\s*import\s*(?:\((?P<many>[^)]*)\)|"(?P<one>[^"]+)")', re.MULTILINE)
_RUST_CRATES = {"rand": r"rand::(?!Rng;)|\brng\b", "regex": r"Regex::", "md5": r"md5::"}
"""The crates that every program imports, and what tells that it uses one."""
_MISSING = {
    "cpp": r"(\S+): No such file or directory",
    "javascript": r"Cannot find module '([^']+)'",
    "rust": r"(?:unresolved import|undeclared (?:crate or module|type)|cannot find module or crate)"
    r" `(\w+)`|unresolved module, unlinked crate, or missing item `(\w+)`|use of unresolved module"
    r" or unlinked crate `(\w+)`",
}
_UPSTREAM = {
    "JavaScript/112": "returns (z, true), which is a comma expression, where the tests want a list",
    "JavaScript/155": "counts no digit in 0, where the tests want one even digit",
    "Go/95": "stops after two keys of a map, whose order is random in Go",
    "Rust/32": "its tests are commented out",
}
_GO_PACKAGES = (
    "bytes",
    "crypto/md5",
    "fmt",
    "math",
    "math/rand",
    "regexp",
    "sort",
    "strconv",
    "strings",
    "time",
    "unicode",
)
"""What the authors' evaluator imports besides where it is used."""


def read(folder: Path, language: str) -> list[Task]:
    """Return the tasks in ``folder`` for one of ``LANGUAGES``."""
    file = folder / f"humaneval_{_FILES.get(language, language)}.jsonl.gz"
    return [_task(row, language) for row in rows(file)]


def explain(language: str, task: str, reason: str) -> tuple[Fault, str]:
    """Return whose fault a failure is."""
    if known := _UPSTREAM.get(task):
        return Fault.UPSTREAM, known
    if language in _MISSING and (found := re.search(_MISSING[language], reason)):
        name = next(group for group in found.groups() if group)
        return Fault.LIBRARY, name
    return Fault.HARNESS, ""


def _task(row: Mapping[str, Any], language: str) -> Task:
    gold, test = _BUILDERS[language](row)
    return Task("humaneval-x", language, row["task_id"], gold, test)


# Prompts are taken, where declarations were cut wrongly out of some of them.


def _python(row: Mapping[str, Any]) -> tuple[str, TestProgram]:
    gold = row["prompt"] + row["canonical_solution"]
    return gold, TestProgram(row["test"], run_table("python"))


def _java(row: Mapping[str, Any]) -> tuple[str, TestProgram]:
    gold = row["declaration"] + row["canonical_solution"]
    return gold, TestProgram(row["test"], run_table("java"))


def _javascript(row: Mapping[str, Any]) -> tuple[str, TestProgram]:
    gold = row["declaration"] + row["canonical_solution"]
    return gold, TestProgram(row["test"], run_table("javascript"), must_not=_ASSERTION)


def _cpp(row: Mapping[str, Any]) -> tuple[str, TestProgram]:
    gold = row["prompt"] + row["canonical_solution"]
    table = run_table("cpp")
    if "<openssl/" in gold:
        table = table.model_copy(update={"build": (*table.build, "-lcrypto")})
    return gold, TestProgram(f"{_CPP_PROLOGUE}{{candidate}}\n{row['test']}", table)


def _go(row: Mapping[str, Any]) -> tuple[str, TestProgram]:
    body = _GO_IMPORT.sub("", row["prompt"]) + row["canonical_solution"]
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", f"{body}\n{row['test']}", flags=re.DOTALL)
    written = _go_imports(row["test_setup"]) + _go_imports(row["import"])
    written += [
        name
        for name in _GO_PACKAGES
        if name.rpartition("/")[2] not in {one.rpartition("/")[2] for one in written}
    ]
    names = dict.fromkeys(written)
    used = [name for name in names if re.search(rf"\b{name.rpartition('/')[2]}\.", code)]
    head = "package main\n\nimport (\n" + "".join(f'\t"{name}"\n' for name in used) + ")\n"
    stand_in = ".path/src/github.com/stretchr/testify/assert/assert.go"
    table = run_table("go").model_copy(
        update={
            "file": "main_test.go",
            "files": {stand_in: (_HARNESS / "assert.go").read_text("utf-8")},
            "build": ("go", "test", "-vet=off", "-c", "-o", "program", "{file}"),
        }
    )
    return body, TestProgram(f"{head}{{candidate}}\n{row['test']}", table)


def _go_imports(text: str) -> list[str]:
    return [
        name
        for match in _GO_IMPORT.finditer(text)
        for name in re.findall(r'"([^"]+)"', match["many"] or f'"{match["one"]}"')
    ]


def _rust(row: Mapping[str, Any]) -> tuple[str, TestProgram]:
    gold, test = row["declaration"] + row["canonical_solution"], row["test"]
    code = re.sub(r"/\*.*?\*/", "", f"{gold}\n{test}", flags=re.DOTALL)
    for crate, used in _RUST_CRATES.items():
        if not re.search(used, code):
            gold = re.sub(rf"^use {crate}\b[^;]*;\n", "", gold, flags=re.MULTILINE)
        elif crate == "rand":
            test = f"{test}\nmod rand {{\n{(_HARNESS / 'rand.rs').read_text('utf-8')}}}\n"
    plain = run_table("rust")
    table = plain.model_copy(
        update={
            "build": (plain.build[0], "--test", *plain.build[1:]),
            "command": ("./program", "--test-threads=1"),
        }
    )
    return gold, TestProgram(test, table, must=r"test result: ok\. [1-9]")


_BUILDERS = {
    "python": _python,
    "java": _java,
    "cpp": _cpp,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
}

SUITE = Suite("humaneval-x", LANGUAGES, read, explain)
