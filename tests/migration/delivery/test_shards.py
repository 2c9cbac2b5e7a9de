from pathlib import Path

import pytest
from delivery_scenes import Scene

from fedtranslate.errors import ConfigError
from fedtranslate.migration.delivery.shards import Shard, shards
from fedtranslate.migration.states import FileState


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "bank").mkdir()
    return Scene(tmp_path / "bank", tmp_path / "out")


def test_what_is_used_comes_first_by_folder(scene: Scene) -> None:
    scene.type("app/Main.java", "Main", ["Account"])
    scene.type("model/Account.java", "Account", ["Money"])
    scene.type("units/Money.java", "Money")
    assert shards(scene.journal, "package") == [
        Shard("units", ("units/Money.cs",)),
        Shard("model", ("model/Account.cs",)),
        Shard("app", ("app/Main.cs",)),
    ]


def test_folders_that_need_each_other_are_one_shard(scene: Scene) -> None:
    scene.type("a/A.java", "A", ["B"])
    scene.type("b/B.java", "B", ["A2"])
    scene.type("a/A2.java", "A2")
    scene.type("c/C.java", "C", ["A"])
    cut = shards(scene.journal, "package")
    assert [(one.name, set(one.files)) for one in cut] == [
        ("a and 1 more", {"a/A.cs", "a/A2.cs", "b/B.cs"}),
        ("c", {"c/C.cs"}),
    ]
    assert cut[0].files == ("a/A2.cs", "b/B.cs", "a/A.cs")


def test_a_shard_has_at_most_so_many_lines_and_cycles_are_not_parted(scene: Scene) -> None:
    scene.type("A.java", "A")  # two lines each
    scene.type("B.java", "B", ["A"])
    scene.type("C.java", "C", ["B", "D"])
    scene.type("D.java", "D", ["C"])
    scene.type("E.java", "E", ["D"])
    cut = [one.files for one in shards(scene.journal, "size", 4)]
    assert cut == [("A.cs", "B.cs"), ("C.cs", "D.cs"), ("E.cs",)]
    cut = [one.files for one in shards(scene.journal, "size", 1)]
    assert cut == [("A.cs",), ("B.cs",), ("C.cs", "D.cs"), ("E.cs",)]


def test_a_method_that_many_types_have_ties_nothing(scene: Scene) -> None:
    scene.type("a/A.java", "A", ["close"])
    scene.type("b/B.java", "B", ["A"])
    scene.unit("b/B.java", "close", container="B")
    scene.type("c/C.java", "C")
    scene.unit("c/C.java", "close", container="C")
    assert [one.name for one in shards(scene.journal, "package")] == ["a", "b", "c"]


def test_a_type_in_the_same_folder_is_meant_before_others(scene: Scene) -> None:
    scene.type("a/Node.java", "Node")
    scene.type("a/User.java", "User", ["Node"])
    scene.type("b/Node.java", "Node", ["User"])
    assert [one.name for one in shards(scene.journal, "package")] == ["a", "b"]


def test_project_files_come_first_and_resources_with_what_names_them(scene: Scene) -> None:
    scene.type("a/A.java", "A")
    scene.type("b/B.java", "B", ["A"], text='load("/texts/hello.properties")')
    scene.file("(x.csproj)", "x.csproj", "<Project/>", role="project")
    scene.file("res/hello.properties", "r/hello.properties", "x=1", role="resource")
    scene.file("b/icon.png", "icons/b.png", b"\0", role="resource")
    scene.file("other/x.txt", "other/y.txt", "", role="resource")
    scene.file("same.txt", "same.txt", "", role="resource")
    assert [one.files for one in shards(scene.journal, "package")] == [
        ("x.csproj", "other/y.txt", "a/A.cs"),
        ("icons/b.png", "r/hello.properties", "b/B.cs"),
    ]


def test_files_that_failed_or_are_as_before_are_in_no_shard(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    scene = Scene(tmp_path / "bank", tmp_path / "out", "java", "java")
    scene.file("A.java", "A.java", "new\n", before="old\n")
    scene.unit("A.java", "a", text="one\ntwo\nthree", new="one\n2\n3")
    scene.file("B.java", "B.java", "same", before="same")
    scene.file("C.java", "C.java", "new", before="old", state=FileState.FAILED)
    scene.file("D.java", "D.java", "new\n", before="old\n")
    scene.unit("D.java", "d", text="one", new="two")
    assert [one.files for one in shards(scene.journal, "package")] == [("A.java", "D.java")]
    # four lines of A are changed, and two of D
    assert [one.files for one in shards(scene.journal, "size", 6)] == [("A.java", "D.java")]
    assert [one.files for one in shards(scene.journal, "size", 5)] == [("A.java",), ("D.java",)]


def test_shards_of_nothing_are_refused(scene: Scene) -> None:
    with pytest.raises(ConfigError, match="holds nothing"):
        shards(scene.journal, "size", 0)
