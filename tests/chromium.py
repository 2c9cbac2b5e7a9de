"""A real browser, driven by its own protocol through two pipes; no other package is needed."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_CODES = {"Enter": ("\r", 13), "Escape": ("", 27), "ArrowDown": ("", 40), "Tab": ("", 9)}


class Page:
    """One page of a browser."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = to, back
        self._number, self._rest, self._session = 0, b"", ""
        self.said: list[str] = []
        self.asked: list[str] = []
        """Addresses of all requests of the page."""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def open(self, file: Path, fragment: str = "") -> None:
        """Show a file, and wait until it has loaded."""
        self.visit(file.as_uri() + fragment)

    def visit(self, address: str) -> None:
        """Show what is at an address, and wait until it has loaded."""
        self._ask("Page.navigate", url=address)
        while not self.run("document.readyState === 'complete' && location.href !== 'about:blank'"):
            pass

    def run(self, expression: str) -> Any:  # noqa: ANN401
        """Return what an expression in the page comes to."""
        answer = self._ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as a person does."""
        for key in keys:
            text, code = _CODES.get(key, (key, ord(key[0].upper())))
            about = {"key": key, "windowsVirtualKeyCode": code}
            self._ask(
                "Input.dispatchKeyEvent",
                type="keyDown",
                **about,
                **({"text": text} if text else {}),
            )
            self._ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def resize(self, width: int) -> None:
        """Make the window ``width`` pixels wide; 0 gives it back as it was."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900 if width else 0,
            deviceScaleFactor=1,
            mobile=False,
        )

    def emulate(self, **features: str) -> None:
        """Prefer what a reader may: ``prefers_color_scheme="dark"``."""
        media = [{"name": n.replace("_", "-"), "value": v} for n, v in features.items()]
        self._ask("Emulation.setEmulatedMedia", features=media)

    def picture(self, path: Path) -> None:
        """Write a picture of the whole page, as PNG."""
        shot = self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def settle(self) -> None:
        """Wait for what the page does a moment later."""
        self.run("new Promise((done) => setTimeout(done, 250))")

    def _ask(self, method: str, **values: object) -> Any:  # noqa: ANN401
        self._number += 1
        request: dict[str, object] = {"id": self._number, "method": method, "params": values}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            if answer.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.said.append(json.dumps(answer["params"]))
            if answer.get("method") == "Network.requestWillBeSent":
                self.asked.append(answer["params"]["request"]["url"])

    def _read(self) -> Any:  # noqa: ANN401
        while b"\0" not in self._rest:
            data = os.read(self._back, 1 << 16)
            assert data, "the browser has gone"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Start a browser with a profile in ``folder``, for the length of a ``with`` block."""
    (read_there, write_here), (read_here, write_there) = os.pipe(), os.pipe()
    command = [str(BROWSER), *_OPTIONS, f"--user-data-dir={folder / 'profile'}"]
    # The browser reads from 3 and writes to 4.
    script = f'exec "$@" 3<&{read_there} 4>&{write_there}'
    process = subprocess.Popen(
        ["bash", "-c", script, "-", *command],
        pass_fds=(read_there, write_there),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_there)
    os.close(write_there)
    try:
        yield Page(write_here, read_here)
    finally:
        process.terminate()
        process.wait(30)
        os.close(write_here)
        os.close(read_here)
