"""What a file of names may say, and what it is told where it may not."""

from pathlib import Path

import pytest

from fedtranslate.errors import ConfigError
from fedtranslate.migration.names import read_names


def names(tmp_path: Path, text: str) -> Path:
    """Write a file of names."""
    file = tmp_path / "names.toml"
    file.write_text(text)
    return file


def refusal(file: Path) -> str:
    """Return what is said of a file that is refused."""
    with pytest.raises(ConfigError) as caught:
        read_names(file)
    return str(caught.value)


def test_names_of_every_language_are_taken(tmp_path: Path) -> None:
    text = """
[packages]
"org.shop" = "My.Space"
"example.com/my-shop/core" = "shop::core"
'Shop\\Core' = "@shop/core"
legacy = ""
[types]
Account = "Konto"
"Order.Line" = "Shop.Übersicht"
"""
    found = read_names(names(tmp_path, text))
    assert found["packages"]["example.com/my-shop/core"] == "shop::core"
    assert found["packages"]["legacy"] == ""
    assert found["types"] == {"Account": "Konto", "Order.Line": "Shop.Übersicht"}
    assert read_names(names(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[types]\nAccount = 3", "[types] 'Account': the new name should be text (given: 3)"),
        ("[types]\nAccount = ''", "the new name is no name of a type (given: '')"),
        ("[types]\nAccount = '1st'", "the new name is no name of a type (given: '1st')"),
        ("[types]\nAccount = 'A { } class B'", "the new name is no name of a type"),
        ('[types]\nAccount = "A\\nB"', "the new name is no name of a type (given: 'A\\nB')"),
        ("[types]\n'' = 'A'", "[types] '': this is no name of a type"),
        ("[types]\n'List<Account>' = 'A'", "[types] 'List<Account>': this is no name of a type"),
        ("[types]\nAccount = ['A']", "should be text (given: ['A'])"),
        ("[packages]\n'org shop' = 'A'", "[packages] 'org shop': this is no name of a package"),
        ("[packages]\n'org.' = 'A'", "[packages] 'org.': this is no name of a package"),
        ("[packages]\norg = 'A; using B'", "the new name is no name of a package"),
        ("[packages]\norg.shop = 'A'", "[packages] 'org': a name with dots in it has to stand in"),
        ("packages = 'A'", "packages should be a table (given: 'A')"),
        ("types = [1]", "types should be a table (given: [1])"),
        ("[methods]\na = 'b'", "'methods' is unknown; there may be [packages] and [types]"),
    ],
)
def test_what_is_no_name_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = names(tmp_path, text)
    said = refusal(file)
    assert f"{file} has 1 mistake:" in said
    assert words in said
    assert "Write [packages] and [types] with lines such as" in said


def test_all_mistakes_are_told_at_once_and_long_ones_in_short(tmp_path: Path) -> None:
    text = f"[packages]\norg = 1\n[types]\nA = '{'x ' * 500}'\nB = ''\n"
    said = refusal(names(tmp_path, text))
    assert "has 3 mistakes:" in said
    assert max(map(len, said.splitlines())) < 200
