import shutil
from pathlib import Path

import pytest

from fedtranslate.errors import PackError
from fedtranslate.languages.pack import read_pack
from fedtranslate.languages.packcheck import pack_findings
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.skeletons.projectfiles import project_files
from fedtranslate.languages.skeletons.surroundings import surroundings_of
from fedtranslate.languages.skeletons.templates import filled, named
from fedtranslate.languages.skeletons.writefile import WriteFile, write_rules
from fedtranslate.languages.skeletons.writtentypes import UNKNOWN, TypeTree, split_list, type_tree
from fedtranslate.resources import shipped


def copy_with(folder: Path, changed: tuple[str, str]) -> Path:
    copy = folder / "csharp"
    shutil.copytree(load_pack("csharp").folder, copy)
    file = copy / "write.toml"
    text = file.read_text("utf-8")
    assert changed[0] in text
    file.write_text(text.replace(*changed, 1), "utf-8")
    return copy


def test_an_option_goes_where_a_value_is_missing() -> None:
    assert filled("a[[ : {b}]]{c}", {"b": "", "c": "!"}) == "a!"
    assert filled("a[[ : {b}]] {x} {", {"b": "B"}) == "a : B {x} {"
    assert named("_{camelCase}", "NetTotal") == "_netTotal"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (('public = "public"', 'pubic = "public"'), "modifiers.type.pubic"),
        (('method = "{PascalCase}"', 'methods = "{PascalCase}"'), "names.methods"),
        (("[forms.enum]", "[forms.enumeration]"), "forms.enumeration"),
        (('method = "{PascalCase}"', 'method = "{Pascal}"'), "names.method"),
        (("indent =", "indention ="), "indention"),
        (("value = 'null'", "value = '('"), "not a regular expression"),
    ],
)
def test_the_check_says_what_is_wrong(
    changed: tuple[str, str], problem: str, tmp_path: Path
) -> None:
    _, findings = pack_findings(copy_with(tmp_path, changed))
    assert any(problem in one.problem for one in findings)
    assert {one.file.name for one in findings} == {"write.toml"}


def test_wrong_rules_are_refused_with_their_file_and_key(tmp_path: Path) -> None:
    pack = read_pack(copy_with(tmp_path, ("indent =", "indention =")))
    with pytest.raises(PackError, match=r"write\.toml has wrong keys:\n  indention"):
        write_rules(pack.folder)


def test_every_key_is_told_in_the_readme() -> None:
    text = (shipped("parsers") / "README.md").read_text("utf-8").partition("## write.toml")[2]

    def missing(form: type, path: str = "") -> list[str]:
        return [
            path + (info.alias or name)
            for name, info in form.model_fields.items()  # type: ignore[attr-defined]
            if f"`{info.alias or name}" not in text
            and f".{info.alias or name}" not in text
            and f"`{path}{info.alias or name}" not in text
        ]

    assert missing(WriteFile) == []
    for name in ("comments", "file", "types", "source"):
        assert missing(type(getattr(write_rules(load_pack("csharp").folder), name))) == []


@pytest.mark.parametrize("language", known_languages())
def test_the_files_of_a_project_have_names_fit_to_be_files(language: str) -> None:
    for name, text in project_files(load_pack(language), "../My Bank\n<x>").items():
        assert "/" not in name
        assert "\n" not in name
        assert "<x>" not in text
        assert "{" not in name


def test_a_project_is_called_as_it_is_wanted() -> None:
    assert list(project_files(load_pack("csharp"), "Bank")) == ["Bank.csproj"]
    assert '"name": "my-bank"' in project_files(load_pack("javascript"), "MyBank")["package.json"]
    assert project_files(load_pack("cobol"), "Bank") == {}


def test_types_are_taken_apart() -> None:
    inner = TypeTree("List", (TypeTree("int", arrays=1),))
    assert type_tree("Map<? super K, List<int[]>>[]") == TypeTree("Map", (TypeTree("K"), inner), 1)
    assert type_tree("dict[str, int | None]", "[]").arguments[1] == TypeTree("int", nullable=True)
    assert type_tree("A<B>.C<D>") == TypeTree("A.C", (TypeTree("D"),))
    for wrong in ("", "?", "List<", "a b", "<" * 500, "A<" * 500, "x" * 5000):
        assert type_tree(wrong) == UNKNOWN
    assert split_list("a, f(b, c), ',', () -> {1, 2}") == ["a", "f(b, c)", "','", "() -> {1, 2}"]


def test_a_project_without_files_is_known_to_have_none() -> None:
    around = surroundings_of({}, load_pack("java"), load_pack("csharp"))
    assert around.packages == frozenset()
