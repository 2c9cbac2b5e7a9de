"""The federation of the README, word for word, with real processes, TLS and approval."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedtranslate.adapters.releases.loading import load_any
from fedtranslate.federation.site.ledger import Ledger

CHECKOUT = Path(__file__).resolve().parents[2]
README = (CHECKOUT / "README.md").read_text("utf-8")
SECTION = re.search(r"^## Run a federation\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
FENCES = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "clients").symlink_to(CHECKOUT / "clients")
    yield tmp_path
    for kind, name in (("site", "meridian"), ("site", "kestrel"), ("coordinator", "hub")):
        typed(f"fedtranslate {kind} down --dir {name}", tmp_path)


def typed(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Type a command at a terminal, and yes if it asks."""
    master, slave = pty.openpty()
    os.write(master, b"y\n")
    argv = [sys.executable, "-m", *shlex.split(line)]
    try:
        return subprocess.run(
            argv, cwd=folder, stdin=slave, capture_output=True, text=True, timeout=560, check=False
        )
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.deployment
@pytest.mark.timeout(900)
def test_the_federation_of_the_readme_runs_word_for_word(folder: Path) -> None:
    assert SECTION is not None
    said = {}
    for kind, text in FENCES.findall(SECTION[1]):
        if kind == "toml":
            (folder / "run.toml").write_text(text, "utf-8")
            continue
        for line in filter(None, text.splitlines()):
            done = typed(line, folder)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            said[line.removeprefix("fedtranslate ")] = done.stdout
    assert (
        "first-run: completed, round 2 of 2, 2 sites."
        in said["federate start run.toml --follow --dir hub"]
    )
    assert "site meridian-bank" in said["coordinator status --dir hub"]
    _check_what_is_left(folder)


def _check_what_is_left(folder: Path) -> None:
    kept = Ledger(folder / "meridian" / "ledger.jsonl")
    kinds = [entry.kind for entry in kept.entries()]
    # A node that was late to show that it lives is asked again.
    assert set(kinds) == {"introduction", "update", "decision"}
    assert kinds[0] == "introduction"
    assert kinds.count("update") >= 3
    assert kinds[-1] == "decision"
    assert not kept.verify().problem
    (release,) = (folder / "hub" / "releases" / "releases").glob("[0-9a-f]*")
    theirs = folder / "meridian" / "releases" / "releases" / release.name
    assert (theirs / "release.json").read_bytes() == (release / "release.json").read_bytes()
    about = json.loads((release / "release.json").read_bytes())
    assert about["federation"] == "cairn-migration"
    assert len(about["sites"]) == 2
    assert load_any(release)[1].checksum == about["checksum"]
    for private in ("hub/secrets", "meridian/membership"):
        modes = [path.stat().st_mode & 0o77 for path in (folder / private).glob("*.key")]
        assert modes
        assert not any(modes)
