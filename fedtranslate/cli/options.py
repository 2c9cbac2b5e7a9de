"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


def languages(command: Command) -> Command:
    """Add ``--from`` and ``--to``: the names of two language packs."""
    command = click.option(
        "--to",
        "target",
        default="csharp",
        show_default=True,
        metavar="LANGUAGE",
        help="Language to write.",
    )(command)
    return click.option(
        "--from",
        "source",
        default="java",
        show_default=True,
        metavar="LANGUAGE",
        help="Language to read.",
    )(command)


def model(command: Command) -> Command:
    """Add ``--model`` and ``--adapter``."""
    command = click.option(
        "--adapter",
        type=click.Path(path_type=Path),
        help="Folder of a trained adapter or a release; without one the base model works alone.",
    )(command)
    return click.option(
        "--model",
        "base_name",
        default="builtin",
        show_default=True,
        metavar="MODEL",
        help="builtin, a model folder, or hub:OWNER/NAME.",
    )(command)


def decoding(command: Command) -> Command:
    """Add ``--beams`` and ``--guard``."""
    command = click.option(
        "--guard/--no-guard",
        default=True,
        show_default=True,
        help="Keep brackets and strings whole while writing, and out of circles; one beam only.",
    )(command)
    return click.option(
        "--beams",
        type=click.IntRange(1, 32),
        default=1,
        show_default=True,
        help="1 writes the likeliest next token; more search for the likeliest text.",
    )(command)


def as_json(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def yes(command: Command) -> Command:
    """Add ``--yes``."""
    return click.option("--yes", is_flag=True, help="Consent, without being asked.")(command)


def check_out(out: Path | None, option: str, source: Path) -> None:
    """Refuse to write to ``source``, or into a folder that is not there.

    Raises:
        click.UsageError: ``out``, given by ``option``, is such a place.
    """
    if out is None:
        return
    if out.exists() and source.exists() and out.samefile(source):
        raise click.UsageError(f"{option} is the file that is read; it is never overwritten.")
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise click.UsageError(f"{option}: {out} is a link or no plain file; name a plain file.")
    if not out.parent.is_dir():
        raise click.UsageError(f"{option}: there is no folder {out.parent}.")


def some_pairs(location: str, source: str, target: str) -> Any:  # noqa: ANN401
    """Return the pairs at ``location``; there is at least one.

    Raises:
        CorpusError: They cannot be read, or there are none.
    """
    from fedtranslate.corpus.formats import read_pairs
    from fedtranslate.errors import CorpusError

    found = read_pairs(location, source, target)
    if not found:
        raise CorpusError(
            f"{location} holds no pairs.",
            hint="Give another file; 'fedtranslate pairs mine' makes one from two source trees.",
        )
    return found


def open_translator(
    base_name: str,
    adapter: Path | None,
    direction: tuple[str, str],
    *,
    beams: int,
    guard: bool,
) -> Any:  # noqa: ANN401
    """Load a base model and an adapter into a Translator that writes as the options say.

    Raises:
        AdapterError: The adapter is damaged, of another base, or of other languages.
    """
    from fedtranslate.config.training import DecodingSettings
    from fedtranslate.evaluation.translator import Translator

    settings = DecodingSettings(
        strategy="beam" if beams > 1 else "greedy", beams=beams, well_formed=guard
    )
    base, factors, _ = open_model(base_name, adapter, direction)
    return Translator(base, factors, settings)


def open_model(base_name: str, adapter: Path | None, direction: tuple[str, str]) -> Any:  # noqa: ANN401
    """Load a base model and an adapter; return both, and the checksum of the adapter.

    Raises:
        AdapterError: The adapter is damaged, of another base, or of other languages.
    """
    from fedtranslate.adapters.releases.loading import load_any
    from fedtranslate.models.load import load_base

    base = load_base(base_name)
    if adapter is None:
        _tell_unknown(base, direction)
        return base, None, ""
    factors, manifest = load_any(adapter, base_fingerprint=base.fingerprint, base_name=base.name)
    _check_direction(manifest, direction, adapter)
    return base, factors, manifest.checksum


def _tell_unknown(base: Any, direction: tuple[str, str]) -> None:  # noqa: ANN401
    """Say so where a base model alone shall write what it has never learned."""
    from fedtranslate.languages.registry import load_pack

    asked = dict.fromkeys(load_pack(name).name for name in direction)
    unknown = [name for name in asked if name not in base.languages]
    if base.languages and unknown:
        click.echo(
            f"Note: the model {base.name} has learned {' and '.join(base.languages)}, and not"
            f" {' or '.join(unknown)}: expect nothing of it."
            " Name another --model, or an --adapter.",
            err=True,
        )


def _check_direction(manifest: Any, direction: tuple[str, str], adapter: Path) -> None:  # noqa: ANN401
    from fedtranslate.errors import AdapterError
    from fedtranslate.languages.registry import load_pack

    learned = tuple(
        load_pack(name).name for name in (manifest.source_language, manifest.target_language)
    )
    if direction == learned:
        return
    titles = " to ".join(load_pack(name).title for name in learned)
    if direction != learned[::-1]:
        raise AdapterError(
            f"The adapter in {adapter} was trained for {titles}.",
            hint=f"Use --from {learned[0]} --to {learned[1]}, or another adapter.",
        )
    # Adapters of federations with both_directions serve both; nothing else tells.
    click.echo(f"Note: the adapter names {titles} as its direction.", err=True)


def check_folder(path: Path) -> None:
    """Refuse an output folder that can never be made, before any work is done for it.

    Raises:
        ConfigError: What lies at the path, or above it, is no folder.
    """
    from fedtranslate.errors import ConfigError

    nearest = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise ConfigError(f"{path} cannot be written: {nearest} is not a folder.")
