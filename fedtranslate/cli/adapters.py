"""``fedtranslate adapters``: releases of adapters, and which of them is in use."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import STORE

if TYPE_CHECKING:
    from fedtranslate.adapters.releases.signing import VerifyKey
    from fedtranslate.adapters.releases.store import ReleaseStore

_MAX_REASON = 500
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def adapters() -> None:
    """List the releases of adapters in a store, check them, and choose which is in use.

    A coordinator and each site have a store: the folder releases/ of theirs.  An ID may be cut
    short, as long as only one release begins so.

    \b
    Example:
        fedtranslate adapters list --store site/releases
        fedtranslate adapters verify --store site/releases
        fedtranslate adapters rollback --store site/releases
    """


@adapters.command("list")
@STORE.option
@options.as_json
def list_(folder: Path, as_json: bool) -> None:
    """List all releases, oldest first; a star is before those in use.

    Exit code 1: a release cannot be read.

    \b
    Example:
        fedtranslate adapters list --store site/releases
    """
    from fedtranslate.cli.adapterstext import list_document, list_text

    store = _opened(folder)
    found = store.all()
    document = {"store": str(folder), "in_use": store.usage().in_use()}
    if as_json:
        click.echo(json.dumps(document | {"releases": list_document(found)}, indent=2))
    else:
        click.echo(list_text(found, folder))
    raise SystemExit(1 if any(one.problem for one in found) else 0)


@adapters.command()
@click.argument("id")
@STORE.option
@options.as_json
def show(id: str, folder: Path, as_json: bool) -> None:  # noqa: A002
    """Show where the release ID comes from, how good it is, and what became of it.

    \b
    Example:
        fedtranslate adapters show 3f2a --store site/releases
    """
    from fedtranslate.cli.adapterstext import show_document, show_text

    store = _opened(folder)
    name = store.find(id)
    release = store.get(name)
    history = [entry for entry in store.entries() if entry.release == name]
    current = store.usage().current(release.direction) == name
    place = store.folder_of(name)
    if as_json:
        click.echo(json.dumps(show_document(release, history, place, current), indent=2))
    else:
        click.echo(show_text(release, history, place, is_in_use=current))


@adapters.command()
@click.argument("id", required=False)
@STORE.option
@click.option(
    "--key",
    metavar="KEY",
    help="Public key of whoever publishes: ed25519:BASE64, or a file that holds it."
    "  [default: coordinator.pub in the store]",
)
@options.as_json
def verify(id: str | None, folder: Path, key: str | None, as_json: bool) -> None:  # noqa: A002
    """Check the ledger, and the signature and every byte of all releases, or of the release ID.

    coordinator.pub was pinned when the first release came; whoever can write to the store can
    replace it, so compare with a --key from elsewhere in case of doubt.
    Exit code 1: something is wrong, or there is no key to check signatures with.

    \b
    Example:
        fedtranslate adapters verify --store site/releases
        fedtranslate adapters verify --store site/releases --key coordinator.pub
    """
    from fedtranslate.adapters.releases.verifying import verify as verify_store
    from fedtranslate.cli.adapterstext import verify_document, verify_text

    store = _opened(folder)
    given = _key(key)
    name = None if id is None else store.find(id)
    findings = verify_store(store, given, name)
    used = given or store.key()
    if as_json:
        click.echo(json.dumps(verify_document(store, used, findings, name), indent=2))
    else:
        click.echo(verify_text(store, used, findings, name))
    raise SystemExit(1 if findings or used is None else 0)


@adapters.command()
@click.argument("id")
@STORE.option
@options.as_json
def promote(id: str, folder: Path, as_json: bool) -> None:  # noqa: A002
    """Put the release ID in use for the languages that it translates.

    \b
    Example:
        fedtranslate adapters promote 3f2a --store site/releases
    """
    store = _opened(folder)
    name = store.find(id)
    before = store.usage().current(store.get(name).direction)
    release = store.promote(name, now=_now())
    _let_site_follow(folder, release.direction)
    document = {"direction": release.direction, "in_use": name, "before": before}
    if as_json:
        click.echo(json.dumps(document, indent=2))
    elif before == name:
        click.echo(f"{name} is in use for {release.direction} already.")
    else:
        click.echo(f"{name} is in use for {release.direction} now; before, {_or_base(before)} was.")


@adapters.command()
@click.option("--from", "source", metavar="LANGUAGE", help="Language that is read.")
@click.option("--to", "target", metavar="LANGUAGE", help="Language that is written.")
@STORE.option
@options.as_json
def rollback(source: str | None, target: str | None, folder: Path, as_json: bool) -> None:
    """Take the release in use out of use, for the one that was in use before it.

    If there was none before it, the base model works alone again.  --from and --to are needed only
    where releases are in use for several directions.

    \b
    Example:
        fedtranslate adapters rollback --store site/releases
    """
    store = _opened(folder)
    direction = _direction(store, source, target)
    before = store.usage().current(direction)
    name = store.rollback(direction, now=_now())
    _let_site_follow(folder, direction)
    if as_json:
        document = {"direction": direction, "in_use": name, "before": before}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"{_or_base(name)} is in use for {direction} again; {before} is not any more.")


@adapters.command()
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why; all sites are told.")
@STORE.option
@options.as_json
def withdraw(id: str, reason: str, folder: Path, as_json: bool) -> None:  # noqa: A002
    """Take the release ID back for good, at the coordinator: it is neither offered nor used again.

    The entry in the ledger is signed.  Sites that have the release are told as soon as they are
    connected, and 'list', 'show' and 'verify' tell it there, too.  What was in use before is again.

    \b
    Example:
        fedtranslate adapters withdraw 3f2a --reason "It was trained on ..." --store hub/releases
    """
    from fedtranslate.federation.coordinator.place import CoordinatorPlace
    from fedtranslate.federation.coordinator.withdrawing import withdraw as take_back

    store = _opened(folder)
    name = store.find(id)
    direction = store.usage().directions[name]
    if not 0 < len(reason.strip()) <= _MAX_REASON or not reason.isprintable():
        raise click.UsageError(f"--reason is one line of at most {_MAX_REASON} letters.")
    place = CoordinatorPlace(folder.resolve().parent)
    if place.releases != folder.resolve():
        raise click.UsageError(f"{folder} is not the folder releases/ of a coordinator.")
    take_back(place, name, reason.strip(), _now())
    current = store.usage().current(direction)
    if as_json:
        document = {"id": name, "reason": reason.strip(), "in_use": current}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"{name} is withdrawn; {_or_base(current)} is in use for {direction} now.")


@adapters.command()
@click.argument("id")
@click.argument("out", type=_FOLDER, metavar="DIR")
@STORE.option
@options.as_json
def export(id: str, out: Path, folder: Path, as_json: bool) -> None:  # noqa: A002
    """Copy the release ID to the new folder DIR, from which peft loads it.

    In Python: peft.PeftModel.from_pretrained(model, DIR).

    \b
    Example:
        fedtranslate adapters export 3f2a joint-adapter --store site/releases
    """
    store = _opened(folder)
    release = store.export(store.find(id), out)
    if as_json:
        click.echo(json.dumps({"id": release.id, "folder": str(out)}, indent=2))
    else:
        click.echo(f"{release.id} is in {out}; its base model is {release.base}.")


@adapters.command()
@click.argument("first")
@click.argument("second")
@STORE.option
@options.as_json
def diff(first: str, second: str, folder: Path, as_json: bool) -> None:
    """Show how the release SECOND differs from FIRST: what they say, and what they do.

    For each adapted matrix, the change of its update B A is given relative to that of FIRST.

    \b
    Example:
        fedtranslate adapters diff 3f2a 91c0 --store site/releases
    """
    from fedtranslate.cli.adapterstext import diff_document, diff_text

    store = _opened(folder)
    names = store.find(first), store.find(second)
    found = store.diff(*names)
    if as_json:
        click.echo(json.dumps(diff_document(*names, found), indent=2))
    else:
        click.echo(diff_text(*names, found))


def _let_site_follow(folder: Path, direction: str) -> None:
    """Install at a site what its store says is in use; a store elsewhere has nobody to follow."""
    from fedtranslate.federation.site.inuse import put_in_use
    from fedtranslate.federation.site.place import SitePlace

    place = SitePlace(folder.resolve().parent)
    if place.settings.is_file() and place.releases == folder.resolve():
        put_in_use(place, direction)


def _opened(folder: Path) -> "ReleaseStore":
    from fedtranslate.adapters.releases.store import KEY_FILE, LEDGER_FILE, RELEASES, ReleaseStore
    from fedtranslate.errors import AdapterError

    if (folder / RELEASES / LEDGER_FILE).exists():
        raise AdapterError(f"The store is the folder {folder / RELEASES}, not {folder}.")
    if not any((folder / name).exists() for name in (LEDGER_FILE, KEY_FILE, RELEASES)):
        raise AdapterError(
            f"There is no store of releases in {folder}.",
            hint="Name one by --store or FEDTRANSLATE_ADAPTERS: it is the folder releases/ of a"
            " coordinator or a site.",
        )
    return ReleaseStore(folder)


def _key(text: str | None) -> "VerifyKey | None":
    from fedtranslate.adapters.releases.signing import load_verify_key, verify_key

    if text is None:
        return None
    return verify_key(text) if text.startswith("ed25519:") else load_verify_key(Path(text))


def _direction(store: "ReleaseStore", source: str | None, target: str | None) -> str:
    """Return the one direction that is in use and meant."""
    from fedtranslate.errors import AdapterError
    from fedtranslate.languages.registry import load_pack

    in_use = store.usage().in_use()
    asked = [None if name is None else load_pack(name).name for name in (source, target)]
    found = [
        each
        for each in in_use
        if all(name in (None, had) for name, had in zip(asked, each.split("->"), strict=True))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise AdapterError(
            f"Releases are in use for {', '.join(found)}.", hint="Say which by --from and --to."
        )
    known = f"in use are releases for {', '.join(in_use)}" if in_use else "none is"
    raise AdapterError(f"No such release is in use in {store.folder}: {known}.")


def _or_base(name: str | None) -> str:
    return name or "the base model alone"


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")
