from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.layout import (
    file_name,
    folder_of,
    package_in,
    package_of,
    packaged,
)
from fedtranslate.languages.naming import CONVENTIONS, styled, words
from fedtranslate.languages.registry import known_languages, load_pack

JAVA, CSHARP, PYTHON, COBOL = map(load_pack, ("java", "csharp", "python", "cobol"))


@pytest.mark.parametrize(
    ("convention", "written"),
    [
        ("camelCase", "httpCodeOf2Things"),
        ("PascalCase", "HttpCodeOf2Things"),
        ("snake_case", "http_code_of_2_things"),
        ("UPPER_SNAKE_CASE", "HTTP_CODE_OF_2_THINGS"),
        ("kebab-case", "http-code-of-2-things"),
        ("UPPER-KEBAB-CASE", "HTTP-CODE-OF-2-THINGS"),
        ("lowercase", "httpcodeof2things"),
    ],
)
def test_a_name_is_written_by_any_convention(convention: str, written: str) -> None:
    assert styled("HTTPCodeOf2Things", convention) == written
    assert styled("http_code_of_2_things", convention) == written
    assert styled("HTTP-CODE-OF-2-THINGS", convention) == written


@given(st.text(st.sampled_from("abcXYZ019_-. "), max_size=20), st.sampled_from(sorted(CONVENTIONS)))
def test_no_convention_adds_or_drops_a_letter(name: str, convention: str) -> None:
    assert "".join(words(styled(name, convention))) == "".join(words(name))


@pytest.mark.parametrize(
    ("name", "language", "file"),
    [
        ("LedgerEntry", "java", "LedgerEntry.java"),
        ("Ledger<T extends Entry>", "java", "Ledger.java"),
        ("books.Ledger", "csharp", "Ledger.cs"),
        ("LedgerEntry", "python", "ledger_entry.py"),
        ("LedgerEntry", "cobol", "LEDGER-ENTRY.cob"),
        ("näme", "java", "näme.java"),
        ("../../etc/passwd", "java", "_etc_passwd.java"),
        ("", "java", "_.java"),
        ("\0", "python", "_.py"),
    ],
)
def test_a_file_is_called_as_the_language_wants(name: str, language: str, file: str) -> None:
    assert file_name(name, load_pack(language)) == file


@pytest.mark.parametrize(
    ("text", "language", "package"),
    [
        ("/* package not.it; */\n\npackage org.books . ledger;\nclass A { }", "java",
         "org.books.ledger"),
        ('class A { String s = """\npackage a.b;\n"""; }', "java", ""),
        ("package a;" + "x" * 300_000, "java", "a"),
        ("using System;\nnamespace Books.Ledger\n{ class A { } }", "csharp", "Books.Ledger"),
        ("// namespace A\nclass B { }", "csharp", ""),
        ("package = 1", "python", ""),
        ("", "java", ""),
    ],
)  # fmt: skip
def test_the_package_of_a_file_is_what_it_declares(text: str, language: str, package: str) -> None:
    assert package_of(text, load_pack(language)) == package


def test_a_package_is_renamed_between_languages() -> None:
    assert package_in("org.books.bigLedger", JAVA, CSHARP) == "Org.Books.BigLedger"
    assert package_in("Org.Books.BigLedger", CSHARP, JAVA) == "org.books.bigledger"
    assert package_in("org.books.bigLedger", JAVA, PYTHON) == "org.books.big_ledger"


def test_a_package_is_declared_as_the_language_wants() -> None:
    assert packaged("class A { }\n", "a.b", JAVA) == "package a.b;\n\nclass A { }\n"
    assert packaged("class A { }\n", "A.B", CSHARP) == "namespace A.B {\nclass A { }\n}\n"
    assert packaged("class A { }\n", "", JAVA) == "class A { }\n"
    assert packaged("x = 1\n", "a.b", PYTHON) == "x = 1\n"
    assert package_of(packaged("class A { }\n", "a.b", JAVA), JAVA) == "a.b"


@pytest.mark.parametrize("language", known_languages())
def test_a_declared_package_is_found_again(language: str) -> None:
    pack = load_pack(language)
    package = package_in("org.bigLedger", JAVA, pack)
    text = "<?php\nfunction f() { }\n" if language == "php" else ""
    found = package_of(packaged(text, package, pack), pack)
    if pack.package is None:
        assert found == ""
        assert packaged(text, package, pack) == text
    else:
        assert found == (package if language != "go" else "bigledger")


@pytest.mark.parametrize(
    ("package", "language", "folder"),
    [
        ("Books::BigLedger", "ruby", "books/big_ledger"),
        ("Books\\BigLedger", "php", "Books/BigLedger"),
        ("books/bigledger", "go", "books/bigledger"),
        ("books::big_ledger", "rust", "books/big_ledger"),
        ("books::ledger", "cpp", "books/ledger"),
    ],
)
def test_each_language_has_its_own_separator(package: str, language: str, folder: str) -> None:
    assert folder_of(package, load_pack(language)) == PurePosixPath(folder)


def test_packages_are_folders_where_the_language_says_so() -> None:
    assert folder_of("org.books", JAVA) == PurePosixPath("org/books")
    assert folder_of("org.books", COBOL) == PurePosixPath()
    assert folder_of("", JAVA) == PurePosixPath()


@given(st.text(max_size=300), st.sampled_from(known_languages()))
def test_no_name_leaves_the_folder_it_is_put_in(name: str, language: str) -> None:
    pack = load_pack(language)
    path = folder_of(name, pack) / file_name(name, pack)
    assert not path.is_absolute()
    assert ".." not in path.parts
    for part in path.parts:
        assert "\0" not in part
        assert 1 <= len(part.encode()) <= 255
