"""``fedtranslate site`` called in this process, and what its tests start from."""

from pathlib import Path

from click.testing import CliRunner, Result
from small_door import SmallDoor
from tiny_models import code_pairs

from fedtranslate.cli import main
from fedtranslate.corpus.formats import write_pairs


def run(*arguments: object, **settings: object) -> Result:
    return CliRunner().invoke(main, ["site", *map(str, arguments)], **settings)  # type: ignore[arg-type]


def joined(door: SmallDoor, *more: object) -> Result:
    result = run("join", door.invite().text(), "--yes", *more)
    assert result.exit_code == 0, result.stderr
    return result


def with_pairs(folder: Path, count: int = 60) -> Path:
    write_pairs(folder / "p.jsonl", code_pairs(count, "ada"))
    return folder / "p.jsonl"
