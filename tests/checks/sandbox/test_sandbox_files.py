"""What a program reads, and how the folders that it has filled are read and removed."""

import os
import socket
from pathlib import Path

import pytest
from programs_inside import RunPython

from fedtranslate.checks.sandbox import Limits, collect, run, scratch
from fedtranslate.checks.sandbox.collect import remove
from fedtranslate.errors import CheckError


def test_a_file_that_a_program_left_is_read(tmp_path: Path) -> None:
    run(["/bin/sh", "-c", "mkdir -p a/b; printf x > a/b/c"], folder=tmp_path, limits=Limits())
    assert collect(tmp_path, "a/b/c") == b"x"


@pytest.mark.parametrize(
    "name", ["../secret", "link", "up/secret", "/etc/hostname", "", ".", "..", "a/../../secret"]
)
def test_no_name_and_no_link_leads_out(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    folder = tmp_path / "folder"
    (folder / "a").mkdir(parents=True)
    (folder / "link").symlink_to("../secret")
    (folder / "up").symlink_to("..")
    with pytest.raises(CheckError):
        collect(folder, name)


@pytest.mark.parametrize("name", ["pipe", "socket", "folder", "missing", "missing/a", "a\0b"])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(CheckError):
            collect(tmp_path, name)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(CheckError, match="larger"):
        collect(tmp_path, "big")
    (tmp_path / "fits").write_bytes(b"12345")
    assert collect(tmp_path, "fits", max_bytes=5) == b"12345"
    with pytest.raises(CheckError):
        collect(tmp_path, "fits", max_bytes=4)


def test_a_scratch_folder_is_empty_and_private_and_goes(tmp_path: Path) -> None:
    with scratch("fedtranslate-test-") as folder:
        assert list(folder.iterdir()) == []
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "a").write_text("x")
    assert not folder.exists()
    assert tmp_path.exists()


def test_a_scratch_folder_goes_when_its_block_fails() -> None:
    with pytest.raises(KeyError), scratch("fedtranslate-test-") as folder:
        raise KeyError
    assert not folder.exists()


def test_a_tree_deeper_than_any_path_is_removed() -> None:
    code = (
        "import os\n"
        "for _ in range(1100):\n"
        "    open('f', 'w'); os.mkdir('d' * 20); os.chdir('d' * 20)"
    )
    with scratch("fedtranslate-test-") as folder:
        done = run(["python3", "-c", code], folder=folder, limits=Limits())
        assert done.exit_code == 0, done.stderr
    assert not folder.exists()


def test_folders_that_cannot_be_entered_and_odd_names_are_removed() -> None:
    with scratch("fedtranslate-test-") as folder:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "c").write_text("x")
        (folder / os.fsdecode(b"\xff\n")).write_text("x")
        (folder / ("n" * 255)).mkdir()
        for locked in (folder / "a" / "b", folder / "a", folder):
            locked.chmod(0)
    assert not folder.exists()


def test_removing_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "link").symlink_to(tmp_path / "kept")
    remove(tmp_path / "gone")
    assert (tmp_path / "kept" / "file").read_text() == "x"
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    remove(tmp_path / "link")
    assert (tmp_path / "kept" / "file").read_text() == "x"


@pytest.mark.usefixtures("container")
def test_what_is_readable_is_read_under_all_its_names(python: RunPython, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("read")
    (tmp_path / "link").symlink_to("real")
    names = [tmp_path / "real" / "a.txt", tmp_path / "link" / "a.txt"]
    code = f"for name in {list(map(str, names))!r}: print(open(name).read())"
    readable = (tmp_path / "link", tmp_path / "not-there")
    assert python(code, readable=readable).stdout == b"read\nread\n"
    only = (names[0],)
    assert python(f"print(open({str(names[0])!r}).read())", readable=only).stdout == b"read\n"


@pytest.mark.usefixtures("container")
def test_what_is_readable_within_the_folder_is_not_writable(
    python: RunPython, tmp_path: Path
) -> None:
    kept = tmp_path / "inside" / "kept"
    kept.mkdir()
    done = python("open('a', 'w'); open('kept/b', 'w')", readable=(kept, tmp_path))
    assert done.exit_code == 1
    assert (tmp_path / "inside" / "a").exists()
    assert not (kept / "b").exists()
