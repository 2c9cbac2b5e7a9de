"""An endpoint that speaks as OpenAI's does and knows the right answers, for trees of `trees`.

    python -m benchmarks.suites.answering SHAPE FOLDER --files N --port PORT

writes a repository of that shape into FOLDER and answers questions about it until it is stopped.
No model is behind it: what a migration that asks here comes to is what the machinery around
models does.
"""

import json
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from benchmarks.suites import trees

MODEL = "table"
SHAPES = {
    "java_shop": trees.java_shop,
    "junit3_tests": trees.junit3_tests,
    "python_library": trees.python_library,
}
_BEFORE_SOURCE = re.compile(r"(?:\A|\n\n)The \S+ code:\n\n")
_BEFORE_ALL = re.compile(r"code only\.\n\n")


def source_in(question: str) -> str:
    """Return the code that a question of a migration asks about; "" if it asks about none."""
    begin = _BEFORE_ALL.search(question)
    if begin is None:
        return ""
    rest = question[begin.end() :]
    # Context, where there is some, stands before the code and ends with these words.
    return _BEFORE_SOURCE.split(rest)[-1]


@contextmanager
def answering(
    translate: Callable[[str], str], port: int = 0, *, wrong_first: int = 0
) -> Iterator[str]:
    """Answer questions for the length of a ``with`` block; give the address.

    Args:
        translate: Gives the right answer to a text.
        port: Where; any that is free for 0.
        wrong_first: One text in so many gets a wrong answer until the question tells of one.
    """
    server = _Server(("127.0.0.1", port), _Handler)
    server.translate, server.wrong_first = translate, wrong_first
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    translate: Callable[[str], str]
    wrong_first: int

    def handle_error(self, *_: object) -> None:
        """Say nothing: who asks may be killed at any moment."""

    def answer(self, question: str) -> str:
        """Return the answer to a question, in a fence as models put it."""
        source = source_in(question)
        if not source:
            return "yes"
        answer = self.translate(source)
        is_chosen = self.wrong_first and zlib.crc32(source.encode()) % self.wrong_first == 0
        if is_chosen and "This was wrong with it:" not in question:
            answer = answer.replace("}", "nowhere.Known();\n}", 1)
        return f"```\n{answer}\n```"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.answer(asked["messages"][-1]["content"])
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer},
            "finish_reason": "stop",
        }
        body = json.dumps({"object": "chat.completion", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@click.command()
@click.argument("shape", type=click.Choice(sorted(SHAPES)))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--files", type=click.IntRange(1), default=300, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8009, show_default=True)
def main(shape: str, folder: Path, files: int, port: int) -> None:
    """Write a repository and answer questions about it."""
    tree = SHAPES[shape](files)
    tree.write(folder)
    with answering(tree.translate, port) as url:
        click.echo(
            f"{len(tree.files)} files in {folder}; --endpoint {url} --endpoint-model {MODEL}"
        )
        threading.Event().wait()


if __name__ == "__main__":
    main()
