import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.checks import command
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.checks.fingerprint import fingerprint, surroundings
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CompileState, Problem, Verdict

GOOD = Verdict(True, CompileState.COMPILED)
BAD = Verdict(False, CompileState.SYNTAX_ERROR, problems=(Problem(1, 2, "no", "E1", "x = )"),))
WRITER = """
import sys
from pathlib import Path
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.records import CompileState, Verdict

name, count = sys.argv[2], int(sys.argv[3])
with VerdictCache(Path(sys.argv[1])) as cache:
    print("open", flush=True)
    for index in range(count):
        cache.put({f"{name}-{index}": Verdict(True, CompileState.COMPILED)})
    assert not cache.warning, cache.warning
"""


def test_what_is_put_is_got_also_by_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "cache"
    with VerdictCache(file) as cache:
        assert cache.get(["a", "b"]) == {}
        cache.put({"a": GOOD, "b": BAD})
        assert cache.get(["b", "a", "c"]) == {"a": GOOD, "b": BAD}
    with VerdictCache(file) as cache:
        assert cache.get(["a", "b"]) == {"a": GOOD, "b": BAD}
        assert cache.warning == ""


def test_what_was_not_checked_is_not_remembered(tmp_path: Path) -> None:
    with VerdictCache(tmp_path / "cache") as cache:
        cache.put({"a": Verdict(True, reason="no compiler")})
        assert cache.get(["a"]) == {}


def test_the_size_is_bounded_and_what_was_of_use_stays(tmp_path: Path) -> None:
    long = Verdict(True, CompileState.TYPE_ERROR, problems=(Problem(1, 1, "m" * 1000),))
    bound = 200_000
    with VerdictCache(tmp_path / "cache", max_bytes=bound) as cache:
        cache.put({"kept": long})
        for index in range(1000):
            cache.put({f"k{index}": long})
            cache.get(["kept"])
        assert cache.get(["kept"]) == {"kept": long}
        assert cache.get(["k0"]) == {}
        assert cache.get(["k999"]) == {"k999": long}
    assert (tmp_path / "cache").stat().st_size < 2 * bound


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_moved_aside_and_begun_anew(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "cache"
    file.write_bytes(content)
    with VerdictCache(file) as cache:
        assert "damaged" in cache.warning
        cache.put({"a": GOOD})
        assert cache.get(["a"]) == {"a": GOOD}
    assert (tmp_path / "cache.damaged").read_bytes() == content


def test_a_file_that_is_damaged_while_it_is_used_stops_nothing(tmp_path: Path) -> None:
    file = tmp_path / "cache"
    with VerdictCache(file) as cache:
        cache.put({f"k{index}": BAD for index in range(2000)})
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)
    with VerdictCache(file) as cache:
        cache.get([f"k{index}" for index in range(2000)])
        assert cache.warning
        cache.put({"a": GOOD})
        assert cache.get(["a"]) == {"a": GOOD}


def test_a_row_that_is_no_verdict_counts_as_unknown(tmp_path: Path) -> None:
    file = tmp_path / "cache"
    VerdictCache(file).close()
    rows = ["[]", "{", '{"parses": true, "state": "fine", "problems": []}', "null"]
    with sqlite3.connect(file) as database:
        database.executemany(
            "insert into verdicts values (?, ?, 1)",
            [(str(at), said) for at, said in enumerate(rows)],
        )
    database.close()
    with VerdictCache(file) as cache:
        assert cache.get(["0", "1", "2", "3"]) == {}


def test_a_place_that_cannot_be_written_only_warns(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with VerdictCache(tmp_path / "file" / "cache") as cache:
        cache.put({"a": GOOD})
        assert cache.get(["a"]) == {}
        assert "cannot be used" in cache.warning
    with VerdictCache(tmp_path) as cache:
        assert cache.get(["a"]) == {}
        assert cache.warning


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "cache"
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, file, name, "50"]) for name in ("a", "b")
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    keys = [f"{name}-{index}" for name in ("a", "b") for index in range(50)]
    with VerdictCache(file) as cache:
        assert len(cache.get(keys)) == 100


def test_a_file_that_another_process_is_about_to_begin_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "cache"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("create table begun (a)")
    other.execute("begin immediate")
    threading.Timer(0.3, lambda: other.execute("rollback")).start()
    with VerdictCache(file) as cache:
        assert cache.warning == ""
        cache.put({"a": GOOD})
        assert cache.get(["a"]) == {"a": GOOD}
    other.close()


def test_it_survives_kill_9(tmp_path: Path) -> None:
    file = tmp_path / "cache"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, file, "a", "1000000"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with VerdictCache(file) as cache:
        assert cache.get(["a-0"]) == {"a-0": GOOD}
        assert cache.warning == ""


def test_a_verdict_is_remembered_and_the_compiler_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["x = 1\n", "x = )\n", "x = 1\n"]
    with VerdictCache(tmp_path / "cache") as cache:
        first = compile_units(texts, "python", CompileContext(), cache=cache)
        monkeypatch.setattr(command, "_compile", None)
        assert compile_units(texts, "python", CompileContext(), cache=cache) == first
        with pytest.raises(TypeError):
            compile_units(["x = 2\n"], "python", CompileContext(), cache=cache)
    assert [verdict.compile_state for verdict in first] == ["compiled", "syntax_error", "compiled"]


@pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on this machine")
def test_another_class_path_is_another_question(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    context = CompileContext(class_path=(source,))
    with VerdictCache(tmp_path / "cache") as cache:
        (before,) = compile_units(["int f(B b) { return b.x; }"], "java", context, cache=cache)
        (source / "B.java").write_text("class B { int x; }")
        (after,) = compile_units(["int f(B b) { return b.x; }"], "java", context, cache=cache)
    assert before.compile_state == "unresolved_only"
    assert after.compile_state == "compiled"


def test_all_that_a_verdict_depends_on_is_in_its_key(tmp_path: Path) -> None:
    pack = load_pack("python")
    contexts = [
        CompileContext(),
        CompileContext(usings=("os",)),
        CompileContext(container="A"),
        CompileContext(class_path=(tmp_path / "a",)),
    ]
    (tmp_path / "a").write_text("1")
    keys = [surroundings(pack, context) for context in contexts]
    (tmp_path / "a").write_text("2")
    keys += [surroundings(pack, contexts[-1]), surroundings(load_pack("java"), contexts[0])]
    assert None not in keys
    assert len(set(keys)) == len(keys)
    assert surroundings(pack, contexts[0]) == keys[0]


@given(st.text(), st.text())
def test_different_texts_have_different_keys(one: str, other: str) -> None:
    assert (fingerprint(one, "s") == fingerprint(other, "s")) == (one == other)
