import os
from pathlib import Path

import pytest
from delivery_scenes import git, repository, write

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.worktree import check_work_tree, migration_folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"src/A.java": "a", "b.txt": "b", ".gitignore": "*.log\n"})


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git without the settings of whoever runs the tests."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for name in ("EMAIL", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name, raising=False)


def test_a_clean_work_tree_is_taken_and_a_folder_in_it(repo: Path) -> None:
    write(repo, {"x.log": "ignored"})
    check_work_tree(repo)
    check_work_tree(repo / "src")


@pytest.mark.parametrize("where", [".", "src"])
@pytest.mark.parametrize("kind", ["modified", "staged", "untracked", "deleted"])
def test_a_tree_with_changes_is_refused_and_they_are_named(
    repo: Path, kind: str, where: str
) -> None:
    if kind == "deleted":
        (repo / "b.txt").unlink()
    else:
        write(repo, {"new\n1.txt" if kind == "untracked" else "b.txt": "changed"})
    if kind == "staged":
        git(repo, "add", "b.txt")
    name = r"new\\n1.txt" if kind == "untracked" else "b.txt"
    with pytest.raises(MigrationError, match=f"not clean: {name}.*git stash"):
        check_work_tree(repo / where)


def test_a_folder_that_is_no_work_tree_is_refused(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for place in (tmp_path / "plain", repo / ".git"):
        with pytest.raises(MigrationError, match=r"(?s)is no git work tree.*give --out"):
            check_work_tree(place)
    with pytest.raises(MigrationError, match="There is no folder"):
        check_work_tree(tmp_path / "missing")


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "--quiet")
    with pytest.raises(MigrationError, match="no commit yet"):
        check_work_tree(tmp_path / "new")


def test_a_detached_head_is_refused(repo: Path) -> None:
    git(repo, "checkout", "--quiet", "--detach")
    with pytest.raises(MigrationError, match=r"detached.*git switch"):
        check_work_tree(repo)


def test_a_merge_under_way_is_refused(repo: Path) -> None:
    git(repo, "switch", "--quiet", "-c", "side")
    git(repo, "commit", "--quiet", "--allow-empty", "-m", "side")
    git(repo, "switch", "--quiet", "main")
    git(repo, "merge", "--quiet", "--no-ff", "--no-commit", "side")
    with pytest.raises(MigrationError, match=r"A merge is under way.*git merge --abort"):
        check_work_tree(repo)


def test_a_rebase_under_way_is_refused_as_one(repo: Path) -> None:
    git(repo, "commit", "--quiet", "--allow-empty", "-m", "more")
    git(repo, "-c", "sequence.editor=sed -i '1i break'", "rebase", "--quiet", "-i", "HEAD~1")
    with pytest.raises(MigrationError, match="A rebase is under way"):
        check_work_tree(repo)


def test_without_an_identity_nothing_begins(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repo, "config", "--unset", "user.email")
    with pytest.raises(MigrationError, match=r"who commits.*git config user\.name"):
        check_work_tree(repo)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
    check_work_tree(repo)


def test_a_changed_submodule_is_told_as_one(repo: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other", {"x": "1"})
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "lib")
    git(repo, "commit", "--quiet", "-m", "lib")
    check_work_tree(repo)
    write(repo / "lib", {"x": "2"})
    with pytest.raises(MigrationError, match="submodule lib"):
        check_work_tree(repo)


def test_an_ignored_folder_is_refused(repo: Path) -> None:
    write(repo, {"made.log/A.java": "a"})
    with pytest.raises(MigrationError, match="git ignores"):
        check_work_tree(repo / "made.log")


def test_variables_of_git_around_us_lead_nowhere_else(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tmp_path / "other", {})
    write(other, {"dirt": "d"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    check_work_tree(repo)
    assert migration_folder(repo) == repo.resolve() / ".git" / "fedtranslate"


def test_each_folder_and_work_tree_has_a_migration_of_its_own_out_of_sight(
    repo: Path, tmp_path: Path
) -> None:
    git(repo, "worktree", "add", "--quiet", "-b", "two", str(tmp_path / "two"))
    places = {migration_folder(place) for place in (repo, repo / "src", tmp_path / "two")}
    assert len(places) == 3
    for place in places:
        write(place, {"A.cs": "x"})
        assert place.is_relative_to(repo.resolve() / ".git")
    check_work_tree(repo)
    assert migration_folder(repo / "src") == migration_folder(repo / "src")


def test_a_machine_without_git_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo))
    with pytest.raises(MigrationError, match="git was not found"):
        check_work_tree(repo)
