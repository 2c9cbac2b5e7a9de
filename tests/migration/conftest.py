"""Repositories, and migrations of them by an engine that answers from a table."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from table_engine import ONE, TWO, put

from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.engines.base import Engine
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.run import Migration, Outcome
from fedtranslate.migration.settings import MigrationSettings

Migrate = Callable[..., Outcome]
Settings = Callable[..., MigrationSettings]


@pytest.fixture(scope="session")
def parser() -> Iterator[ParseWorker]:
    """A worker for all tests."""
    with ParseWorker() as worker:
        yield worker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, repository: Path) -> Settings:
    """Make settings for the repository; Java to C# without builds, if not said otherwise."""

    def make(**values: object) -> MigrationSettings:
        standard = {
            "repository": repository,
            "out": tmp_path / "out",
            "source": "java",
            "target": "csharp",
            "build": False,
            "behave": False,
        }
        return MigrationSettings.model_validate(standard | values)

    return make


@pytest.fixture
def migrate(parser: ParseWorker) -> Migrate:
    """Run a migration to its end."""

    def run(settings: MigrationSettings, engine: Engine) -> Outcome:
        settings.out.mkdir(exist_ok=True)
        with Journal(settings.out) as journal:
            return Migration(journal, settings, engine, parser).run()

    return run


@pytest.fixture
def shop(repository: Path) -> Path:
    """A repository of two classes and a resource."""
    put(repository, {"shop/One.java": ONE, "shop/Two.java": TWO, "logo.bin": b"\0\1"})
    return repository
