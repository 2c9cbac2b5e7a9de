"""The readers of published data sets, on rows of our own in their formats."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.suites import geeksforgeeks, gold, humaneval_x
from fedtranslate.checks.behave.programs import missing_tool
from fedtranslate.checks.behave.testing import TestState, run_test
from fedtranslate.errors import CorpusError

GO_SETUP = 'package main\n\nimport (\n    "testing"\n    "github.com/stretchr/testify/assert"\n)\n'
RUST_HEAD = "use rand::Rng;\nuse regex::Regex;\nuse md5;\n"
ROWS: dict[str, dict[str, str]] = {
    "python": {
        "prompt": "def inc(a):\n",
        "canonical_solution": "    return a + 1\n",
        "test": "def check(f):\n    assert f(1) == 2\n\ncheck(inc)\n",
    },
    "java": {
        "declaration": "class Solution {\n  int inc(int a) {\n",
        "canonical_solution": "    return a + 1;\n  }\n}",
        "test": "public class Main { public static void main(String[] a) {\n"
        "  if (new Solution().inc(1) != 2) throw new AssertionError(); } }",
    },
    "cpp": {
        "prompt": "using namespace std;\nint inc(int a){\n",
        "canonical_solution": "    return abs(a) + 1;\n}\n",
        "test": "#undef NDEBUG\n#include<assert.h>\nint main(){ assert (inc(1) == 2); }\n",
    },
    "js": {
        "declaration": "const inc = (a) => {\n",
        "canonical_solution": "  return a + 1\n}\n",
        "test": "console.assert(inc(1) === 2)\n",
    },
    "go": {
        "prompt": 'import (\n    "strings"\n)\n\n// One more.\nfunc Inc(a int) int {\n',
        "import": 'import (\n    "strings"\n)\n',
        "test_setup": GO_SETUP,
        "canonical_solution": "    return int(math.Abs(float64(a))) + 1\n}\n",
        "test": "func TestInc(t *testing.T) {\n    assert := assert.New(t)\n"
        "    assert.Equal(2, Inc(1))\n}\n",
    },
    "rust": {
        "declaration": RUST_HEAD + "fn inc(a: i32) -> i32 {\n",
        "canonical_solution": "    a + 1\n}\n",
        "test": "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn test_inc() {\n"
        "        let mut rng = rand::thread_rng();\n        let a: i32 = rng.gen_range(0, 9);\n"
        "        assert_eq!(inc(a), a + 1);\n    }\n}\n",
    },
}
GEEKS = {
    "python": "def f_gold(x):\n    return x + 1\n\n#TOFILL\n\nn = sum(f_filled(i) == f_gold(i)"
    ' for i in range(3))\nprint("#Results: %i, %i" % (n, 3))\n',
    "java": "import javafx.util.Pair;\nclass INC{\n"
    "static int f_gold ( int x ) {\n  return x + 1 ;\n}"
    "\n\n//TOFILL\n\npublic static void main(String args[]) {\n"
    '    int n = f_filled(1) == f_gold(1) ? 1 : 0;\n    System.out.println("#Results:" + n'
    ' + ", " + 1);\n}\n}\n',
    "cpp": "#include <bits/stdc++.h>\nusing namespace std;\n"
    "int f_gold ( int x ) {\n  return x + 1;\n}"
    '\n\n//TOFILL\n\nint main() {\n    cout << "#Results:" << " " << (f_filled(1) == f_gold(1))'
    ' << ", " << 1;\n}\n',
}


def write(file: Path, rows: list[dict[str, Any]]) -> None:
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, row in ROWS.items():
        write(tmp_path / f"humaneval_{name}.jsonl.gz", [{"task_id": f"{name}/0", **row}])
    scripts = [{"id": "INC", "lang": lang, "text": text} for lang, text in GEEKS.items()]
    write(tmp_path / "gfg_test_scripts.jsonl.gz", scripts)
    return tmp_path


@pytest.mark.parametrize("language", humaneval_x.LANGUAGES)
def test_right_answers_of_humaneval_x_pass_and_wrong_ones_fail(language: str, data: Path) -> None:
    (task,) = humaneval_x.read(data, language)
    if missing_tool(task.test.table):
        pytest.skip(f"no tools for {language} on this machine")
    assert run_test(task.test, task.gold).state is TestState.PASSED
    wrong = task.gold.replace("+ 1", "+ 2")
    assert wrong != task.gold
    assert run_test(task.test, wrong).state is TestState.FAILED


@pytest.mark.parametrize("language", geeksforgeeks.LANGUAGES)
def test_right_answers_of_geeksforgeeks_pass_and_wrong_ones_fail(language: str, data: Path) -> None:
    (task,) = geeksforgeeks.read(data, language)
    if missing_tool(task.test.table):
        pytest.skip(f"no tools for {language} on this machine")
    assert "f_filled" in task.gold
    assert run_test(task.test, task.gold).state is TestState.PASSED
    assert run_test(task.test, task.gold.replace("+ 1", "+ 2")).state is TestState.FAILED


def test_rust_keeps_only_the_crates_that_are_used(data: Path) -> None:
    (task,) = humaneval_x.read(data, "rust")
    assert "use regex" not in task.gold
    assert "use md5" not in task.gold
    assert "mod rand" in task.test.text


def test_go_imports_what_is_used_and_nothing_else(data: Path) -> None:
    (task,) = humaneval_x.read(data, "go")
    assert '"math"' in task.test.text
    assert '"strings"' not in task.test.text + task.gold


def test_failures_are_named_with_their_class() -> None:
    explain = humaneval_x.explain
    assert explain("cpp", "CPP/1", "boost/any.hpp: No such file or directory") == (
        "missing library",
        "boost/any.hpp",
    )
    assert explain("javascript", "JavaScript/162", "Cannot find module 'js-md5'")[1] == "js-md5"
    assert explain("rust", "Rust/91", "unresolved import `regex`")[1] == "regex"
    assert explain("javascript", "JavaScript/112", "x")[0] == "upstream fault"
    assert explain("python", "Python/1", "x")[0] == "harness"


def test_a_run_is_written_and_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "gold.json"
    words = ["humaneval-x", str(data), "--language", "python", "--out", str(out)]
    first = CliRunner().invoke(gold.main, words)
    assert first.exit_code == 0, first.output
    assert "| python | 1 | 1 | none |" in first.stdout
    before = json.loads(out.read_text())["tasks"]
    journal = out.with_suffix(".journal.jsonl")
    journal.write_text(journal.read_text() + '{"key": "cut')
    again = CliRunner().invoke(gold.main, words)
    assert json.loads(out.read_text())["tasks"] == before
    assert "python: " not in again.stderr


def test_a_task_that_has_changed_is_run_again(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "gold.json"
    words = ["humaneval-x", str(data), "--language", "python", "--out", str(out)]
    CliRunner().invoke(gold.main, words)
    row = {"task_id": "python/0", **ROWS["python"], "canonical_solution": "    return a\n"}
    write(data / "humaneval_python.jsonl.gz", [row])
    done = CliRunner().invoke(gold.main, words)
    assert "| python | 0 | 1 | 1 harness |" in done.stdout


def test_data_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"humaneval_go\.jsonl\.gz cannot be read"):
        humaneval_x.read(tmp_path, "go")
