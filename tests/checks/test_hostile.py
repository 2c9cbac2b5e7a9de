"""The compile door: whatever the text, there is a verdict, and nothing of the machine is in it."""

from pathlib import Path

import pytest

from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.checks.compilers import compiler_found
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.records import CompileState

NOWHERE = CompileContext()
SLOW = {"go", "kotlin", "typescript"}
"""Their compilers take seconds for a text, or read it as others do that are tried."""
TEXTS = {
    "nul": "a\0b",
    "surrogate": "\ud800",
    "brackets": "(" * 100_000,
    "braces": "{" * 100_000 + "}" * 100_000,
    "control": "\x1b[31m\x07\x08\x7f\u202e",
    "line ends": "\r\n\r\u2028\x0b\x0c\x85",
    "long line": "x" * 500_000,
    "ten megabytes": "int x; " * 1_500_000,
    "nothing": "",
}
READING = {
    "c": [
        '#include "/etc/passwd"',
        '#include "/proc/self/environ"',
        '#include "/dev/stdin"',
        '#define P "/etc/passwd"\n#include P',
        'asm(".incbin \\"/etc/passwd\\"");',
    ],
    "cpp": ['%:include "/etc/passwd"', "#include </etc/passwd>"],
    "rust": [
        'const S: &str = include_str!("/etc/passwd"); compile_error!(include_str!("/etc/passwd"));',
        'include!("/etc/passwd");',
        '#[path = "/etc/passwd"] mod a;',
        'const S: &str = env!("SITE_SECRET"); compile_error!(env!("SITE_SECRET"));',
    ],
    "go": [
        'package a\n\n// #include "/etc/passwd"\nimport "C"\n\nvar x = C.y\n',
        'package a\n\nimport _ "embed"\n\n//go:embed /etc/passwd\nvar s string\n',
    ],
    "csharp": ['#line 1 "/etc/passwd"\nint f() { return true; }', '#pragma checksum "a" "b" "c"'],
    "php": ["<?php include '/etc/passwd'; __halt_compiler(); root"],
    "ruby": ["BEGIN { puts File.read('/etc/passwd'); exit! }", "require '/etc/passwd'"],
    "python": ["# -*- coding: rot13 -*-\nvzcbeg bf"],
    "javascript": ["import '/etc/passwd'", "await import('/etc/passwd')"],
    "typescript": ['/// <reference path="/etc/passwd" />', 'import a from "/etc/passwd";'],
}


def installed(language: str) -> bool:
    return compiler_found(load_pack(language)).path is not None


@pytest.mark.parametrize("language", [name for name in known_languages() if name not in SLOW])
def test_every_text_ends_with_a_verdict(language: str) -> None:
    if not installed(language):
        pytest.skip("no compiler on this machine")
    good = load_pack(language).compile.probe
    found = compile_units([good, *TEXTS.values(), good], language, NOWHERE)
    assert found[0].compile_state is found[-1].compile_state is CompileState.COMPILED
    for text, verdict in zip(TEXTS.values(), found[1:-1], strict=True):
        lines = text.split("\n")
        assert bool(verdict.reason) == (verdict.compile_state is CompileState.NOT_CHECKED)
        for problem in verdict.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@pytest.mark.parametrize("language", READING)
def test_no_text_reads_the_machine_through_its_compiler(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not installed(language):
        pytest.skip("no compiler on this machine")
    monkeypatch.setenv("SITE_SECRET", "root:hunter2")
    texts = READING[language]
    assert "root:" in Path("/etc/passwd").read_text()
    for text, verdict in zip(texts, compile_units(texts, language, NOWHERE), strict=True):
        said = str(verdict).replace(text, "")
        assert "root:" not in said
