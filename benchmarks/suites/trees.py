"""Whole repositories to migrate, made on the spot, of any size, and the right answers to them.

Three shapes: a shop in Java (packages, generics, nested classes, interfaces, enums, resources and
tests), the tests of a JUnit 3 project, and a library in Python.  The code is constructed and
regular, so that its translation can be made by replacing words: that judges the machinery of a
migration apart from any model.  Nothing here says how well a model translates.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.suites import treetexts as texts

_NOUNS = (
    *("Invoice", "Order", "Parcel", "Voucher", "Tariff", "Ledger", "Receipt", "Shipment", "Policy"),
    *("Claim", "Quote", "Account", "Supplier", "Customer", "Product", "Basket", "Refund", "Route"),
)
_AREAS = ("billing", "stock", "shipping", "claims", "partners", "pricing")


class Tree(NamedTuple):
    """A repository, and who knows its translation."""

    files: Mapping[str, str]
    """Content by path."""
    translate: Callable[[str], str]
    """Gives the right answer to any unit of the repository."""
    edited: Mapping[str, str] = {}
    """Of an edit within one language: what files are to be, those that change, by path."""

    def write(self, folder: Path) -> Path:
        """Write the repository into ``folder``, and return that."""
        for name, text in self.files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        return folder


def java_shop(files: int) -> Tree:
    """Return about ``files`` Java files, and their translation to C#."""
    made: dict[str, str] = {"src/main/resources/shop.properties": "currency=EUR\n"}
    number = 0
    while len(made) < files:
        made |= _java_part(number)
        number += 1
    return Tree(made, _to_csharp)


def _java_part(number: int) -> dict[str, str]:
    noun = f"{_NOUNS[number % len(_NOUNS)]}{number // len(_NOUNS) or ''}"
    package = f"com.example.shop.{_AREAS[number % len(_AREAS)]}.p{number}"
    folder = package.replace(".", "/")
    made = {
        f"src/main/java/{folder}/{noun}.java": texts.ENTITY,
        f"src/main/java/{folder}/{noun}State.java": texts.ENUM,
        f"src/main/java/{folder}/{noun}Store.java": texts.INTERFACE,
        f"src/main/java/{folder}/Memory{noun}Store.java": texts.STORE,
        f"src/main/java/{folder}/{noun}Sums.java": texts.SUMS,
        f"src/test/java/{folder}/{noun}Check.java": texts.CHECK,
    }
    words = {"NOUN": noun, "PACKAGE": package, "NUMBER": str(number + 2)}
    return {
        path: re.sub("NOUN|PACKAGE|NUMBER", lambda found: words[found[0]], text)
        for path, text in made.items()
    }


_WORDS = {
    "String": "string",
    "boolean": "bool",
    "final": "readonly",
    "IllegalArgumentException": "ArgumentException",
    "IllegalStateException": "InvalidOperationException",
    "ArrayList": "List",
    "HashMap": "Dictionary",
    "Map": "Dictionary",
}


def _to_csharp(text: str) -> str:
    """Translate one unit of the shop."""
    text = re.sub(r"this\.things\.get\((\w+)\)", r"this.things[\1]", text)
    text = re.sub(r"this\.things\.put\((\w+), (\w+)\)", r"this.things[\1] = \2", text)
    text = re.sub(r"this\.(notes|things)\.size\(\)", r"this.\1.Count", text)
    text = re.sub(r"\b[A-Za-z]\w*\b", lambda found: _WORDS.get(found[0], found[0]), text)
    # Methods, where they are declared and where they are called, begin with a capital.
    return re.sub(
        r"(?<!new )\b([a-z]\w*)(?=\()",
        lambda found: found[1] if found[1] in _KEYWORDS else found[1][0].upper() + found[1][1:],
        text,
    )


_KEYWORDS = frozenset({"if", "while", "for", "return", "throw", "switch", "catch", "new"})


def junit3_tests(files: int) -> Tree:
    """Return ``files`` tests for JUnit 3, beside code that is not to be touched."""
    made: dict[str, str] = {}
    edited: dict[str, str] = {}
    for number in range(files):
        noun = f"{_NOUNS[number % len(_NOUNS)]}{number}"
        made[f"src/main/java/shop/{noun}.java"] = texts.PLAIN.replace("NOUN", noun)
        test = f"src/test/java/shop/{noun}Test.java"
        made[test] = texts.JUNIT3.replace("NOUN", noun)
        edited[test] = texts.JUNIT4.replace("NOUN", noun)
    return Tree(made, _to_junit4, edited)


JUNIT_SELECT = (r"\bTestCase\b", r"\bvoid (?:test\w+|setUp)\(")


def _to_junit4(text: str) -> str:
    if "extends TestCase" in text:
        static = "import static org.junit.Assert.assertEquals;\n\n"
        imports = f"{static}import org.junit.Before;\nimport org.junit.Test;"
        text = text.replace("import junit.framework.TestCase;", imports)
        return text.replace(" extends TestCase", "")
    text = re.sub(r"protected void setUp\(", "@Before\npublic void setUp(", text)
    return re.sub(
        r"public void test(\w)", lambda found: f"@Test\npublic void {found[1].lower()}", text
    )


def python_library(files: int) -> Tree:
    """Return about ``files`` Python files with tests, and their translation to JavaScript."""
    made: dict[str, str] = {}
    number = 0
    while len(made) < files:
        folder = f"src/shop/{_AREAS[number % len(_AREAS)]}"
        made[f"{folder}/sums_{number}.py"] = texts.PYTHON.replace("NUMBER", str(number + 2))
        number += 1
    return Tree(made, _to_javascript)


def _to_javascript(text: str) -> str:
    """Translate one unit of the library; its blocks are one statement deep."""
    lines, depth = [], [0]
    for line in text.split("\n"):
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        while indent < depth[-1]:
            depth.pop()
            lines.append(" " * depth[-1] + "}")
        lines.append(" " * indent + _javascript_line(line.strip()))
        if line.rstrip().endswith(":"):
            depth.append(indent + 4)
    while len(depth) > 1:
        depth.pop()
        lines.append(" " * depth[-1] + "}")
    return "\n".join(lines)


def _javascript_line(line: str) -> str:
    line = re.sub(r"^#", "//", line)
    if found := re.match(r"def (\w+)\((?:self(?:, )?)?(.*)\):", line):
        name = {"__init__": "constructor"}.get(found[1], found[1])
        head = "" if "self" in line else "function "
        return f"{head}{name}({found[2]}) {{"
    line = line.replace("self.", "this.")
    if found := re.match(r"if (.*):", line):
        return f"if ({found[1]}) {{"
    return line if line.startswith("//") else f"{line};"
