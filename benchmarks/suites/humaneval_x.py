"""HumanEval-X (Zheng et al. 2023, arXiv:2303.17568): 164 tasks in six languages, with tests.

The programs are put together as the authors' evaluator does it; what its machine has and others
lack is made up for: imports that nothing uses are dropped from Go and Rust, whose compilers
refuse or cannot find them, and Go's testify has a stand-in of ours with what the tests call.
"""

import re
from pathlib import Path

from benchmarks.suites.tasks import Fault, Suite, Task, rows, run_table
from fedtranslate.checks.behave.tables import RunTable
from fedtranslate.checks.behave.testing import TestProgram

LANGUAGES = ("python", "java", "cpp", "javascript", "go", "rust")
_FILES = {"javascript": "js"}
_HARNESS = Path(__file__).parent / "harness"
_CPP_PROLOGUE = "".join(
    f"#include<{name}>\n"
    for name in ("stdlib.h", "algorithm", "math.h", "stdio.h", "vector", "string", "climits",
                 "cstring", "iostream", "cassert")
)
_ASSERTION = "Assertion failed"
_GO_IMPORT = re.compile(r'^\s*import\s*(?:\((?P<many>[^)]*)\)|"(?P<one>[^"]+)")', re.MULTILINE)
_RUST_CRATES = ("rand", "regex", "md5")
_MISSING = {
    "cpp": r"(\S+): No such file or directory",
    "javascript": r"Cannot find module '([^']+)'",
    "rust": r"(?:unresolved import|undeclared (?:crate or module|type)|cannot find module or crate)"
    r" `(\w+)`|unresolved module, unlinked crate, or missing item `(\w+)`|use of unresolved module"
    r" or unlinked crate `(\w+)`",
}
_UPSTREAM: dict[tuple[str, str], str] = {}


def read(folder: Path, language: str) -> list[Task]:
    """Return the tasks in ``folder`` for one of ``LANGUAGES``."""
    file = folder / f"humaneval_{_FILES.get(language, language)}.jsonl.gz"
    return [_task(row, language) for row in rows(file)]


def explain(language: str, task: str, reason: str) -> tuple[Fault, str]:
    """Return whose fault a failure is."""
    if known := _UPSTREAM.get((language, task)):
        return Fault.UPSTREAM, known
    if language in _MISSING and (found := re.search(_MISSING[language], reason)):
        name = next(group for group in found.groups() if group)
        return Fault.LIBRARY, name
    return Fault.HARNESS, ""


def _task(row: "dict[str, str] | object", language: str) -> Task:
    values = dict(row)  # type: ignore[call-overload]
    gold, text, table, must_not = _BUILDERS[language](values)
    test = TestProgram(text, table, must_not=must_not)
    return Task("humaneval-x", language, values["task_id"], gold, test)


def _python(row: dict[str, str]) -> tuple[str, str, RunTable, str]:
    return row["declaration"] + row["canonical_solution"], row["test"], run_table("python"), ""


def _java(row: dict[str, str]) -> tuple[str, str, RunTable, str]:
    return row["declaration"] + row["canonical_solution"], row["test"], run_table("java"), ""


def _javascript(row: dict[str, str]) -> tuple[str, str, RunTable, str]:
    gold = row["declaration"] + row["canonical_solution"]
    return gold, row["test"], run_table("javascript"), _ASSERTION


def _cpp(row: dict[str, str]) -> tuple[str, str, RunTable, str]:
    # The prompt, since declarations repeat half of the function where the task has two of them.
    gold = row["prompt"] + row["canonical_solution"]
    return gold, f"{_CPP_PROLOGUE}{{candidate}}\n{row['test']}", run_table("cpp"), ""


def _go(row: dict[str, str]) -> tuple[str, str, RunTable, str]:
    body = row["declaration"] + row["canonical_solution"]
    code = f"{body}\n{row['test']}"
    names = dict.fromkeys(_go_imports(row["test_setup"]) + _go_imports(row["import"]))
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
    return body, f"{head}{{candidate}}\n{row['test']}", table, ""


def _go_imports(text: str) -> list[str]:
    return [
        name
        for match in _GO_IMPORT.finditer(text)
        for name in re.findall(r'"([^"]+)"', match["many"] or f'"{match["one"]}"')
    ]


def _rust(row: dict[str, str]) -> tuple[str, str, RunTable, str]:
    gold = row["declaration"] + row["canonical_solution"]
    code = f"{gold}\n{row['test']}"
    for crate, used in (("rand", r"rand::(?!Rng;)|\brng\b"), ("regex", r"Regex::"),
                        ("md5", r"md5::")):
        if not re.search(used, code):
            gold = re.sub(rf"^use {crate}\b[^;]*;\n", "", gold, flags=re.MULTILINE)
    plain = run_table("rust")
    words = tuple(word for word in plain.build if word != "2021")
    table = plain.model_copy(
        update={
            "build": (words[0], "--test", words[1], "2021", *words[2:]),
            "command": ("./program", "--test-threads=1", "--quiet"),
        }
    )
    return gold, row["test"], table, ""


_BUILDERS = {
    "python": _python,
    "java": _java,
    "cpp": _cpp,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
}

SUITE = Suite("humaneval-x", LANGUAGES, read, explain)
