"""A release on disk and in messages: whole it comes back, and nothing hostile gets through."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from example_releases import ABOUT, KEY, MANIFEST, NOW, OTHER_KEY, SECRET, small_adapter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Factors, checksum
from fedtranslate.adapters.peftfiles import CONFIG_FILE, WEIGHTS_FILE
from fedtranslate.adapters.releases.canonical import canonical, canonical_bytes
from fedtranslate.adapters.releases.folder import (
    LIMITS,
    RELEASE_FILE,
    SIGNATURE_FILE,
    check_release,
    copy_release,
    load_release,
    pack,
    read_release,
    staged,
    unpack,
    write_release,
)
from fedtranslate.adapters.releases.release import Contribution, id_of, pseudonym
from fedtranslate.adapters.releases.signing import RELEASE, sign
from fedtranslate.errors import AdapterError

PUBLIC = KEY.public_key()
FOREIGN = OTHER_KEY.public_key()


def written(folder: Path, seed: int = 0) -> Path:
    folder.mkdir()
    write_release(folder, small_adapter(seed), MANIFEST, ABOUT, KEY, NOW)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "release")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("good") / "release")


def resign(folder: Path, change: Callable[[dict[str, object]], object], *, fits: bool) -> None:
    """Change the manifest and sign it again, as a coordinator that lies could."""
    values = json.loads((folder / RELEASE_FILE).read_bytes())
    change(values)
    if fits:
        values["id"] = id_of(values)
    content = canonical(values)
    (folder / RELEASE_FILE).write_bytes(content)
    (folder / SIGNATURE_FILE).write_text(f"{sign(KEY, RELEASE, content)}\n")


def test_what_is_written_comes_back(folder: Path) -> None:
    adapter, release = load_release(folder, PUBLIC)
    assert check_release(folder, PUBLIC) == release == read_release(folder, PUBLIC)
    assert checksum(adapter) == checksum(small_adapter()) == release.checksum
    assert release.manifest() == replace(MANIFEST, checksum=release.checksum)
    assert sorted(path.name for path in folder.iterdir()) == sorted(LIMITS)


def test_a_release_says_all_that_it_was_told(folder: Path) -> None:
    release = read_release(folder, PUBLIC)
    assert (release.federation, release.run, release.round) == ("banks", "billing", 2)
    assert (release.created, release.method, release.direction) == (NOW, "fra", "java->csharp")
    assert {part.site: part.weight for part in release.sites} == {
        pseudonym(SECRET, "north"): 120.0,
        pseudonym(SECRET, "south"): 40.0,
    }
    assert release.validation == (2.0, 1.7, 1.5)
    assert release.privacy == ABOUT.privacy
    assert release.versions == {"fedtranslate": "0.1.0"}
    assert b"north" not in canonical_bytes(release)


def test_the_same_release_is_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    turned = replace(ABOUT, sites=list(reversed(ABOUT.sites)))
    adapter = dict(reversed(small_adapter().items()))
    write_release(tmp_path / "b", adapter, MANIFEST, turned, KEY, NOW)
    assert pack(written(tmp_path / "a")) == pack(tmp_path / "b")


def test_the_id_changes_with_the_content(tmp_path: Path) -> None:
    ids = {read_release(written(tmp_path / f"{seed}", seed)).id for seed in (0, 1)} | {
        id_of({"created": time}) for time in ("a", "b")
    }
    assert len(ids) == 4


def test_a_pseudonym_tells_neither_the_name_nor_the_federation_of_another_secret() -> None:
    assert pseudonym(SECRET, "north") == pseudonym(SECRET, "north")
    assert len(pseudonym(SECRET, "north")) == 12
    others = {pseudonym(SECRET, "south"), pseudonym(SECRET[::-1], "north")}
    assert pseudonym(SECRET, "north") not in others
    with pytest.raises(AdapterError, match="5 bytes does not hide"):
        pseudonym(b"short", "north")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sites": [Contribution.model_construct(site="north", weight=1.0)]}, "site"),
        ({"sites": [*ABOUT.sites, *ABOUT.sites]}, "named twice"),
        ({"federation": "../up"}, "federation"),
        ({"parent": "../.."}, "parent"),
        ({"method": "fra\x1b[2J"}, "cannot be printed"),
        ({"task_type": "EXEC"}, "task_type"),
        ({"validation": (-1.0,)}, "validation"),
        ({"versions": {str(n): "1" for n in range(99)}}, "versions"),
    ],
)
def test_a_release_cannot_be_made_that_says_what_is_not_allowed(
    tmp_path: Path, changes: dict[str, object], complaint: str
) -> None:
    about = replace(ABOUT, **changes)  # type: ignore[arg-type]
    with pytest.raises(AdapterError, match=complaint):
        write_release(tmp_path, small_adapter(), MANIFEST, about, KEY, NOW)
    assert list(tmp_path.iterdir()) == []


def test_losses_that_are_not_numbers_are_not_known(tmp_path: Path) -> None:
    about = replace(ABOUT, validation=(float("inf"), float("nan"), 1.0))
    release = write_release(tmp_path, small_adapter(), MANIFEST, about, KEY, NOW)
    assert release.validation == (None, None, 1.0)


def test_what_is_not_finite_is_not_released(tmp_path: Path) -> None:
    bad = {"m": Factors(torch.full((2, 5), float("inf")), torch.ones(3, 2), 2.0)}
    with pytest.raises(AdapterError, match="NaN or infinity"):
        write_release(tmp_path, bad, MANIFEST, ABOUT, KEY, NOW)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.sampled_from(sorted(LIMITS)), place=st.integers(0), byte=st.integers(1, 255))
@example(which=SIGNATURE_FILE, place=-1, byte=1)
def test_a_flipped_byte_in_any_file_is_seen(
    tmp_path: Path, good: Path, which: str, place: int, byte: int
) -> None:
    shutil.copytree(good, tmp_path / "copy", dirs_exist_ok=True)
    content = bytearray((good / which).read_bytes())
    content[place % len(content)] ^= byte
    (tmp_path / "copy" / which).write_bytes(content)
    with pytest.raises(AdapterError):
        check_release(tmp_path / "copy", PUBLIC)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.sampled_from(sorted(LIMITS)), place=st.integers(0), more=st.booleans())
def test_a_file_that_is_cut_or_longer_is_seen(
    tmp_path: Path, good: Path, which: str, place: int, more: bool
) -> None:
    shutil.copytree(good, tmp_path / "copy", dirs_exist_ok=True)
    content = (good / which).read_bytes()
    changed = content + content[:1] if more else content[: place % len(content)]
    (tmp_path / "copy" / which).write_bytes(changed)
    with pytest.raises(AdapterError):
        check_release(tmp_path / "copy", PUBLIC)


@pytest.mark.parametrize("which", sorted(LIMITS))
def test_a_file_that_is_missing_is_named(folder: Path, which: str) -> None:
    (folder / which).unlink()
    with pytest.raises(AdapterError, match=f"{which} cannot be read"):
        check_release(folder, PUBLIC)
    with pytest.raises(AdapterError, match=f"{which} cannot be read"):
        pack(folder)


def test_a_foreign_signature_is_refused_before_anything_else_is_read(folder: Path) -> None:
    (folder / RELEASE_FILE).write_bytes(b"[" * 100_000)
    for read in (read_release, load_release, check_release):
        with pytest.raises(AdapterError, match="not signed by the key that is pinned"):
            read(folder, FOREIGN)


def test_without_a_key_only_the_signature_is_not_checked(folder: Path) -> None:
    assert check_release(folder).run == "billing"
    (folder / SIGNATURE_FILE).write_text("ed25519:forged\n")
    assert check_release(folder).run == "billing"
    (folder / CONFIG_FILE).write_text("{}")
    with pytest.raises(AdapterError, match=CONFIG_FILE):
        check_release(folder)


def test_swapped_weights_are_seen(folder: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", 1)
    shutil.copy(other / WEIGHTS_FILE, folder / WEIGHTS_FILE)
    with pytest.raises(AdapterError, match="does not hold the weights of the release"):
        load_release(folder, PUBLIC)
    with pytest.raises(AdapterError, match="is not the file that the release beside it names"):
        check_release(folder, PUBLIC)


@pytest.mark.parametrize("which", sorted(LIMITS))
def test_a_link_is_refused_wherever_it_leads(folder: Path, tmp_path: Path, which: str) -> None:
    (folder / which).rename(tmp_path / which)
    (folder / which).symlink_to(tmp_path / which)
    (tmp_path / "copy").mkdir()
    for read in (lambda: check_release(folder, PUBLIC), lambda: pack(folder)):
        with pytest.raises(AdapterError, match=f"{which} is a link"):
            read()
    with pytest.raises(AdapterError, match=f"{which} is a link"):
        copy_release(folder, tmp_path / "copy")


def test_a_pipe_is_refused(folder: Path) -> None:
    (folder / SIGNATURE_FILE).unlink()
    os.mkfifo(folder / SIGNATURE_FILE)
    with pytest.raises(AdapterError, match="not a plain file"):
        check_release(folder, PUBLIC)


@pytest.mark.parametrize("which", [RELEASE_FILE, SIGNATURE_FILE, CONFIG_FILE])
def test_a_huge_file_is_not_read_to_its_end(folder: Path, tmp_path: Path, which: str) -> None:
    os.truncate(folder / which, 2**40)
    with pytest.raises(AdapterError, match=f"{which} has more than {LIMITS[which]} bytes"):
        pack(folder)
    (tmp_path / "copy").mkdir()
    with pytest.raises(AdapterError, match=f"{which} has more than"):
        copy_release(folder, tmp_path / "copy")
    with pytest.raises(AdapterError):
        check_release(folder, PUBLIC)


def test_files_of_other_names_are_refused_and_not_copied(folder: Path, tmp_path: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"pickle")
    with pytest.raises(AdapterError, match=r"holds files that no release has: .*model\.bin"):
        check_release(folder, PUBLIC)
    (tmp_path / "copy").mkdir()
    copy_release(folder, tmp_path / "copy")
    assert check_release(tmp_path / "copy", PUBLIC).run == "billing"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda v: v.update(command="rm"), "command: unknown entry"),
        (lambda v: v.pop("rank"), "rank"),
        (lambda v: v.update(rank="2"), "rank"),
        (lambda v: v.update(rank=True), "rank"),
        (lambda v: v.update(rank=0), "rank"),
        (lambda v: v.update(rank=2**62), "rank"),
        (lambda v: v.update(alpha=-1.0), "alpha"),
        (lambda v: v.update(run="../../run"), "run"),
        (lambda v: v.update(source_language="java->x"), "source_language"),
        (lambda v: v.update(base="x" * 10_000), "base"),
        (lambda v: v.update(base="\x1b]0;owned"), "cannot be printed"),
        (lambda v: v.update(sites={}), "sites"),
        (lambda v: v.update(sites=[{"site": "north", "weight": 1.0}]), "site"),
        (lambda v: v["sites"].reverse(), "not in order"),
        (lambda v: v.update(sites=v["sites"] * 5000), "sites"),
        (lambda v: v.update(validation=[1.0] * 20_000), "validation"),
        (lambda v: v.update(weights_bytes=2**50), "weights_bytes"),
        (lambda v: v.update(weights_sha256="0" * 63), "weights_sha256"),
        (lambda v: v.update(format=2), "format"),
        (lambda v: v.update(privacy={"epsilon": 1.0}), "privacy"),
    ],
)
def test_a_manifest_that_its_signer_made_wrong_is_refused(
    folder: Path, change: Callable[[dict[str, object]], object], complaint: str
) -> None:
    resign(folder, change, fits=True)
    with pytest.raises(AdapterError, match=complaint):
        check_release(folder, PUBLIC)


def test_an_id_that_is_not_of_the_content_is_refused(folder: Path) -> None:
    resign(folder, lambda values: values.update(id="0" * 16), fits=False)
    with pytest.raises(AdapterError, match="the id is not that of the content"):
        read_release(folder, PUBLIC)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "1" * 5000])
def test_numbers_beyond_all_bounds_are_refused(folder: Path, number: str) -> None:
    text = (folder / RELEASE_FILE).read_text().replace('"alpha":4.0', f'"alpha":{number}')
    (folder / RELEASE_FILE).write_text(text)
    with pytest.raises(AdapterError, match=RELEASE_FILE):
        read_release(folder)


def test_a_config_that_the_publisher_changed_is_refused(folder: Path) -> None:
    # peft would import the module that auto_mapping names.
    config = json.loads((folder / CONFIG_FILE).read_bytes())
    config["auto_mapping"] = {"base_model_class": "X", "parent_library": "evil"}
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n")
    with pytest.raises(AdapterError, match="does not say what the release beside it says"):
        check_release(folder, PUBLIC)


def test_another_name_for_the_rank_is_seen(folder: Path) -> None:
    resign(folder, lambda values: values.update(alpha=8.0), fits=True)
    with pytest.raises(AdapterError, match="does not hold the weights"):
        load_release(folder, PUBLIC)


def test_a_packed_release_comes_back(folder: Path, tmp_path: Path) -> None:
    parts = pack(folder)
    (tmp_path / "copy").mkdir()
    unpack(parts, tmp_path / "copy")
    assert check_release(tmp_path / "copy", PUBLIC) == check_release(folder, PUBLIC)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda parts: parts.pop(RELEASE_FILE), "missing or unknown"),
        (lambda parts: parts.update({"../../evil": b""}), r"\.\./\.\./evil"),
        (lambda parts: parts.update({"x" * 9999: b""}), "missing or unknown"),
        (lambda parts: parts.update({SIGNATURE_FILE: b"x" * 300}), "too large"),
        (lambda parts: parts.update({RELEASE_FILE: "text"}), "not bytes"),
        (lambda parts: parts.clear(), "missing or unknown"),
    ],
)
def test_a_hostile_message_writes_nothing(
    good: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], object], complaint: str
) -> None:
    parts = pack(good)
    change(parts)
    (tmp_path / "copy").mkdir()
    with pytest.raises(AdapterError, match=complaint):
        unpack(parts, tmp_path / "copy")
    assert list((tmp_path / "copy").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_staged_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken() -> None:
        with staged(tmp_path / "out") as made:
            (made / "a").write_text("1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert list(tmp_path.iterdir()) == []
    with staged(tmp_path / "out") as made:
        (made / "a").write_text("1")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out" / "a").read_text() == "1"
    with pytest.raises(AdapterError, match="is there already"), staged(tmp_path / "out"):
        pass
