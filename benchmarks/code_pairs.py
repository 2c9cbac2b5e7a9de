"""Pairs of real code in ten languages, to compare two ways of scoring.

A prediction is another translation of the same unit (CodeXGLUE: the source, as if copied), or the
reference with what models do to code done to it: a line left out, words swapped, a name changed, a
bracket lost.  Some are the reference itself, some the next unit.  Code comes from the data sets and
from the libraries that lie on this machine; what is not there is left out, and the counts say so.
"""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tree_sitter import Language, Parser

PACKAGE_NAMES = {
    "java": "java",
    "csharp": "c_sharp",
    "python": "python",
    "javascript": "javascript",
    "go": "go",
    "c": "c",
    "cpp": "cpp",
    "rust": "rust",
    "php": "php",
    "ruby": "ruby",
}
"""The names that codebleu 0.7.0 has for our languages."""

_HUMANEVAL = {
    "java": "java",
    "python": "python",
    "javascript": "js",
    "go": "go",
    "cpp": "cpp",
    "rust": "rust",
}
_LIBRARIES = {
    "python": ("/usr/lib/python3*/*.py", "/usr/lib/python3*/json/*.py"),
    "javascript": ("/usr/lib/node_modules/npm/lib/**/*.js", "/usr/share/nodejs/**/*.js"),
    "go": ("/usr/lib/go/src/strings/*.go", "/usr/share/go*/src/strings/*.go"),
    "c": (
        "/usr/include/*.h",
        "/usr/share/go*/src/runtime/cgo/*.c",
        "/usr/share/doc/zlib1g-dev/examples/*.c*",
        "/usr/lib/python3*/site-packages/mypyc/lib-rt/*.c",
    ),
    "cpp": ("/usr/include/c++/*/bits/*.h", "/usr/include/c++/*/ext/*.h"),
    "rust": ("/usr/lib/rustlib/src/**/*.rs", "/usr/share/cargo/registry/**/*.rs"),
    "php": ("/usr/share/php/**/*.php", "/usr/lib/google-cloud-sdk/**/*.php"),
    "ruby": ("/usr/lib/ruby/3*/*.rb", "/usr/lib/ruby/3*/*/*.rb"),
}
_UNITS = frozenset(
    {
        "function_declaration",
        "function_definition",
        "function_item",
        "method",
        "method_declaration",
        "method_definition",
        "singleton_method",
    }
)
_SIZES = range(80, 2_500)
_FILES = 400


@dataclass(frozen=True, slots=True)
class CodePairs:
    """Predictions and references of one language."""

    language: str
    predictions: tuple[str, ...]
    references: tuple[str, ...]


def grammar_of(language: str) -> Language:
    """Return the grammar of a language, straight from its package."""
    module = import_module(f"tree_sitter_{PACKAGE_NAMES[language]}")
    return Language((module.language_php if language == "php" else module.language)())


def code_pairs(language: str, data: Path, count: int, seed: int = 0) -> CodePairs:
    """Return at most ``count`` pairs of one language, the same ones every time."""
    references = list(dict.fromkeys(_references(language, data)))
    chance = random.Random(f"{seed} {language}")
    chance.shuffle(references)
    pairs = list(_copies(language, data))[: count // 2]
    while references and len(pairs) < count:
        before = len(pairs)
        for number, reference in enumerate(references[: count - before]):
            other = references[number - 1]
            pairs.append((_spoiled(reference, other, chance), reference))
    return CodePairs(language, tuple(p for p, _ in pairs), tuple(r for _, r in pairs))


def _copies(language: str, data: Path) -> Iterator[tuple[str, str]]:
    """Yield the naive copy of CodeXGLUE's test set: the source in place of the translation."""
    folder = data / "codexglue-java-cs"
    if language in ("java", "csharp") and folder.is_dir():
        java, csharp = (
            (folder / f"test.java-cs.txt.{end}").read_text("utf-8").splitlines()
            for end in ("java", "cs")
        )
        yield from zip(*((csharp, java) if language == "java" else (java, csharp)), strict=True)


def _references(language: str, data: Path) -> Iterator[str]:
    for _, reference in _copies(language, data):
        yield reference
    file = data / "humaneval-x" / f"humaneval_{_HUMANEVAL.get(language)}.jsonl.gz"
    if file.is_file():
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                before = row["prompt"] if language in ("python", "java") else row["declaration"]
                yield before + row["canonical_solution"]
                if language == "rust":
                    yield row["test"]
    yield from _library_units(language)


def _library_units(language: str) -> Iterator[str]:
    parser, found = Parser(grammar_of(language)), 0
    for pattern in _LIBRARIES.get(language, ()):
        for path in sorted(Path("/").glob(pattern[1:]))[:_FILES]:
            for unit in _units(path, parser):
                yield f"<?php\n{unit}" if language == "php" else unit
                found += 1
                if found == _FILES * 2:
                    return


def _units(path: Path, parser: Parser) -> Iterable[str]:
    code = path.read_bytes() if path.is_file() else b""
    todo = [parser.parse(code).root_node] if len(code) < 200_000 else []
    while todo:
        node = todo.pop()
        if node.type not in _UNITS:
            todo.extend(reversed(node.children))
        elif node.end_byte - node.start_byte in _SIZES and not node.has_error:
            yield code[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _spoiled(text: str, other: str, chance: random.Random) -> str:
    """Return ``text`` with one or more things done to it that models do to code."""
    lines = text.split("\n")
    words: Sequence[str] = re.findall(r"\s+|\w+|[^\w\s]", text)
    places = [place for place, word in enumerate(words) if not word.isspace()]
    names = sorted({word for word in words if word.isidentifier() and len(word) > 1})
    way = chance.randrange(10)
    if way == 0:
        return text
    if way == 1:
        return other
    if way in (2, 3) and len(lines) > 3:
        return "\n".join(line for line in lines if chance.random() < 0.85)
    if way in (4, 5, 6) and names:
        name = chance.choice(names)
        return re.sub(rf"\b{re.escape(name)}\b", chance.choice(["value", "x1", *names]), text)
    cut = list(words)
    if len(places) > 1:
        first, second = chance.sample(places, 2)
        cut[first], cut[second] = (cut[second], cut[first]) if way == 7 else (cut[first], "")
    return "".join(cut)
