import os
import stat
from pathlib import Path

import pytest
from delivery_scenes import git, repository, write

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.patch import write_patch

BEFORE: dict[str, str | bytes] = {
    "src/A.java": "".join(f"line {number}\n" for number in range(100)),
    "crlf.txt": b"one\r\ntwo\r\nthree\r\n",
    "end.txt": "no newline",
    "icon.bin": bytes(range(256)),
    "same.txt": "same",
    'ümlaut "quoted"\t.txt': "x\n",
    "empty.txt": "",
}
AFTER: dict[str, str | bytes] = BEFORE | {
    "src/A.java": str(BEFORE["src/A.java"]).replace("line 50\n", "line fifty\n"),
    "crlf.txt": b"one\r\n2\r\nthree",
    "end.txt": "no newline either",
    "icon.bin": bytes(reversed(range(256))),
    "new/deep/B.cs": "class B {}\n",
    "new/data.bin": b"\0\1\2" * 100,
    "new/empty": "",
    'ümlaut "quoted"\t.txt': "y\n",
    "-f": "x\n",
    "a b/c d.txt": "x\n",
    "new\nline.txt": "x",
    os.fsdecode(b"latin-\xe9.txt"): "x\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", BEFORE)


def test_a_patch_applies_and_leads_to_the_tree(repo: Path, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", AFTER)
    patched = write_patch(repo, tree, list(AFTER), tmp_path / "m.patch")
    assert patched.left_out == ()
    assert patched.files == sum(AFTER[name] != BEFORE.get(name) for name in AFTER)
    git(repo, "apply", "--check", str(tmp_path / "m.patch"))
    git(repo, "apply", "--index", str(tmp_path / "m.patch"))
    for name, content in AFTER.items():
        data = content.encode() if isinstance(content, str) else content
        assert (repo / name).read_bytes() == data, name


def test_a_patch_is_small_and_has_names_as_git_writes_them(repo: Path, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", AFTER)
    write_patch(repo, tree, ["src/A.java", "new/deep/B.cs", "same.txt"], tmp_path / "m.patch")
    lines = (tmp_path / "m.patch").read_text().splitlines()
    assert "--- a/src/A.java" in lines
    assert "+++ b/new/deep/B.cs" in lines
    assert len([line for line in lines if line[:1] in "+-" and line[:3] not in "---+++"]) == 3
    assert not any("same.txt" in line or str(tmp_path) in line for line in lines)


def test_settings_of_people_do_not_change_a_patch(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = write(tmp_path / "tree", AFTER)
    write_patch(repo, tree, list(AFTER), tmp_path / "one.patch")
    settings = tmp_path / "settings"
    settings.write_text(
        "[color]\nui = always\n[diff]\nnoprefix = true\nmnemonicPrefix = true\nexternal = false\n"
        "context = 0\n[core]\nautocrlf = input\nquotepath = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    write_patch(repo, tree, list(AFTER), tmp_path / "two.patch")
    assert (tmp_path / "one.patch").read_bytes() == (tmp_path / "two.patch").read_bytes()


def test_permissions_stay_and_new_ones_come_along(repo: Path, tmp_path: Path) -> None:
    (repo / "end.txt").chmod(0o755)
    git(repo, "commit", "--quiet", "-am", "mode")
    tree = write(tmp_path / "tree", AFTER)
    (tree / "new/deep/B.cs").chmod(0o755)
    write_patch(repo, tree, ["end.txt", "new/deep/B.cs"], tmp_path / "m.patch")
    git(repo, "apply", str(tmp_path / "m.patch"))
    assert (repo / "end.txt").stat().st_mode & stat.S_IXUSR
    assert (repo / "new/deep/B.cs").stat().st_mode & stat.S_IXUSR


def test_where_nothing_differs_the_patch_is_empty(repo: Path, tmp_path: Path) -> None:
    patched = write_patch(repo, repo, list(BEFORE), tmp_path / "m.patch")
    assert patched.files == 0
    assert (tmp_path / "m.patch").read_bytes() == b""


def test_links_and_paths_that_lead_elsewhere_are_left_out(repo: Path, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", {"key": "TOP SECRET"})
    (repo / "away").symlink_to(secret)
    tree = write(tmp_path / "tree", {"away/key": "x", "ok": "x"})
    (tree / "link").symlink_to(secret / "key")
    names = ["away/key", "link", "../secret/key", "missing", "ok"]
    patched = write_patch(repo, tree, names, tmp_path / "m.patch")
    assert sorted(path for path, _ in patched.left_out) == sorted(names[:4])
    assert b"SECRET" not in (tmp_path / "m.patch").read_bytes()


def test_without_git_it_is_said_what_is_needed_and_nothing_is_written(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.patch").write_text("of before")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MigrationError, match="Install git"):
        write_patch(repo, write(tmp_path / "tree", AFTER), list(AFTER), tmp_path / "m.patch")
    assert (tmp_path / "m.patch").read_text() == "of before"
    assert not list(tmp_path.glob(".*"))
