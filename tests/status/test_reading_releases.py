"""Releases as the page reads them from the store."""

import json
from pathlib import Path

import torch
from example_place import at, example, put_release
from watching import look

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.releases import folder, store
from fedtranslate.adapters.releases.publishing import publish
from fedtranslate.adapters.releases.release import About, Contribution
from fedtranslate.adapters.releases.signing import load_signing_key, new_signing_key
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.files import write_secret
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status import releases
from fedtranslate.status.snapshot import Watched


def test_releases_tell_their_parents_and_which_is_in_use(tmp_path: Path) -> None:
    place = example(tmp_path)
    ledger = [
        {"release": "0123456789abcdef", "kind": "published"},
        {"release": "0123456789abcdef", "kind": "withdrawn"},
    ]
    lines = "".join(json.dumps(entry) + "\n" for entry in ledger)
    (place.releases / "ledger.jsonl").write_text(lines + "damaged\n")
    put_release(place, "00000000deadbeef", None)
    (place.releases / "releases" / "00000000deadbeef" / "release.json").write_text("{")
    (place.releases / "releases" / "..").mkdir(exist_ok=True)
    newest, oldest, damaged = look(Watched(place)).releases
    assert (newest.id, newest.is_in_use, newest.parent) == (
        "fedcba9876543210",
        True,
        "0123456789abcdef",
    )
    assert (newest.loss, newest.direction, newest.sites) == (1.5, "java to csharp", 1)
    assert (oldest.is_in_use, oldest.last) == (False, "withdrawn")
    assert damaged.problem == "release.json is damaged."


def test_names_are_those_of_the_store() -> None:
    assert releases.LEDGER_FILE == store.LEDGER_FILE
    assert releases.CURRENT_FILE == store.CURRENT_FILE
    assert releases.RELEASES == store.RELEASES
    assert releases.RELEASE_FILE == folder.RELEASE_FILE


def test_a_store_is_read_as_it_is_written(place: CoordinatorPlace) -> None:
    write_secret(place.signing_key, new_signing_key())
    key = load_signing_key(place.signing_key)
    kept = store.ReleaseStore(place.releases, owner=key)
    made = []
    for number in range(2):
        factors = {"layer": Factors(torch.ones(2, 3) * number, torch.ones(3, 2), 2.0)}
        manifest = Manifest(
            "builtin", "f", "java", "csharp", rank=2, alpha=4.0, run="elm", round=number
        )
        part = Contribution(site="0123456789ab", weight=1.0)
        about = About("grove", "fra", [part], validation=[3.0, 2.0])
        made.append(publish(kept, factors, manifest, about, key, now=at(number)))
        kept.promote(made[-1].id, now=at(number))
    newest, oldest = look(Watched(place)).releases
    assert [oldest.id, newest.id] == [release.id for release in made]
    assert (newest.parent, oldest.parent) == (oldest.id, "")
    assert (newest.is_in_use, oldest.is_in_use) == (True, False)
    assert (newest.run, newest.round, newest.loss, newest.sites) == ("elm", 1, 2.0, 1)
    assert (newest.last, newest.rank, newest.problem) == ("promoted", 2, "")
