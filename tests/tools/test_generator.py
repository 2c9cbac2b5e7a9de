"""The generator of aligned Java/C# pairs: reproducible, well-formed, and alike in behaviour."""

import re
import shutil
import subprocess
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from tools.basemodel.generator import GeneratedPair, pairs, program
from tools.basemodel.generator.names import Names
from tools.basemodel.generator.words import RESERVED

SAMPLE = 400
SEEDS = range(20)
TIMEOUT_SECONDS = 240


@pytest.fixture(scope="module")
def sample() -> list[GeneratedPair]:
    return list(islice(pairs(7), SAMPLE))


def test_the_same_seed_gives_the_same_pairs(sample: list[GeneratedPair]) -> None:
    assert list(islice(pairs(7), SAMPLE)) == sample
    assert list(islice(pairs(8), SAMPLE)) != sample


def test_every_pair_parses_in_both_languages(sample: list[GeneratedPair]) -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    java = pytest.importorskip("tree_sitter_java")
    csharp = pytest.importorskip("tree_sitter_c_sharp")
    for language, side in ((java, "java"), (csharp, "csharp")):
        parser = tree_sitter.Parser(tree_sitter.Language(language.language()))
        broken = []
        for one in sample:
            text = wrapped(one, side)
            if parser.parse(text.encode()).root_node.has_error:
                broken.append(text)
        assert broken == []


def wrapped(pair: GeneratedPair, side: str) -> str:
    """Put a member where it may stand: into a class that carries the name of its constructor."""
    text: str = getattr(pair, side)
    named = re.search(r"(\w+)\(", text)
    name = named[1] if named and pair.kind == "constructor" else "Holder"
    return f"abstract class {name} {{\n{text}\n}}\n"


def test_invented_identifiers_are_no_reserved_words() -> None:
    names = Names(Random(3))
    for draw in (names.variable, names.action, names.getter, names.question, names.title):
        assert not {draw() for _ in range(5000)} & RESERVED


def test_an_identifier_of_one_side_stands_on_the_other(sample: list[GeneratedPair]) -> None:
    for one in sample:
        if one.kind == "accessors":
            continue  # getX and setX become one property X
        names = {
            name.lower() for name in re.findall(r"[A-Za-z_]\w{9,}", re.sub('"[^"]*"', "", one.java))
        }
        known = names - LONG_LIBRARY_NAMES
        assert {name for name in known if name not in one.csharp.lower()} == set(), one


LIBRARY_TEXT = """
    implements instanceof synchronized IllegalArgumentException IllegalStateException
    UnsupportedOperationException IndexOutOfBoundsException NullPointerException RuntimeException
    NoSuchElementException ArrayIndexOutOfBoundsException EOFException NumberFormatException
    IOException containsKey getMessage printStackTrace getSimpleName Collections InputStream
    System arraycopy isWhitespace equalsIgnoreCase toLowerCase toUpperCase
"""
LONG_LIBRARY_NAMES = frozenset(LIBRARY_TEXT.lower().split())


def test_both_sides_of_a_program_print_the_same(tmp_path: Path) -> None:
    tools = ("javac", "java", "mcs", "mono")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"No compiler found: {', '.join(missing)} must be on the path for this test.")
    made = [program(seed) for seed in SEEDS]
    for one in made:
        (tmp_path / f"{one.name}.java").write_text(one.java)
        (tmp_path / f"{one.name}.cs").write_text(one.csharp)
    starts = "".join(f"{one.name}.main(args);" for one in made)
    (tmp_path / "All.java").write_text(
        f"public class All {{ public static void main(String[] args) {{ {starts} }} }}"
    )
    starts = starts.replace(".main(", ".Main(")
    (tmp_path / "All.cs").write_text(
        f"class All {{ static void Main(string[] args) {{ {starts} }} }}"
    )
    execute(tmp_path, "javac", "-nowarn", *[f"{one.name}.java" for one in made], "All.java")
    execute(
        tmp_path,
        "mcs",
        "-nowarn:0649,0659",
        "-main:All",
        "-out:All.exe",
        "All.cs",
        *[f"{one.name}.cs" for one in made],
    )
    java, csharp = execute(tmp_path, "java", "All"), execute(tmp_path, "mono", "All.exe")
    assert java.splitlines() == csharp.splitlines()
    assert len(java.splitlines()) > 5 * len(made)


def execute(folder: Path, *command: str) -> str:
    """Run a command in a folder and give what it printed."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
