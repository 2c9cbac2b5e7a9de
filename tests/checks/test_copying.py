"""What of a project is copied to be built."""

from pathlib import Path

from fedtranslate.checks.copying import copy_project, source_files


def test_the_memory_of_a_migration_is_no_part_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "shop-cs"
    for name in ("A.cs", ".fedtranslate/tree/A.cs"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("class A { }")
    assert [file.name for file in source_files(project)] == ["A.cs"]
    copy_project(project, tmp_path / "copy")
    assert not (tmp_path / "copy/.fedtranslate").exists()
    # The tree is built by itself while the migration runs.
    assert len(list(source_files(project / ".fedtranslate/tree"))) == 1
