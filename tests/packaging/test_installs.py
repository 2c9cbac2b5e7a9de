"""Each way to install fedtranslate: from the wheel, from the sdist, and editable.

Every environment borrows the dependencies of the one that runs the tests, so nothing is downloaded.
"""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("build", reason="needs the extra dev: pip install -e '.[dev]'")
pytest.importorskip("hatchling", reason="needs the extra dev: pip install -e '.[dev]'")

CHECKOUT = Path(__file__).resolve().parents[2]
LARGEST_WHEEL = 30 * 1024 * 1024
PROBE = """
import json
from pathlib import Path
import fedtranslate
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.resources import shipped
print(json.dumps({
    "package": str(Path(fedtranslate.__file__).parent),
    "parsers": str(shipped("parsers")),
    "clients": str(shipped("clients")),
    "titles": [load_pack(name).title for name in known_languages()],
}))
"""


def outside() -> dict[str, str]:
    """Return an environment in which Python does not know the checkout."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run(*argv: str | Path, folder: Path) -> str:
    done = subprocess.run(
        ["nice", "-n", "10", *argv],
        cwd=folder,
        env=outside(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return wheel and sdist; the wheel is built from the unpacked sdist."""
    folder = tmp_path_factory.mktemp("built")
    run(
        sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT, folder=folder
    )
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment without pip, which sees the dependencies from another one."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        (found,) = self.folder.glob("lib/python*/site-packages")
        return found

    def pip(self, *arguments: str | Path) -> None:
        head = (sys.executable, "-m", "pip", "--python", self.python, "--no-input")
        run(*head, *arguments, folder=self.folder)

    def owned(self) -> set[str]:
        """Return what lies in site-packages, but for what was there from the start."""
        return {path.name for path in self.packages.iterdir()} - {"borrowed.pth", "__pycache__"}


@pytest.fixture(scope="module")
def borrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with links to all installed packages, fedtranslate left out."""
    folder = tmp_path_factory.mktemp("borrowed")
    for kind in ("purelib", "platlib"):
        for entry in Path(sysconfig.get_path(kind)).iterdir():
            link = folder / entry.name
            if "fedtranslate" not in entry.name and not link.exists():
                link.symlink_to(entry)
    return folder


@pytest.fixture
def environment(tmp_path: Path, borrowed: Path) -> Iterator[Environment]:
    venv.create(tmp_path / "env", with_pip=False)
    made = Environment(tmp_path / "env")
    (made.packages / "borrowed.pth").write_text(f"{borrowed}\n", "utf-8")
    yield made
    made.pip("uninstall", "--yes", "fedtranslate")
    assert made.owned() == set()
    assert not (made.folder / "bin" / "fedtranslate").exists()
    gone = subprocess.run(
        [made.python, "-c", "import fedtranslate"], cwd=tmp_path, env=outside(), check=False
    )
    assert gone.returncode == 1


def what_it_says(environment: Environment, tmp_path: Path) -> dict[str, str]:
    """Run the command and the probe away from the checkout."""
    version = run(environment.folder / "bin" / "fedtranslate", "--version", folder=tmp_path)
    assert "0.1.0" in version
    found: dict[str, str] = json.loads(
        run(environment.python, "-c", PROBE, folder=tmp_path).splitlines()[-1]
    )
    assert {"Java", "C#", "Python"} <= set(found["titles"])
    return found


Choose = Callable[[tuple[Path, Path]], Path]


@pytest.mark.parametrize(
    "choose", [lambda built: built[0], lambda built: built[1]], ids=["wheel", "sdist"]
)
def test_wheel_and_sdist_own_one_name_and_bring_their_data(
    choose: Choose, built: tuple[Path, Path], environment: Environment, tmp_path: Path
) -> None:
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    environment.pip("install", *offline, choose(built))
    assert environment.owned() == {"fedtranslate", "fedtranslate-0.1.0.dist-info"}
    found = what_it_says(environment, tmp_path)
    package = Path(found["package"])
    assert package == environment.packages / "fedtranslate"
    assert Path(found["parsers"]) == package / "_shipped" / "parsers"
    assert Path(found["clients"]) == package / "_shipped" / "clients"


def test_an_editable_install_reads_the_checkout_itself(
    environment: Environment, tmp_path: Path
) -> None:
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    environment.pip("install", *offline, "--editable", CHECKOUT)
    assert all("fedtranslate" in name for name in environment.owned())
    assert not (environment.packages / "fedtranslate").exists()
    found = what_it_says(environment, tmp_path)
    assert Path(found["package"]) == CHECKOUT / "fedtranslate"
    assert Path(found["parsers"]) == CHECKOUT / "parsers"
    assert Path(found["clients"]) == CHECKOUT / "clients"


def test_the_wheel_holds_all_that_is_needed_and_nothing_else(built: tuple[Path, Path]) -> None:
    wheel, _ = built
    assert wheel.stat().st_size < LARGEST_WHEEL
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names} == {
        "fedtranslate",
        "fedtranslate-0.1.0.dist-info",
    }
    assert "fedtranslate/py.typed" in names
    assert "fedtranslate/_shipped/clients/samples/federation.toml" in names
    assert "fedtranslate/_shipped/clients/kits/site/image/.dockerignore" in names
    assert "fedtranslate/_shipped/constraints.txt" in names
    assert "fedtranslate-0.1.0.dist-info/licenses/LICENSE" in names
    for top in ("fedtranslate", "parsers", "clients"):
        inside = "" if top == "fedtranslate" else "fedtranslate/_shipped/"
        assert [path for path in files_of(top) if inside + path not in names] == []
    assert [name for name in names if "__pycache__" in name or name.endswith(".class")] == []


def test_the_sdist_holds_the_sources_and_no_results(built: tuple[Path, Path]) -> None:
    _, sdist = built
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive}
    assert {"pyproject.toml", "LICENSE", "README.md", "tools/ship_data.py"} <= names
    assert [path for path in files_of("tests") if path not in names] == []
    unwanted = (".ci/", ".git/", ".venv/", "benchmarks/results/", "runs/", ".hypothesis/")
    assert [name for name in names if name.startswith(unwanted)] == []


def files_of(top: str) -> list[str]:
    """Return the files under a folder of the checkout that belong to it."""
    return [
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".class"
    ]
