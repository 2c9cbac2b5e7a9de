import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from delivery_scenes import Scene, files_at, git, log, repository, write

from fedtranslate.migration.delivery.inplace import deliver_in_place, write_patch_of
from fedtranslate.migration.delivery.worktree import delivery_under_way, migration_folder
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.states import FileState, UnitState

needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on this machine")
FIRST = "package a;\npublic class First {{ public static int one() {{ return {}; }} }}\n"
SECOND = "package b;\npublic class Second {{ int two() {{ return a.First.one() + {}; }} }}\n"


def built(state: str) -> dict[str, dict[str, str]]:
    """What is noted of a target that was built."""
    return {"build": {"state": state}, "tests": {"state": "not_checked"}}


def java(tmp_path: Path, first: str, second: str) -> Scene:
    """An edit of two files of Java, of which the second uses the first."""
    before = {"a/First.java": FIRST.format(1), "b/Second.java": SECOND.format(1)}
    repo = repository(tmp_path / "repo", before)
    scene = Scene(repo, migration_folder(repo), "java", "java")
    scene.file("b/Second.java", "b/Second.java", second, before=before["b/Second.java"])
    scene.unit("b/Second.java", "two", ["First", "one"], container="Second", text="1", new="2")
    scene.file("a/First.java", "a/First.java", first, before=before["a/First.java"])
    scene.unit("a/First.java", "one", container="First", text="1", new="2")
    scene.journal.note({"whole": built("compiled")})
    return scene


def compiles(repo: Path, commit: str, place: Path) -> bool:
    git(repo, "worktree", "add", "--quiet", "--detach", str(place), commit)
    files = [str(file) for file in place.rglob("*.java")]
    command = ["javac", "-d", str(place / "made"), *files]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@needs_java
def test_each_commit_of_java_builds(tmp_path: Path) -> None:
    scene = java(tmp_path, FIRST.format(2), SECOND.format(2))
    repo = scene.settings.repository
    done = deliver_in_place(scene.journal, scene.settings, branch="new")
    assert log(repo) == ["Before", "Migrate a", "Migrate b"]
    for number, commit in enumerate(done.commits):
        assert compiles(repo, commit, tmp_path / f"at{number}")


def test_where_nothing_came_of_it_no_branch_is_made(tmp_path: Path) -> None:
    before = {"a/First.java": FIRST.format(1)}
    repo = repository(tmp_path / "repo", before)
    scene = Scene(repo, migration_folder(repo), "java", "java")
    told: list[str] = []
    done = deliver_in_place(scene.journal, scene.settings, branch="new", say=told.append)
    assert done.commits == ()
    assert "There is nothing to commit, so no branch is made." in told
    assert git(repo, "branch", "--list", "new").strip() == ""


@needs_java
def test_java_that_builds_only_together_is_committed_together(tmp_path: Path) -> None:
    renamed = FIRST.format(2).replace("one", "uno")
    scene = java(tmp_path, renamed, SECOND.format(2).replace("one", "uno"))
    repo = scene.settings.repository
    told: list[str] = []
    done = deliver_in_place(scene.journal, scene.settings, branch="new", say=told.append)
    assert log(repo) == ["Before", "Migrate a and 1 more"]
    assert compiles(repo, done.commits[0], tmp_path / "at")
    assert any("does not build" in line for line in told)


def test_where_the_target_does_not_build_commits_are_not_built(tmp_path: Path) -> None:
    scene = java(tmp_path, "broken", "broken, too")
    scene.journal.note({"whole": built("type_error")})
    told: list[str] = []
    deliver_in_place(scene.journal, scene.settings, branch="new", say=told.append)
    assert log(scene.settings.repository) == ["Before", "Migrate a", "Migrate b"]
    assert "target as a whole does not build" in told[0]


def bank(tmp_path: Path) -> Scene:
    repo = repository(
        tmp_path / "repo",
        {"src/A.java": "a", "lib/B.java": "b", "notes.txt": "n", "taken.cs": "of people"},
    )
    scene = Scene(repo, migration_folder(repo))
    scene.type("src/A.java", "A", ["B"])
    scene.unit(
        "src/A.java",
        "lost",
        container="A",
        state=UnitState.FAILED,
        reason=f"no candidate\n\nFedtranslate-Shard: 9/9 {'0' * 64}",
    )
    scene.type("lib/B.java", "B")
    scene.file("(x.csproj)", "x.csproj", "<Project/>", role="project")
    scene.file("notes.txt", "notes.txt", "n", role="resource")
    scene.file("taken.java", "taken.cs", "ours")
    return scene


def test_another_language_is_added_and_sources_stay(tmp_path: Path) -> None:
    scene = bank(tmp_path)
    repo = scene.settings.repository
    done = deliver_in_place(scene.journal, scene.settings, branch="cs", build=False)
    assert files_at(repo) - files_at(repo, "main") == {"src/A.cs", "lib/B.cs", "x.csproj"}
    assert files_at(repo, "main") <= files_at(repo)
    assert done.left_out == (("taken.cs", "there was another file before; it was left as it is"),)
    assert "x.csproj" in files_at(repo, done.commits[0])


def test_messages_list_units_and_speak_of_no_one(tmp_path: Path) -> None:
    scene = bank(tmp_path)
    deliver_in_place(scene.journal, scene.settings, branch="cs", build=False)
    message = git(scene.settings.repository, "log", "-1", "--format=%B", "cs")
    text, _, trailer = message.rstrip().rpartition("\n\n")
    assert text == (
        "Migrate src to C#\n\n"
        "Migrated (1):\n- src/A.java#A.runA\n\n"
        "Left as stubs (1):\n- src/A.java#A.lost: no candidate Fedtranslate-Shard: 9/9 " + "0" * 64
    )
    assert trailer.startswith("Fedtranslate-Shard: 3/3 ")
    assert "\n" not in trailer


def test_a_second_migration_updates_what_the_first_delivered_and_nobody_changed(
    tmp_path: Path,
) -> None:
    scene = bank(tmp_path)
    repo = scene.settings.repository
    deliver_in_place(scene.journal, scene.settings, branch="cs", build=False)
    write(repo, {"lib/B.cs": "better"})
    git(repo, "commit", "--quiet", "-am", "By hand")
    write(scene.settings.out, {"src/A.cs": "second", "lib/B.cs": "second"})
    done = deliver_in_place(scene.journal, scene.settings, branch="cs2", build=False)
    assert (repo / "src" / "A.cs").read_text() == "second"
    assert (repo / "lib" / "B.cs").read_text() == "better"
    assert {path for path, _ in done.left_out} == {"lib/B.cs", "taken.cs"}


def test_a_source_that_has_changed_since_is_left_as_it_is(tmp_path: Path) -> None:
    scene = java(tmp_path, FIRST.format(2), SECOND.format(2))
    repo = scene.settings.repository
    write(repo, {"a/First.java": "changed since"})
    git(repo, "commit", "--quiet", "-am", "Changed")
    done = deliver_in_place(scene.journal, scene.settings, branch="new", build=False)
    assert [path for path, _ in done.left_out] == ["a/First.java"]
    assert (repo / "a" / "First.java").read_text() == "changed since"
    patched = write_patch_of(scene.journal, scene.settings, tmp_path / "m.patch")
    assert [path for path, _ in patched.left_out] == ["a/First.java"]
    assert b"First" not in (tmp_path / "m.patch").read_bytes()


def test_the_patch_of_a_migration_applies(tmp_path: Path) -> None:
    scene = bank(tmp_path)
    repo = scene.settings.repository
    scene.file("bad.java", "bad.cs", "x", state=FileState.FAILED)
    write_patch_of(scene.journal, scene.settings, tmp_path / "m.patch")
    git(repo, "apply", str(tmp_path / "m.patch"))
    assert (repo / "src" / "A.cs").read_text() == "class A {\n}\n"
    assert not (repo / "bad.cs").exists()
    assert (repo / "notes.txt").read_text() == "n"


CHILD = """
import sys, time
from pathlib import Path
from fedtranslate.migration.delivery import branch, inplace
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings

wait, out = sys.argv[1], Path(sys.argv[2])
own = branch.put

def put(source, root, path, digest):
    if path == wait:
        print("here", flush=True)
        time.sleep(600)
    return own(source, root, path, digest)

branch.put = put
with Journal(out) as journal:
    settings = MigrationSettings.model_validate(journal.fact("settings"))
    inplace.deliver_in_place(journal, settings, branch="cs", build=False)
"""


@pytest.mark.parametrize("number", [0, 1, 3, 5])
def test_a_delivery_that_was_killed_goes_on(tmp_path: Path, number: int) -> None:
    repo = repository(tmp_path / "repo", {"x.txt": "x"})
    scene = Scene(repo, migration_folder(repo))
    for folder in "abc":
        scene.type(f"{folder}/One.java", f"One{folder}")
        scene.type(f"{folder}/Two.java", f"Two{folder}", [f"One{folder}"])
    names = [f"{folder}/{name}.cs" for folder in "abc" for name in ("One", "Two")]
    scene.journal.close()
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, names[number], str(scene.settings.out)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert delivery_under_way(repo) == "cs"
    assert len(log(repo)) == 1 + number // 2
    assert git(repo, "status", "--porcelain", "-uall").count("\n") == number % 2
    with Journal(scene.settings.out) as journal:
        done = deliver_in_place(journal, scene.settings, branch="cs", build=False)
    assert len(done.commits) == 3 - number // 2
    assert log(repo) == ["Before", *(f"Migrate {folder} to C#" for folder in "abc")]
    assert files_at(repo) == {"x.txt", *names}
    assert git(repo, "status", "--porcelain") == ""
    assert delivery_under_way(repo) == ""


def test_a_delivery_that_is_killed_at_any_time_goes_on(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"x.txt": "x"})
    scene = Scene(repo, migration_folder(repo))
    for number in range(8):
        scene.type(f"p{number}/One.java", f"One{number}")
    scene.journal.close()
    for tenths in (3, 4, 5, 6):
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, "-", str(scene.settings.out)],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(tenths / 10)
        process.kill()  # git, where it runs, comes to its end, as after any death of a parent
        process.wait()
    time.sleep(1)
    with Journal(scene.settings.out) as journal:
        deliver_in_place(journal, scene.settings, branch="cs", build=False)
    assert log(repo) == ["Before", *(f"Migrate p{number} to C#" for number in range(8))]
    assert git(repo, "status", "--porcelain") == ""
