import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.languages.flushing import set_left
from fedtranslate.languages.outlines.outline import outline_of
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packcheck import example_files
from fedtranslate.languages.parsing import parses
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.skeletons.skeleton import Skeleton, Slot, assemble, skeleton_of
from fedtranslate.languages.skeletons.slots import slots_in
from fedtranslate.languages.skeletons.surroundings import surroundings_of
from fedtranslate.languages.skeletons.writefile import write_rules
from fedtranslate.resources import shipped

WHOLE = Path(__file__).parent / "whole_java"
SAMPLES = shipped("clients") / "samples"
COMPANIES = ("halden-clinic", "kestrel-freight", "meridian-bank")
PAIRS = [
    (source, target)
    for target in known_languages()
    if (rules := write_rules(load_pack(target).folder)) is not None and rules.is_target
    for source in rules.given
]
GOLDEN = sorted(shipped("parsers").glob("*/examples/skeletons/*"))
PIECES = (
    "class A {", "}", "{", "interface I<T> {", "enum E {", "A, B(1) { }", ";", "record R(int a) {",
    "@interface N {", "int a = 1, b[];", "static {", "void f(int... a) { }", "A() { super(1); }",
    "// c\n", "/** d */", "@Override", "import a.b.*;", "package p;", "def f(a, *b):", "\n    ",
    "class B(A):", "x: int = 3", '"""d"""', "@property", "Map<?, List<? super A[]>> m;", "A<",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text(max_size=60)


def skeleton(text: str, target: str, source: str = "java", path: str = "") -> Skeleton:
    pack = load_pack(source)
    outline = outline_of(text, pack)
    assert outline is not None
    made = skeleton_of(outline, pack, load_pack(target), path=path)
    assert made is not None
    return made


def converted(
    files: Mapping[str, str], source: LanguagePack, target: LanguagePack
) -> dict[str, str]:
    outlines = {path: outline_of(text, source) for path, text in files.items()}
    known = {path: outline for path, outline in outlines.items() if outline is not None}
    around = surroundings_of(known, source, target)
    texts = {}
    for path, outline in known.items():
        made = skeleton_of(outline, source, target, path=path, surroundings=around)
        assert made is not None
        texts[path], _ = assemble(made)
    return texts


def files_below(*roots: Path) -> dict[str, str]:
    return {
        file.relative_to(root).as_posix(): file.read_text("utf-8")
        for root in roots
        for file in sorted(root.rglob("*.java"))
    }


def write(texts: Mapping[str, str], folder: Path, extension: str) -> list[Path]:
    files = []
    for path, text in texts.items():
        file = (folder / path).with_suffix(extension)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        files.append(file)
    return files


def mcs(files: list[Path], folder: Path) -> str:
    done = subprocess.run(
        ["mcs", "-nologo", "-warn:0", "-codepage:utf8", "-target:library", "-out:a.dll", *files],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_the_skeleton_of_the_example_is_as_its_golden_file_says(golden: Path) -> None:
    _, source = next(example_files(load_pack(golden.stem)))
    assert source is not None
    text = source.read_text("utf-8")
    made = skeleton(text, golden.parts[-4], golden.stem, source.name)
    assert assemble(made)[0] == golden.read_text("utf-8")


def test_every_pair_that_can_be_written_has_a_golden_file() -> None:
    assert {(path.stem, path.parts[-4]) for path in GOLDEN} == set(PAIRS)


@pytest.mark.skipif(shutil.which("mcs") is None, reason="needs mcs")
@pytest.mark.parametrize("company", COMPANIES)
def test_all_files_of_a_company_compile_together_as_csharp(company: str, tmp_path: Path) -> None:
    home = SAMPLES / company
    files = files_below(SAMPLES / "framework/java", home / "library/java", home / "java")
    texts = converted(files, load_pack("java"), load_pack("csharp"))
    assert mcs(write(texts, tmp_path, ".cs"), tmp_path) == ""


@pytest.mark.skipif(shutil.which("mcs") is None, reason="needs mcs")
def test_files_with_all_that_java_has_compile_as_csharp(tmp_path: Path) -> None:
    texts = converted(files_below(WHOLE), load_pack("java"), load_pack("csharp"))
    assert mcs(write(texts, tmp_path, ".cs"), tmp_path) == ""


def test_files_with_all_that_java_has_compile_as_python(tmp_path: Path) -> None:
    roots = (WHOLE, SAMPLES / "framework/java")
    texts = converted(files_below(*roots), load_pack("java"), load_pack("python"))
    for file in write(texts, tmp_path, ".py"):
        compile(file.read_text("utf-8"), str(file), "exec", dont_inherit=True)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_files_with_all_that_java_has_are_modules_of_javascript(tmp_path: Path) -> None:
    texts = converted(files_below(WHOLE), load_pack("java"), load_pack("javascript"))
    for file in write(texts, tmp_path, ".mjs"):
        subprocess.run(["node", "--check", file], check=True, timeout=60)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_modules_of_python_are_modules_of_javascript(tmp_path: Path) -> None:
    names = ("layout", "pack", "naming", "units")
    folder = Path(sys.modules["fedtranslate.languages"].__path__[0])
    files = {f"languages/{name}.py": (folder / f"{name}.py").read_text() for name in names}
    texts = converted(files, load_pack("python"), load_pack("javascript"))
    assert 'import { LanguagePack } from "./pack.js";' not in texts["languages/pack.py"]
    for file in write(texts, tmp_path, ".mjs"):
        subprocess.run(["node", "--check", file], check=True, timeout=60)


def test_a_language_without_rules_is_no_target() -> None:
    outline = outline_of("class A { }", load_pack("java"))
    assert outline is not None
    assert skeleton_of(outline, load_pack("java"), load_pack("cobol")) is None
    assert skeleton_of(outline, load_pack("java"), load_pack("go")) is None


def test_a_slot_says_what_goes_there() -> None:
    text = "class Account {\n/** Adds. */\npublic void deposit(Money amount) { } int limit = 5; }"
    method, field = slots_in(skeleton(text, "csharp").pieces)
    assert method == Slot(
        start_byte=text.index("/**"),
        end_byte=text.index(" int"),
        kind="method",
        name="deposit",
        container="Account",
        indent="    ",
        target_name="Deposit",
        signature="public virtual void Deposit(Money amount)",
        stub="/** Adds. */\npublic virtual void Deposit(Money amount)\n{\n"
        "    throw new NotImplementedException();\n}",
        sure=False,
    )
    assert (field.stub, field.sure) == ("internal int limit = 5;", True)


@pytest.mark.parametrize(
    ("member", "sure"),
    [
        ("int a;", True),
        ("long a = 5L;", True),
        ('String a = "x";', True),
        ("int a = b();", False),
        ("char a = 65;", False),
        ("Runnable a = () -> { };", False),
        ("abstract int f();", True),
        ("int f() { return 1; }", False),
        ("native int f();", False),
    ],
)
def test_only_what_rules_can_translate_is_sure(member: str, sure: bool) -> None:
    (slot,) = slots_in(skeleton(f"abstract class A {{ {member} }}", "csharp").pieces)
    assert slot.sure is sure


def test_names_that_the_caller_gives_count() -> None:
    outline = outline_of("package a;\nclass A { Log log(Log.Level at) { } }", load_pack("java"))
    assert outline is not None
    java, csharp = load_pack("java"), load_pack("csharp")
    types = {"Log": "ILogger", "A": "Alpha"}
    made = skeleton_of(outline, java, csharp, types=types, package="My.Space")
    assert made is not None
    text, _ = assemble(made)
    assert "class Alpha" in text
    assert "ILogger Log(ILogger.Level at)" in text
    assert "namespace My.Space" in text


def test_what_cannot_be_carried_over_is_told_with_its_line() -> None:
    text = "import com.x.Y;\n\nclass A {\n    { }\n    @Inject Y y;\n}\n"
    losses = skeleton(text, "csharp").losses
    outline = outline_of(text, load_pack("java"))
    assert outline is not None
    assert losses == ("line 4: initializer", "line 5: annotation @Inject")
    java, csharp = load_pack("java"), load_pack("csharp")
    around = surroundings_of({"A.java": outline}, java, csharp)
    made = skeleton_of(outline, java, csharp, surroundings=around)
    assert made is not None
    assert {"import com.x.Y", "type Y"} <= set(made.losses)


def test_a_text_is_indented_but_not_inside_its_strings() -> None:
    made = skeleton("class A { void f() { } }", "csharp")
    (slot,) = slots_in(made.pieces)
    given_text = 'void F()\n      {\n        G(@"a\n  b");\n      }'
    text, places = assemble(made, {slot.start_byte: given_text})
    assert '    void F()\n    {\n      G(@"a\n  b");\n    }' in text
    start, end = places[slot.start_byte]
    assert text[start:end].startswith("void F()")


def test_statements_have_slots_without_a_stub() -> None:
    made = skeleton('import os\n\nif __name__ == "__main__":\n    main()\n', "javascript", "python")
    (slot,) = slots_in(made.pieces)
    assert (slot.kind, slot.stub, slot.sure) == ("statement", "", False)
    assert "main();" in assemble(made, {slot.start_byte: "main();"})[0]


@pytest.mark.parametrize(("source", "target"), PAIRS)
@settings(deadline=None, max_examples=40)
@given(text=TEXTS)
def test_every_text_has_a_skeleton_and_its_slots_hold_what_is_put_there(
    source: str, target: str, text: str
) -> None:
    made = skeleton(text, target, source, "a/b.x")
    slots = list(slots_in(made.pieces))
    assert len({slot.start_byte for slot in slots}) == len(slots)
    plain, places = assemble(made)
    again, _ = assemble(made, {slot.start_byte: slot.stub for slot in slots})
    assert again == plain
    for slot in slots:
        start, end = places[slot.start_byte]
        assert plain[start:end].split() == slot.stub.split()
    marked, places = assemble(made, {slot.start_byte: f"x{slot.start_byte}" for slot in slots})
    for slot in slots:
        start, end = places[slot.start_byte]
        assert marked[start:end] == f"x{slot.start_byte}"


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_skeleton_of_the_example_parses(source: str, target: str) -> None:
    _, file = next(example_files(load_pack(source)))
    assert file is not None
    text, _ = assemble(skeleton(file.read_text("utf-8"), target, source, file.name))
    assert parses(text, load_pack(target))


@pytest.mark.parametrize(
    ("target", "given_text", "left"),
    [
        ("python", "def f():\n    return 1", "def f():\n    return 1"),
        ("python", "    def f():\n        return 1\n", "def f():\n    return 1"),
        ("python", "@a\n    def f():\n        return 1", "@a\ndef f():\n    return 1"),
        ("python", "def f():\n    return '''\n  x\n'''", "def f():\n    return '''\n  x\n'''"),
        ("csharp", "int F()\n    {\n        G();\n    }", "int F()\n{\n    G();\n}"),
        ("csharp", "int a =\n    5;", "int a =\n    5;"),
        ("csharp", "\n\n  int a;  \n", "int a;"),
    ],
)
def test_a_text_is_put_flush_left_without_losing_its_shape(
    target: str, given_text: str, left: str
) -> None:
    assert set_left(given_text, load_pack(target)) == left
