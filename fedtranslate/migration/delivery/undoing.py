"""Take back what a delivery that was killed has written and not committed."""

from collections.abc import Sequence
from pathlib import Path

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.git import Git
from fedtranslate.migration.delivery.worktree import Dirt

_UNTRACKED = "??"


def undo(git: Git, left: Sequence[Dirt]) -> None:
    """Bring files back to the last commit, and remove those that are not in it.

    Args:
        git: In the work tree.
        left: What is to go; nobody has changed it since we wrote it.

    Raises:
        MigrationError: A file cannot be removed, or git failed.
    """
    if not left:
        return
    top = Git(Path(git.run("rev-parse", "--show-toplevel").line))
    if tracked := [dirt.path for dirt in left if dirt.status != _UNTRACKED]:
        # What is staged and in no commit goes, too; git knows best which commit is the last.
        top.on(tracked, "restore", "--source=HEAD", "--staged", "--worktree")
    for path in (dirt.path for dirt in left if dirt.status == _UNTRACKED):
        try:
            (top.folder / path).unlink(missing_ok=True)
        except OSError as error:
            raise MigrationError(
                f"{top.folder / path} cannot be removed: {error.strerror}."
            ) from None
