"""Each back-end of the sandbox that this machine has, and programs run in it."""

from pathlib import Path

import pytest
from programs_inside import CONTAINING, PYTHON, RunPython

from fedtranslate.checks.sandbox import Finished, Limits, choose, run


def _use(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    if reason := choose._unusable(name):
        pytest.skip(f"{name}: {reason}")
    monkeypatch.setenv(choose.CHOICE, name)
    return name


@pytest.fixture(params=[*CONTAINING, "none"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a back-end, which is in use; all there are."""
    return _use(request.param, monkeypatch)


@pytest.fixture(params=CONTAINING)
def container(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a back-end that contains programs, which is in use."""
    return _use(request.param, monkeypatch)


@pytest.fixture(params=[one for one in CONTAINING if one != "docker"])
def host_container(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Likewise, of those that run the programs of this machine."""
    return _use(request.param, monkeypatch)


@pytest.fixture
def python(tmp_path: Path, request: pytest.FixtureRequest) -> RunPython:
    """Run a text as Python in the folder ``inside``, with limits by name."""
    names = {"backend", "container"} & set(request.fixturenames)
    program = "python3" if "docker" in {request.getfixturevalue(one) for one in names} else PYTHON
    folder = tmp_path / "inside"
    folder.mkdir()

    def run_python(
        code: str, *, stdin: bytes = b"", readable: tuple[Path, ...] = (), **limits: float | None
    ) -> Finished:
        argv = [program, "-I", "-S", "-c", code]
        allowed = Limits(**{"seconds": 60.0, **limits})  # type: ignore[arg-type]
        return run(argv, folder=folder, limits=allowed, stdin=stdin, readable=readable)

    return run_python
