"""Errors that speak in sentences, and the folders that ship."""

from pathlib import Path

import pytest

from fedtranslate import errors, resources
from fedtranslate.errors import FedTranslateError, InstallError, UnknownNameError
from fedtranslate.resources import shipped


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("parsers", "java/pack.toml"),
        ("clients", "samples/federation.toml"),
        ("clients", "kits/site/README.md"),
    ],
)
def test_a_shipped_folder_is_found(name: str, inside: str) -> None:
    assert (shipped(name) / inside).is_file()


def test_the_versions_that_are_checked_ship_too() -> None:
    assert "torch==" in shipped("constraints.txt").read_text("utf-8")


def test_a_wheel_finds_its_folders_inside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fedtranslate/_shipped/parsers").mkdir(parents=True)
    (tmp_path / "parsers").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "fedtranslate")
    monkeypatch.setattr(resources, "_CHECKOUT", tmp_path)
    assert shipped("parsers") == tmp_path / "fedtranslate/_shipped/parsers"


def test_a_broken_wheel_does_not_take_a_folder_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parsers").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "fedtranslate")
    monkeypatch.setattr(resources, "_CHECKOUT", tmp_path)
    with pytest.raises(InstallError, match=r"'parsers' that ships .* is missing .* pip install"):
        shipped("parsers")


def test_every_error_is_one_that_a_library_user_can_catch_and_is_listed_in_the_tree() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [kind for kind in kinds if kind.__module__ == errors.__name__]
    assert all(issubclass(kind, FedTranslateError) for kind in own)
    assert all(kind.__name__ in str(errors.__doc__) for kind in own)


def test_a_message_is_the_problem_and_then_what_to_do() -> None:
    assert str(FedTranslateError("It broke.", hint="Mend it.")) == "It broke. Mend it."
    assert str(FedTranslateError("It broke.")) == "It broke."


def test_an_unknown_name_is_answered_with_the_nearest_known_one_or_with_all() -> None:
    assert str(UnknownNameError("language", "jav", ["java", "python"])) == (
        "No language is called 'jav'. Did you mean 'java'?"
    )
    assert str(UnknownNameError("language", "cobol", {"python", "java"})) == (
        "No language is called 'cobol'. Known: java, python."
    )
