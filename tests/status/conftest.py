"""Folders of coordinators, and clients of the page of one."""

from pathlib import Path

import pytest
from asking import Clock
from example_place import TOKEN, example
from starlette.testclient import TestClient

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.app import status_app


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorPlace:
    """The folder of a coordinator without anything in it."""
    return CoordinatorPlace(tmp_path)


@pytest.fixture
def grove(tmp_path: Path) -> CoordinatorPlace:
    """A coordinator with three sites, a finished run and one that runs."""
    return example(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(grove: CoordinatorPlace, clock: Clock) -> TestClient:
    return TestClient(status_app(grove, TOKEN, clock=clock), base_url="http://localhost:9446")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Return a client of a coordinator that no test changes."""
    place = example(tmp_path_factory.mktemp("calm"))
    return TestClient(status_app(place, TOKEN, clock=Clock()), base_url="http://localhost:9446")
