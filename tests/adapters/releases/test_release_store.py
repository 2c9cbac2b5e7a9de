"""The store: what comes in, which release is in use, and what is wrong with it."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from example_releases import (
    ABOUT,
    DIRECTION,
    KEY,
    MANIFEST,
    NOW,
    OTHER_KEY,
    published,
    small_adapter,
)
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.factors import checksum
from fedtranslate.adapters.peftfiles import WEIGHTS_FILE
from fedtranslate.adapters.releases.folder import RELEASE_FILE, pack
from fedtranslate.adapters.releases.ledger import Entry, Kind
from fedtranslate.adapters.releases.publishing import publish, receive
from fedtranslate.adapters.releases.store import CURRENT_FILE, KEY_FILE, LEDGER_FILE, ReleaseStore
from fedtranslate.adapters.releases.usage import DIRECTION as DIRECTION_VALUE
from fedtranslate.adapters.releases.usage import MANIFEST as MANIFEST_VALUE
from fedtranslate.adapters.releases.usage import usage_of
from fedtranslate.adapters.releases.verifying import verify
from fedtranslate.errors import AdapterError

PUBLIC = KEY.public_key()


@pytest.fixture
def coordinator(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "coordinator", owner=KEY)


@pytest.fixture
def site(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "site")


def kinds(store: ReleaseStore) -> list[str]:
    return [entry.kind.value for entry in store.entries()]


def problems(store: ReleaseStore, name: str | None = None) -> list[str]:
    return [f"{one.what}: {one.problem}" for one in verify(store, PUBLIC, name)]


def test_a_published_release_is_kept_signed_and_noted_but_not_in_use(
    coordinator: ReleaseStore,
) -> None:
    release = published(coordinator)
    adapter, again = coordinator.load(release.id)
    assert again == release == coordinator.get(release.id)
    assert checksum(adapter) == checksum(small_adapter())
    assert kinds(coordinator) == ["published"]
    assert all(entry.signature for entry in coordinator.entries(PUBLIC))
    assert coordinator.usage().in_use() == {}
    assert problems(coordinator) == []


def test_the_same_adapter_is_published_once(coordinator: ReleaseStore) -> None:
    first = published(coordinator)
    later = "2026-11-29T10:00:00Z"
    newer = replace(ABOUT, versions={"fedtranslate": "0.2.0"})
    for about in (ABOUT, newer):
        again = publish(coordinator, small_adapter(), first.manifest(), about, KEY, now=later)
        assert again == first
    assert kinds(coordinator) == ["published"]


def test_publishing_again_heals_damaged_weights(coordinator: ReleaseStore) -> None:
    release = published(coordinator)
    coordinator.promote(release.id, now=NOW)
    (coordinator.folder_of(release.id) / WEIGHTS_FILE).write_bytes(b"")
    assert problems(coordinator) != []
    later = "2026-11-29T10:00:00Z"
    again = publish(coordinator, small_adapter(), release.manifest(), ABOUT, KEY, now=later)
    assert again == release
    assert problems(coordinator) == []
    assert kinds(coordinator) == ["published", "promoted"]


def test_the_parent_is_the_release_in_use(coordinator: ReleaseStore) -> None:
    first = published(coordinator, 0)
    assert first.parent is None
    assert published(coordinator, 1).parent is None
    coordinator.promote(first.id, now=NOW)
    assert published(coordinator, 2).parent == first.id
    other = published(coordinator, 3, source_language="python")
    assert other.parent is None


@pytest.mark.parametrize("packed", [True, False])
def test_a_site_receives_what_was_published(
    coordinator: ReleaseStore, site: ReleaseStore, packed: bool
) -> None:
    release = published(coordinator)
    folder = coordinator.folder_of(release.id)
    for _ in range(2):
        source = pack(folder) if packed else folder
        assert receive(site, source, PUBLIC, now=NOW, values={"run": 7}) == release
    assert kinds(site) == ["offered"]
    assert site.entries()[0].values["run"] == 7
    assert pack(site.folder_of(release.id)) == pack(folder)
    assert problems(site) == []


def test_a_release_by_another_key_is_not_received(
    coordinator: ReleaseStore, site: ReleaseStore, tmp_path: Path
) -> None:
    release = published(coordinator)
    stranger = ReleaseStore(tmp_path / "stranger")
    foreign = publish(stranger, small_adapter(), MANIFEST, ABOUT, OTHER_KEY, now=NOW)
    receive(site, coordinator.folder_of(release.id), PUBLIC, now=NOW)
    with pytest.raises(AdapterError, match="not signed by the key that is pinned"):
        receive(site, stranger.folder_of(foreign.id), PUBLIC, now=NOW)
    with pytest.raises(AdapterError, match=r"takes releases signed by ed25519:.*, not by"):
        receive(site, stranger.folder_of(foreign.id), OTHER_KEY.public_key(), now=NOW)
    assert [one.id for one in site.all()] == [release.id]
    assert [path.name for path in (site.folder / "releases").iterdir()] == [release.id]


def test_a_damaged_release_leaves_no_trace(coordinator: ReleaseStore, site: ReleaseStore) -> None:
    parts = pack(coordinator.folder_of(published(coordinator).id))
    parts[WEIGHTS_FILE] = parts[WEIGHTS_FILE][:-4]
    with pytest.raises(AdapterError, match="is not the file that the release"):
        receive(site, parts, PUBLIC, now=NOW)
    assert list((site.folder / "releases").iterdir()) == []
    assert site.entries() == ()


def test_receiving_again_heals_what_was_damaged(
    coordinator: ReleaseStore, site: ReleaseStore, tmp_path: Path
) -> None:
    release = published(coordinator)
    source, place = coordinator.folder_of(release.id), site.folder_of(release.id)
    receive(site, source, PUBLIC, now=NOW)
    damages: list[Callable[[], object]] = [
        lambda: (place / WEIGHTS_FILE).write_bytes(b""),
        lambda: shutil.rmtree(place),
        lambda: (shutil.rmtree(place), place.write_text("")),
        lambda: (place.rename(tmp_path / "moved"), place.symlink_to(tmp_path / "moved")),
    ]
    for damage in damages:
        damage()
        assert len(problems(site)) == 1
        receive(site, source, PUBLIC, now=NOW)
        assert problems(site) == []
    assert (tmp_path / "moved").is_dir()
    assert kinds(site) == ["offered"]


def test_promote_and_rollback_go_forth_and_back(coordinator: ReleaseStore) -> None:
    a, b, c = (published(coordinator, seed).id for seed in range(3))
    for name in (a, b, b, c):
        coordinator.promote(name, now=NOW)
        assert coordinator.usage().current(DIRECTION) == name
        assert json.loads((coordinator.folder / CURRENT_FILE).read_text()) == {DIRECTION: name}
    assert kinds(coordinator)[3:] == ["promoted"] * 3
    for before in (b, a, None):
        assert coordinator.rollback(DIRECTION, now=NOW) == before
        assert coordinator.usage().current(DIRECTION) == before
    assert json.loads((coordinator.folder / CURRENT_FILE).read_text()) == {}
    with pytest.raises(AdapterError, match="No release is in use for java->csharp"):
        coordinator.rollback(DIRECTION, now=NOW)
    assert problems(coordinator) == []


def test_directions_do_not_touch_each_other(coordinator: ReleaseStore) -> None:
    here, there = published(coordinator), published(coordinator, 1, source_language="python")
    coordinator.promote(here.id, now=NOW)
    coordinator.promote(there.id, now=NOW)
    coordinator.rollback("python->csharp", now=NOW)
    assert coordinator.usage().in_use() == {DIRECTION: here.id}


def test_a_gate_notes_what_it_decided(coordinator: ReleaseStore, site: ReleaseStore) -> None:
    first, second = (published(coordinator, seed) for seed in range(2))
    for release in (first, second):
        receive(site, coordinator.folder_of(release.id), PUBLIC, now=NOW)
    site.promote(first.id, now=NOW, kind=Kind.INSTALLED, values={"gain": 0.5})
    site.note(Kind.DECLINED, second.id, now=NOW, values={"gain": -0.5})
    assert site.usage().current(DIRECTION) == first.id
    assert [(one.last.value, one.is_in_use) for one in site.all()] == [
        ("installed", True),
        ("declined", False),
    ]


def test_a_withdrawn_release_goes_out_of_use_and_never_comes_back(
    coordinator: ReleaseStore, site: ReleaseStore
) -> None:
    first, second = (published(coordinator, seed) for seed in range(2))
    for release in (first, second):
        receive(site, coordinator.folder_of(release.id), PUBLIC, now=NOW)
    for release in (first, second, first):
        site.promote(release.id, now=NOW)
    site.note(Kind.WITHDRAWN, second.id, now=NOW)
    assert site.usage().stacks == {DIRECTION: (first.id,)}
    site.note(Kind.WITHDRAWN, first.id, now=NOW)
    assert site.usage().current(DIRECTION) is None
    with pytest.raises(AdapterError, match="was withdrawn, and is not used again"):
        site.promote(first.id, now=NOW)
    with pytest.raises(AdapterError, match="was withdrawn"):
        receive(site, coordinator.folder_of(first.id), PUBLIC, now=NOW)


def test_a_damaged_release_is_neither_promoted_nor_rolled_back_to(
    coordinator: ReleaseStore,
) -> None:
    first, second = (published(coordinator, seed).id for seed in range(2))
    coordinator.promote(first, now=NOW)
    coordinator.promote(second, now=NOW)
    (coordinator.folder_of(first) / WEIGHTS_FILE).write_bytes(b"")
    with pytest.raises(AdapterError, match=WEIGHTS_FILE):
        coordinator.rollback(DIRECTION, now=NOW)
    with pytest.raises(AdapterError, match=WEIGHTS_FILE):
        coordinator.promote(first, now=NOW)
    assert coordinator.usage().current(DIRECTION) == second


def test_one_good_release_in_the_place_of_another_is_seen(coordinator: ReleaseStore) -> None:
    first, second = (published(coordinator, seed).id for seed in range(2))
    shutil.rmtree(coordinator.folder_of(second))
    shutil.copytree(coordinator.folder_of(first), coordinator.folder_of(second))
    with pytest.raises(AdapterError, match="another release than the one that came in"):
        coordinator.promote(second, now=NOW)
    assert len(problems(coordinator)) == 1


def test_a_folder_that_no_entry_names_is_not_there(
    coordinator: ReleaseStore, site: ReleaseStore
) -> None:
    first, second = (published(coordinator, seed).id for seed in range(2))
    receive(site, coordinator.folder_of(first), PUBLIC, now=NOW)
    shutil.copytree(coordinator.folder_of(second), site.folder_of(second))
    assert [one.id for one in site.all()] == [first]
    for use in (site.get, lambda name: site.promote(name, now=NOW)):
        with pytest.raises(AdapterError, match="There is no release"):
            use(second)


@pytest.mark.parametrize("name", ["", "../coordinator", "g", "/etc/passwd", "*", "."])
def test_a_name_that_is_no_id_finds_nothing(coordinator: ReleaseStore, name: str) -> None:
    published(coordinator)
    with pytest.raises(AdapterError, match="There is no release"):
        coordinator.find(name)
    with pytest.raises(AdapterError, match="There is no release"):
        coordinator.get(name)


def test_an_id_may_be_cut_short_while_it_is_clear(coordinator: ReleaseStore) -> None:
    ids = [published(coordinator, seed).id for seed in range(20)]
    for name in ids:
        assert coordinator.find(name) == name
        shortest = next(
            name[:n] for n in range(1, 17) if sum(i.startswith(name[:n]) for i in ids) == 1
        )
        assert coordinator.find(shortest) == name
    digit = max("0123456789abcdef", key=lambda digit: sum(i[0] == digit for i in ids))
    with pytest.raises(AdapterError, match=rf"'{digit}' is the beginning of \d+ releases .*more"):
        coordinator.find(digit)


def test_an_exported_release_is_whole_and_no_folder_is_written_over(
    coordinator: ReleaseStore, tmp_path: Path
) -> None:
    release = published(coordinator)
    coordinator.export(release.id, tmp_path / "out" / "joint")
    assert pack(tmp_path / "out" / "joint") == pack(coordinator.folder_of(release.id))
    with pytest.raises(AdapterError, match="is there already"):
        coordinator.export(release.id, tmp_path / "out" / "joint")
    (coordinator.folder_of(release.id) / WEIGHTS_FILE).write_bytes(b"")
    with pytest.raises(AdapterError, match=WEIGHTS_FILE):
        coordinator.export(release.id, tmp_path / "out" / "other")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["joint"]


def test_verify_finds_every_kind_of_damage(coordinator: ReleaseStore) -> None:
    ids = [published(coordinator, seed).id for seed in range(4)]
    coordinator.promote(ids[3], now=NOW)
    assert problems(coordinator) == []
    (coordinator.folder_of(ids[0]) / WEIGHTS_FILE).write_bytes(b"")
    (coordinator.folder_of(ids[1]) / RELEASE_FILE).unlink()
    (coordinator.folder_of(ids[2]) / "more").write_text("")
    (coordinator.folder / CURRENT_FILE).write_text("{}")
    found = [one.what for one in verify(coordinator, PUBLIC)]
    assert found == [*ids[:3], CURRENT_FILE]
    assert [one.what for one in verify(coordinator, PUBLIC, ids[3])] == [CURRENT_FILE]
    coordinator.promote(ids[3], now=NOW)
    assert CURRENT_FILE not in [one.what for one in verify(coordinator, PUBLIC)]
    ledger = coordinator.folder / LEDGER_FILE
    ledger.write_bytes(ledger.read_bytes().replace(b"published", b"withdrawn", 1))
    (one,) = verify(coordinator)
    assert one.what == LEDGER_FILE
    assert "entry 1 does not have the hash" in one.problem


def test_a_pinned_key_that_was_replaced_is_seen_by_who_knows_the_true_one(
    coordinator: ReleaseStore, tmp_path: Path
) -> None:
    published(coordinator)
    forged = ReleaseStore(tmp_path / "forged")
    publish(forged, small_adapter(), MANIFEST, ABOUT, OTHER_KEY, now=NOW)
    assert verify(forged) == ()
    found = verify(forged, PUBLIC)
    assert found[0].what == KEY_FILE
    assert len(found) == 2


def test_what_a_killed_process_left_is_swept_away_by_the_next_change(
    coordinator: ReleaseStore,
) -> None:
    release = published(coordinator)
    (coordinator.folder / "releases" / ".incoming").mkdir()
    (coordinator.folder / ".current.json.0123abcd").write_text("{")
    coordinator.promote(release.id, now=NOW)
    assert [path.name for path in (coordinator.folder / "releases").iterdir()] == [release.id]
    assert sorted(path.name for path in coordinator.folder.glob(".*")) == [".lock"]


def entry(kind: Kind, name: str) -> Entry:
    """Return an entry as far as ``usage_of`` reads it."""
    values = {DIRECTION_VALUE: DIRECTION, MANIFEST_VALUE: "0" * 64}
    return Entry.model_construct(kind=kind, release=name, values=values)


STEPS = st.lists(st.tuples(st.sampled_from([*Kind]), st.sampled_from(["a", "b", "c"])), max_size=30)


@given(steps=STEPS)
def test_a_rollback_always_changes_what_is_in_use(steps: list[tuple[Kind, str]]) -> None:
    entries = [entry(Kind.OFFERED, name) for name in "abc"]
    entries += [entry(kind, name) for kind, name in steps]
    usage = usage_of(entries)
    stack = usage.stacks[DIRECTION]
    assert not usage.withdrawn.keys() & set(stack)
    assert all(one != other for one, other in pairwise(stack))
    while stack:
        entries.append(entry(Kind.ROLLED_BACK, stack[-1]))
        after = usage_of(entries).stacks[DIRECTION]
        assert after == stack[:-1]
        stack = after


@given(steps=STEPS)
def test_what_never_came_in_is_never_in_use(steps: list[tuple[Kind, str]]) -> None:
    entries = [entry(kind, name) for kind, name in steps]
    came = {one.release for one in entries if one.kind in {Kind.PUBLISHED, Kind.OFFERED}}
    assert set(usage_of(entries).in_use().values()) <= came


def test_a_large_rank_and_mixed_ranks_come_back(coordinator: ReleaseStore) -> None:
    from fedtranslate.adapters.combine import full_rank

    adapter = small_adapter()
    odd = "layers.0.q_proj"
    adapter[odd] = full_rank([{odd: adapter[odd]}], [1], 1)[odd]
    release = publish(coordinator, adapter, MANIFEST, ABOUT, KEY, now=NOW)
    again, _ = coordinator.load(release.id)
    assert {name: factors.rank for name, factors in again.items()} == {
        "layers.0.q_proj": 1,
        "layers.1.v_proj": 2,
    }
    for name, factors in adapter.items():
        assert torch.equal(factors.delta(), again[name].delta())


def test_several_at_once_lose_nothing(coordinator: ReleaseStore) -> None:
    releases = [published(coordinator, seed) for seed in range(3)]

    def work(number: int) -> None:
        store = ReleaseStore(coordinator.folder, owner=KEY)
        store.promote(releases[number % 3].id, now=NOW)
        store.note(Kind.DECLINED, releases[number % 3].id, now=NOW, values={"number": number})
        published(store, 10 + number % 2)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(12)))
    assert problems(coordinator) == []
    noted = [one.values["number"] for one in coordinator.entries() if one.kind is Kind.DECLINED]
    assert sorted(map(str, noted)) == sorted(map(str, range(12)))
    assert len(coordinator.all()) == 5
