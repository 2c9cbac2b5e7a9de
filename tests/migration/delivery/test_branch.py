import os
from collections.abc import Callable
from pathlib import Path

import pytest
from delivery_scenes import digest, files_at, git, log, repository, write

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.branch import Delivered, deliver
from fedtranslate.migration.delivery.shards import Shard
from fedtranslate.migration.scratch import scratch_name


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"src/A.java": "a", "src/B.java": "b", "c.txt": "c"})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write(tmp_path / "out", {"src/A.cs": "A", "src/B.cs": "B", "lib/C.cs": "C"})


SHARDS = [Shard("lib", ("lib/C.cs",)), Shard("src", ("src/A.cs", "src/B.cs"))]


def hook(repo: Path, name: str, script: str) -> None:
    place = repo / ".git" / "hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)


def one(repo: Path, files: dict[str, str | bytes], **more: object) -> Delivered:
    """Deliver files in one shard."""
    out = write(repo.parent / "other-out", files)
    return deliver(repo, out, [Shard("all", tuple(files))], "cs", **more)  # type: ignore[arg-type]


def test_each_shard_is_a_commit_of_its_files_on_a_branch_of_its_own(repo: Path, out: Path) -> None:
    before = git(repo, "rev-parse", "main")
    done = deliver(repo, out, SHARDS, "cs")
    assert log(repo) == ["Before", "Migrate lib", "Migrate src"]
    assert done.commits == tuple(git(repo, "rev-list", "--reverse", "main..cs").split())
    assert files_at(repo) - files_at(repo, "main") == {"lib/C.cs", "src/A.cs", "src/B.cs"}
    assert files_at(repo, "cs~1") - files_at(repo, "main") == {"lib/C.cs"}
    assert git(repo, "rev-parse", "main") == before
    assert git(repo, "branch", "--show-current").strip() == "cs"
    assert git(repo, "status", "--porcelain") == ""
    assert (done.shards, done.left_out, done.unbuilt) == (2, (), "")


def test_delivering_again_makes_nothing(repo: Path, out: Path) -> None:
    deliver(repo, out, SHARDS, "cs")
    write(repo, {"people.txt": "more"})
    git(repo, "add", "people.txt")
    git(repo, "commit", "--quiet", "-m", "Of people")
    tip = git(repo, "rev-parse", "cs")
    git(repo, "switch", "--quiet", "main")
    assert deliver(repo, out, SHARDS, "cs").commits == ()
    assert git(repo, "rev-parse", "cs") == tip


def test_a_folder_of_a_work_tree_is_delivered_in_it(repo: Path, tmp_path: Path) -> None:
    out = write(tmp_path / "o", {"A.cs": "A"})
    deliver(repo / "src", out, [Shard("top", ("A.cs",))], "cs")
    assert files_at(repo) - files_at(repo, "main") == {"src/A.cs"}


def test_a_branch_that_is_there_is_refused(repo: Path, out: Path) -> None:
    git(repo, "branch", "cs")
    for branch in ("cs", "main"):
        with pytest.raises(MigrationError, match=f"branch {branch} exists already.*--branch"):
            deliver(repo, out, SHARDS, branch)
    assert log(repo) == ["Before"]
    assert git(repo, "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["-f", "a..b", "a b", "", "@{-1}", "x.lock"])
def test_a_name_that_no_branch_can_have_is_refused(repo: Path, out: Path, name: str) -> None:
    with pytest.raises(MigrationError, match="No branch can be called"):
        deliver(repo, out, SHARDS, name)
    assert git(repo, "branch", "--format=%(refname)").split() == ["refs/heads/main"]


def broken_until(path: str) -> Callable[[Path], str]:
    return lambda folder: "" if (folder / path).exists() else f"{path} is missing"


def test_a_shard_that_does_not_build_is_joined_with_the_next(repo: Path, out: Path) -> None:
    told: list[str] = []
    cut = [Shard("c", ("lib/C.cs",)), Shard("a", ("src/A.cs",)), Shard("b", ("src/B.cs",))]
    deliver(repo, out, cut, "cs", check=broken_until("src/A.cs"), say=told.append)
    assert log(repo) == ["Before", "Migrate c, a", "Migrate b"]
    trailers = git(repo, "log", "-1", "--format=%(trailers:key=Fedtranslate-Shard)", "cs~1")
    assert [line.split()[1] for line in trailers.split("\n") if line] == ["1/3", "2/3"]
    assert any("(c) does not build" in line for line in told)
    assert deliver(repo, out, cut, "cs").commits == ()


def test_what_does_not_build_in_the_end_is_committed_and_told(repo: Path, out: Path) -> None:
    told: list[str] = []
    done = deliver(repo, out, SHARDS, "cs", check=lambda _: "C.cs:1: bad", say=told.append)
    assert log(repo) == ["Before", "Migrate lib, src"]
    assert done.unbuilt == "C.cs:1: bad"
    assert "C.cs:1: bad" in told[-1]


HOSTILE = [
    "-f",
    "--all",
    "a b.cs",
    "new\nline.cs",
    "quote\"'.cs",
    ":(top)x.cs",
    ":!x",
    "*.cs",
    "tab\t.cs",
    "back\\slash.cs",
    os.fsdecode(b"latin-\xe9.cs"),
    "ümlaut/é.cs",
]


def test_names_with_any_letters_are_committed_as_they_are(repo: Path) -> None:
    done = one(repo, dict.fromkeys(HOSTILE, "x"))
    assert files_at(repo) - files_at(repo, "main") == set(HOSTILE)
    assert done.left_out == ()


def test_a_file_in_the_tree_that_a_name_would_match_as_pattern_is_not_added(repo: Path) -> None:
    def check(folder: Path) -> str:
        write(folder, {"other.cs": "made by the build"})
        return ""

    one(repo, {"*.cs": "x"}, check=check)
    assert files_at(repo) - files_at(repo, "main") == {"*.cs"}
    assert git(repo, "status", "--porcelain") == "?? other.cs\n"


def test_a_shard_name_cannot_forge_a_trailer(repo: Path, out: Path) -> None:
    name = f"x\n\nFedtranslate-Shard: 2/2 {'0' * 64}"
    deliver(repo, out, [Shard(name, ("lib/C.cs",))], "cs")
    trailers = git(repo, "log", "-1", "--format=%(trailers:key=Fedtranslate-Shard)")
    assert "0" * 64 not in trailers


@pytest.mark.parametrize(
    "path", [".git/hooks/pre-commit", "../x", "a/.GIT/config", "/tmp/x", "a//b", ".g\u200dit/x"]
)
def test_a_path_that_leads_elsewhere_is_never_written(
    repo: Path, path: str, tmp_path: Path
) -> None:
    out = write(tmp_path / "deep" / "out", {"ok.cs": "x"})
    shard = Shard("all", (path, "ok.cs"))
    done = deliver(repo, out, [shard], "cs")
    assert [name for name, _ in done.left_out] == [path]
    assert files_at(repo) - files_at(repo, "main") == {"ok.cs"}


def test_links_in_the_work_tree_are_not_followed(repo: Path, tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", {"f": "mine"})
    (repo / "away").symlink_to(elsewhere)
    (repo / "f.cs").symlink_to(elsewhere / "f")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "-m", "links")
    done = one(repo, {"away/x.cs": "x", "f.cs": "x", "ok.cs": "x"})
    assert sorted(elsewhere.iterdir()) == [elsewhere / "f"]
    assert (elsewhere / "f").read_text() == "mine"
    assert [path for path, why in done.left_out if "link" in why] == ["away/x.cs", "f.cs"]
    assert "ok.cs" in files_at(repo)


def test_a_link_that_comes_up_between_shards_is_not_followed(repo: Path, tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", {"f": "mine"})
    out = write(tmp_path / "o", {"a.cs": "x", "away/x.cs": "x"})

    def check(folder: Path) -> str:
        if not (folder / "away").exists():
            (folder / "away").symlink_to(elsewhere)
        return ""

    done = deliver(
        repo, out, [Shard("a", ("a.cs",)), Shard("b", ("away/x.cs",))], "cs", check=check
    )
    assert sorted(elsewhere.iterdir()) == [elsewhere / "f"]
    assert "link" in dict(done.left_out)["away/x.cs"]


def test_what_git_ignores_is_left_out_and_told_with_the_rule(repo: Path) -> None:
    write(repo, {".gitignore": "*.cs\n!keep.cs\n"})
    git(repo, "add", ".gitignore")
    git(repo, "commit", "--quiet", "-m", "ignore")
    told: list[str] = []
    done = one(repo, {"x.cs": "x", "keep.cs": "k"}, say=told.append)
    assert done.left_out == (("x.cs", "git ignores it, by '*.cs' in .gitignore:1"),)
    assert files_at(repo) - files_at(repo, "main") == {"keep.cs"}
    assert any("x.cs is left out" in line for line in told)


def test_names_that_differ_in_case_only_are_left_out(repo: Path) -> None:
    done = one(repo, {"C.TXT": "x", "Src/a.java": "x", "ok.cs": "x", "OK.cs": "y"})
    assert sorted(path for path, _ in done.left_out) == ["C.TXT", "OK.cs", "Src/a.java"]
    assert "c.txt in case only" in dict(done.left_out)["C.TXT"]


def test_files_in_a_submodule_are_left_out(repo: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "sub", {"x": "1"})
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "lib")
    git(repo, "commit", "--quiet", "-m", "lib")
    done = one(repo, {"lib/C.cs": "x", "ok.cs": "x"})
    assert "submodule lib" in dict(done.left_out)["lib/C.cs"]
    assert not (repo / "lib" / "C.cs").exists()


def test_files_of_people_are_left_as_they_are(repo: Path) -> None:
    replaces = {"src/A.java": {digest("a")}, "src/B.java": {digest("older")}}
    files = {
        "c.txt": "ours",
        "src/A.java": "new a",
        "src/B.java": "new b",
        "src": "x",
        "c.txt/x": "",
    }
    out = write(repo.parent / "o", {k: v for k, v in files.items() if k not in ("src", "c.txt/x")})
    done = deliver(repo, out, [Shard("all", tuple(files))], "cs", replaces=replaces)
    assert (repo / "c.txt").read_text() == "c"
    assert (repo / "src" / "A.java").read_text() == "new a"
    assert (repo / "src" / "B.java").read_text() == "b"
    assert [path for path, _ in done.left_out] == ["c.txt", "c.txt/x", "src", "src/B.java"]


def test_permissions_of_files_that_are_there_stay(repo: Path) -> None:
    (repo / "src" / "A.java").chmod(0o755)
    git(repo, "commit", "--quiet", "-am", "mode")
    one(repo, {"src/A.java": "new"}, replaces={"src/A.java": {digest("a")}})
    assert git(repo, "diff", "--summary", "main", "cs") == ""
    assert (repo / "src" / "A.java").read_text() == "new"


def test_hooks_run_and_their_refusal_is_told_and_can_be_overcome(repo: Path, out: Path) -> None:
    hook(repo, "pre-commit", 'test -e .git/allowed || { echo "no tests" >&2; exit 1; }')
    with pytest.raises(MigrationError, match=r"no tests[\s\S]*run again"):
        deliver(repo, out, SHARDS, "cs")
    assert log(repo) == ["Before"]
    (repo / ".git" / "allowed").touch()
    deliver(repo, out, SHARDS, "cs")
    assert log(repo) == ["Before", "Migrate lib", "Migrate src"]


def test_what_people_commit_themselves_after_a_refusal_is_taken(repo: Path, out: Path) -> None:
    hook(repo, "commit-msg", 'grep -q "TICKET-1\\|Migrate src" "$1"')
    with pytest.raises(MigrationError, match="git commit failed"):
        deliver(repo, out, SHARDS, "cs")
    git(repo, "commit", "--quiet", "-m", "TICKET-1")
    deliver(repo, out, SHARDS, "cs")
    assert log(repo) == ["Before", "TICKET-1", "Migrate src"]


def test_a_hook_that_leaves_something_running_holds_nothing_up(repo: Path, out: Path) -> None:
    hook(repo, "post-commit", "sleep 100 & echo $! >> .git/running")
    try:
        deliver(repo, out, SHARDS, "cs")
    finally:
        for number in (repo / ".git" / "running").read_text().split():
            os.kill(int(number), 9)
    assert len(log(repo)) == 3


def test_files_that_others_stage_meanwhile_are_not_committed(repo: Path, out: Path) -> None:
    def check(folder: Path) -> str:
        write(folder, {"secret": "s"})
        git(folder, "add", "secret")
        return ""

    with pytest.raises(MigrationError, match="Other files were staged"):
        deliver(repo, out, SHARDS, "cs", check=check)
    assert log(repo) == ["Before"]


def test_a_branch_that_is_switched_meanwhile_is_not_committed_to(repo: Path, out: Path) -> None:
    def check(folder: Path) -> str:
        git(folder, "switch", "--quiet", "main")
        return ""

    with pytest.raises(MigrationError, match="switched to main"):
        deliver(repo, out, SHARDS, "cs", check=check)
    assert log(repo, "main") == ["Before"]


def stopped(after: int) -> Callable[[Path], str]:
    """A check that ends the delivery before a commit, as a crash would."""
    calls: list[Path] = []

    def check(folder: Path) -> str:
        calls.append(folder)
        if len(calls) > after:
            raise KeyboardInterrupt
        return ""

    return check


@pytest.mark.parametrize("after", [0, 1])
def test_a_half_done_shard_is_redone(repo: Path, out: Path, after: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, SHARDS, "cs", check=stopped(after))
    assert git(repo, "status", "--porcelain") != ""
    done = deliver(repo, out, SHARDS, "cs")
    assert len(done.commits) == 2 - after
    assert log(repo) == ["Before", "Migrate lib", "Migrate src"]
    assert git(repo, "status", "--porcelain") == ""


def test_what_is_redone_is_built_without_what_was_written_after_it(repo: Path, out: Path) -> None:
    cut = [Shard("c", ("lib/C.cs",)), Shard("a", ("src/A.cs",)), Shard("b", ("src/B.cs",))]
    seen: list[bool] = []

    def first(folder: Path) -> str:
        if (folder / "src/A.cs").exists():
            raise KeyboardInterrupt
        return "c does not build"

    def second(folder: Path) -> str:
        seen.append((folder / "src/A.cs").exists())
        return ""

    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, cut, "cs", check=first)
    deliver(repo, out, cut, "cs", check=second)
    assert seen == [False, True, True]


def test_what_people_changed_in_a_half_done_shard_is_in_the_way(repo: Path, out: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, SHARDS, "cs", check=stopped(0))
    write(repo, {"lib/C.cs": "mine"})
    with pytest.raises(MigrationError, match=r"not clean: lib/C\.cs"):
        deliver(repo, out, SHARDS, "cs")
    assert (repo / "lib" / "C.cs").read_text() == "mine"


def test_a_file_that_was_being_written_is_taken_away(repo: Path, out: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, SHARDS, "cs", check=stopped(0))
    git(repo, "add", "lib/C.cs")
    write(repo, {f"src/{scratch_name('A.cs')}": "half of"})
    deliver(repo, out, SHARDS, "cs")
    assert git(repo, "status", "--porcelain") == ""
    assert len(log(repo)) == 3


def test_edits_in_a_half_done_shard_go_back_to_the_last_commit(repo: Path) -> None:
    out = write(repo.parent / "o", {"src/A.java": "new a", "src/B.java": "new b"})
    cut = [Shard("a", ("src/A.java",)), Shard("b", ("src/B.java",))]
    replaces = {"src/A.java": {digest("a")}, "src/B.java": {digest("b")}}
    seen: list[str] = []

    def first(folder: Path) -> str:
        git(folder, "add", "src")
        if (folder / "src/B.java").read_text() == "new b":
            raise KeyboardInterrupt
        return "a does not build"

    def second(folder: Path) -> str:
        seen.append((folder / "src/B.java").read_text())
        return ""

    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, cut, "java8", check=first, replaces=replaces)
    deliver(repo, out, cut, "java8", check=second, replaces=replaces)
    assert seen == ["b", "new b"]
    assert git(repo, "show", "java8~1:src/A.java", "java8~1:src/B.java") == "new ab"


def test_a_migration_that_has_changed_since_does_not_go_on_there(repo: Path, out: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, SHARDS, "cs", check=stopped(1))
    write(out, {"lib/C.cs": "other"})
    with pytest.raises(MigrationError, match="another state of the migration"):
        deliver(repo, out, SHARDS, "cs")


def test_another_branch_waits_for_the_one_under_way(repo: Path, out: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        deliver(repo, out, SHARDS, "cs", check=stopped(0))
    with pytest.raises(MigrationError, match="branch cs is under way"):
        deliver(repo, out, SHARDS, "cs2")


def test_a_file_that_the_output_lacks_is_left_out(repo: Path, out: Path) -> None:
    done = deliver(repo, out, [Shard("x", ("lib/C.cs", "none.cs"))], "cs")
    assert done.left_out == (("none.cs", "the output has no such file"),)
