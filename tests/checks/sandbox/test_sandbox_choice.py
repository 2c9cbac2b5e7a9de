"""Which back-end is taken, what is said of it, and what happens where there is none."""

import os
import shutil
from pathlib import Path

import pytest

from fedtranslate.checks import jvm
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.checks.sandbox import (
    Isolation,
    Limits,
    choose,
    describe,
    find_program,
    run,
    start,
)
from fedtranslate.checks.sandbox.docker import IMAGE
from fedtranslate.checks.sandbox.view import READABLE
from fedtranslate.errors import CheckError, UnknownNameError
from fedtranslate.records import CompileState


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for a back-end that cannot be had."""
    monkeypatch.setenv(choose.CHOICE, "docker")
    monkeypatch.delenv(IMAGE, raising=False)
    monkeypatch.setattr(jvm, "_SERVERS", {})  # one that was started before would go on


@pytest.mark.usefixtures("nothing")
def test_where_nothing_contains_programs_they_are_not_run(tmp_path: Path) -> None:
    argv = ["/bin/sh", "-c", "touch ran"]
    for act in (run, start):
        with pytest.raises(CheckError, match=r"names no image.*apt-get install bubblewrap"):
            act(argv, folder=tmp_path, limits=Limits())
    assert not list(tmp_path.iterdir())
    assert describe().name == ""
    assert find_program("sh") is not None


@pytest.mark.usefixtures("nothing")
@pytest.mark.parametrize("language", ["java", "csharp", "python"])
def test_where_nothing_contains_compilers_nothing_is_checked_and_the_reason_is_told(
    language: str,
) -> None:
    unit = "def f():\n    return 1\n" if language == "python" else "int f() { return 1; }"
    (verdict,) = compile_units([unit], language, CompileContext())
    assert verdict.compile_state is CompileState.NOT_CHECKED
    if "not found" not in verdict.reason and "no " not in verdict.reason:
        assert "image" in verdict.reason


def test_a_sandbox_of_another_name_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(choose.CHOICE, "bublewrap")
    with pytest.raises(UnknownNameError, match="bubblewrap"):
        run(["true"], folder=tmp_path, limits=Limits())
    with pytest.raises(UnknownNameError):
        describe()


def test_none_is_taken_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(choose.CHOICE, raising=False)
    assert describe().name != "none"
    monkeypatch.setenv(choose.CHOICE, "none")
    said = describe()
    assert said.name == "none"
    assert said.isolation == Isolation(network=False, files=False, processes=False)


def test_the_strongest_that_works_is_taken_and_others_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(choose.CHOICE, raising=False)
    usable = [name for name in ("bubblewrap", "unshare") if not choose._unusable(name)]
    if not usable:
        pytest.skip("nothing contains programs on this machine")
    assert describe().name == usable[0]
    for name in ("true", "sh", "prlimit"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    said = describe()
    assert said.passed_over["bubblewrap"].startswith("bwrap was not found")
    assert said.name in ("unshare", "")


def test_a_bubblewrap_that_is_too_old_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bwrap"
    old.write_text("#!/bin/sh\necho usage: bwrap --ro-bind --tmpfs\n")
    old.chmod(0o755)
    monkeypatch.delenv(choose.CHOICE, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "too old" in describe().passed_over["bubblewrap"]


@pytest.mark.usefixtures("host_container")
def test_more_can_be_made_readable_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "odd").write_text("read")
    argv = ["cat", str(tmp_path / "odd")]
    assert run(argv, folder=tmp_path / "inside", limits=Limits()).exit_code == 1
    monkeypatch.setenv(READABLE, f"{tmp_path / 'odd'}:/nowhere")
    assert run(argv, folder=tmp_path / "inside", limits=Limits()).stdout == b"read"


@pytest.mark.usefixtures("host_container")
def test_the_whole_machine_cannot_be_made_readable(tmp_path: Path) -> None:
    for whole in (Path("/"), Path("/usr/..")):
        with pytest.raises(CheckError, match="whole machine"):
            run(["true"], folder=tmp_path, limits=Limits(), readable=[whole])
    with pytest.raises(CheckError, match="whole machine"):
        run(["true"], folder=Path("/"), limits=Limits())
