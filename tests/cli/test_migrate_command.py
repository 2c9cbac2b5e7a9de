"""``fedtranslate migrate`` and what it says, with the builtin model and with a server that lies."""

import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.cli.migrate import run
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.states import UnitState

ONE = """package shop;

/** Counts. */
public final class One {
    private int n = 0;

    /** The size. */
    public int size() {
        return n;
    }

    public void clear() {
        n = 0;
    }
}
"""


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["migrate", *map(str, arguments)])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop/One.java").write_text(ONE)
    (folder / "notes.txt").write_text("x")
    (folder / "build.gradle").write_text("")
    return folder


GOOD = json.dumps(
    {"choices": [{"message": {"content": "int f() { return 1; }"}, "finish_reason": "stop"}]}
).encode()


class Server(BaseHTTPRequestHandler):
    """Answers every question but the first, by which it is tried, with what the test has set."""

    answer = b""
    status = 200
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        first, type(self).asked = self.asked == 0, self.asked + 1
        self.send_response(200 if first else self.status)
        self.end_headers()
        self.wfile.write(GOOD if first else self.answer)

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"data": []}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[Server]]]:
    class Own(Server):
        pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}/v1", Own
    httpd.shutdown()
    httpd.server_close()


def test_a_dry_run_tells_the_plan_and_writes_nothing(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = call(shop, "--out", out, "--dry-run")
    assert said.exit_code == 0
    assert "shop/One.java -> Shop/One.cs  (2 units)" in said.stdout
    assert "how the source is built; the target has its own: build.gradle" in said.stdout
    document = json.loads(call(shop, "--out", out, "--dry-run", "--json").stdout)
    assert (document["units"], document["pending"]) == (2, 2)
    assert document["tokens"] > 0
    assert not out.exists()


def test_a_plan_knows_what_a_migration_has_done_that_is_still_under_way(
    shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    call(shop, "--out", out, "--no-build", "--no-behave")
    with Journal(out) as journal:
        units = [replace(unit, state=UnitState.DONE) for unit in journal.units("wave >= 0")]
        journal.put_units(units)
        before = json.loads(call(shop, "--out", out, "--dry-run", "--json").stdout)
        assert (before["units"], before["pending"]) == (2, 0)
        journal.put_units(replace(unit, state=UnitState.PENDING) for unit in units)
        after = json.loads(call(shop, "--out", out, "--dry-run", "--json").stdout)
        assert (after["units"], after["pending"]) == (2, 2)
        assert journal.count_units(UnitState.PENDING) == 2


def test_a_migration_is_told_reported_and_asked_about(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = call(shop, "--out", out, "--json")
    document = json.loads(said.stdout)
    assert sum(document["units"].values()) == 3
    assert said.exit_code == (1 if document["units"]["failed"] else 0)
    assert Path(document["report"]).read_text().startswith("<!DOCTYPE html>")
    text = (out / "Shop/One.cs").read_text()
    assert "namespace Shop" in text
    assert "/** The size. */" in text
    assert (out / "notes.txt").read_text() == "x"
    status = call("status", out)
    assert "java to csharp" in status.stdout
    explained = call("explain", out, "One.size")
    assert "shop/One.java#One.size" in explained.stdout
    assert "Attempt 1" in explained.stdout
    assert json.loads(call("explain", out, "size", "--json").stdout)["kind"] == "method"


def test_every_option_of_a_run_says_what_it_is_for() -> None:
    silent = [one.name for one in run.params if isinstance(one, click.Option) and not one.help]
    assert silent == []


def test_what_is_asked_for_has_to_be_there(shop: Path, tmp_path: Path) -> None:
    assert call("status", tmp_path).exit_code == 2
    assert "There is no migration in" in call("status", tmp_path).stderr
    call(shop, "--out", tmp_path / "out", "--no-build")
    said = call("explain", tmp_path / "out", "nothing")
    assert said.exit_code == 2
    assert "No units are called 'nothing'" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--out is missing"),
        (["--out", "{shop}"], "it is the repository itself"),
        (["--out", "{shop}/out"], "it lies inside the repository"),
        (["--out", "{shop}/.."], "the repository lies inside it"),
        (["--out", "{out}", "--to", "java"], "say which, with select or references"),
        (["--out", "{out}", "--to", "klingon"], "No language is called 'klingon'"),
        (["--out", "{out}", "--in-place"], "exclude each other"),
        (["--in-place"], "git"),
        (["--out", "{out}", "--endpoint", "http://localhost:1"], "name of its model"),
        (["--out", "{out}", "--class-path", "/no/such"], "there is no /no/such"),
        (["--out", "{out}", "--adapter", "/no/such"], "/no/such"),
    ],
)
def test_a_wrong_request_is_refused_in_a_sentence(
    shop: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    filled = [one.format(shop=shop, out=tmp_path / "out") for one in arguments]
    said = call(shop, *filled)
    assert said.exit_code == 2
    assert words in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("[types]\nOne = 'a b'", [], "[types] 'One': the new name is no name of a type"),
        ("[packages\n", [], "is not valid TOML"),
        (None, [], "There is no file"),
        ("[types]\nOne = 'Eins'", ["--to", "java", "--select", "x"], "within one language nothing"),
    ],
)
def test_names_that_are_none_are_refused_before_anything_is_written(
    shop: Path, tmp_path: Path, text: str | None, arguments: list[str], words: str
) -> None:
    names = tmp_path / "names.toml"
    if text is not None:
        names.write_text(text)
    said = call(shop, "--out", tmp_path / "out", "--names", names, *arguments)
    assert (said.exit_code, "Traceback" in said.stderr) == (2, False)
    assert words in said.stderr
    assert not (tmp_path / "out").exists()


def test_a_server_answers_in_place_of_the_model(
    shop: Path, tmp_path: Path, server: tuple[str, type[Server]]
) -> None:
    url, handler = server
    code = "```csharp\npublic int Size()\n{\n    return n;\n}\n```"
    choice = {"message": {"content": f"Here it is:\n{code}"}, "finish_reason": "stop"}
    handler.answer = json.dumps({"choices": [choice]}).encode()
    out = tmp_path / "out"
    said = call(shop, "--out", out, "--endpoint", url, "--endpoint-model", "m", "--json")
    document = json.loads(said.stdout)
    assert document["units"]["done"] >= 1
    assert "return n;" in (out / "Shop/One.cs").read_text()


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, b"<html>no</html>"), (200, b'{"choices": []}'), (400, b"no"), (200, b"\0" * 10)],
)
def test_a_server_that_lies_costs_the_units_and_not_the_run(
    shop: Path, tmp_path: Path, server: tuple[str, type[Server]], status: int, answer: bytes
) -> None:
    url, handler = server
    handler.status, handler.answer = status, answer
    out = tmp_path / "out"
    arguments = ["--endpoint", url, "--endpoint-model", "m", "--repairs", "0", "--no-build"]
    said = call(shop, "--out", out, *arguments)
    assert said.exit_code == 1, said.stderr
    assert "2 left as stubs" in said.stdout
    assert "NOT MIGRATED" in (out / "Shop/One.cs").read_text()


def test_a_stub_that_people_have_written_needs_nobody_any_more(
    shop: Path, tmp_path: Path, server: tuple[str, type[Server]]
) -> None:
    url, handler = server
    handler.status, handler.answer = 400, b"no"
    out = tmp_path / "out"
    arguments = ["--endpoint", url, "--endpoint-model", "m", "--repairs", "0", "--no-build"]
    assert call(shop, "--out", out, *arguments).exit_code == 1
    place = out / "Shop/One.cs"
    marked = place.read_text()
    stub = marked[marked.index("        // NOT MIGRATED") : marked.index("public void Clear")]
    people = "        public int Size() { return n; }\n\n        // NOT MIGRATED: \n        "
    place.write_text(marked.replace(stub, people))
    status = call("status", out)
    assert "of those that failed: 1 written by people" in status.stdout
    assert "One.clear" in status.stdout
    assert "One.size" not in status.stdout
    handler.asked = 0
    said = call(shop, "--out", out, *arguments)
    assert said.exit_code == 1, said.stderr
    assert "1 left as stubs, 1 written by people, 1 declarations by rule" in said.stdout
    handler.asked = 0
    call("retry", out)
    tries = {
        name: len(json.loads(call("explain", out, name, "--json").stdout)["attempts"])
        for name in ("One.size", "One.clear")
    }
    assert tries == {"One.size": 1, "One.clear": 2}
    place.write_text(
        place.read_text()
        .replace("        // NOT MIGRATED: \n", "")
        .replace("throw new NotImplementedException();", "n = 0;")
    )
    handler.asked = 0
    said = call(shop, "--out", out, *arguments)
    assert said.exit_code == 0, said.stdout
    assert "Needs a human" not in said.stdout
    document = json.loads((out / ".fedtranslate/migration.json").read_text())
    assert {one["need"] for one in document["units"]} == {"mended", "rule"}


def test_the_result_is_committed_to_a_branch(shop: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(shop), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    git("init", "-q", "-b", "main")
    git("config", "user.name", "a")
    git("config", "user.email", "a@example.com")
    git("add", "-A")
    git("commit", "-qm", "start")
    said = call(shop, "--in-place", "--branch", "to-cs")
    assert said.exit_code in (0, 1), said.stderr
    assert git("rev-parse", "--abbrev-ref", "HEAD").strip() == "to-cs"
    assert "Shop/One.cs" in git("ls-tree", "-r", "--name-only", "HEAD").split("\n")
    assert git("status", "--porcelain") == ""
    assert (shop / "shop/One.java").read_text() == ONE
    again = call(shop, "--in-place", "--branch", "to-cs")
    assert again.exit_code in (0, 1), again.stderr
    assert "0 commits on the branch to-cs" in again.stdout
