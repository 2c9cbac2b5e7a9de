"""A release on disk, and as bytes in a message: four files, and nothing of them is trusted.

    adapter_config.json          as peft reads it; follows from the other two
    adapter_model.safetensors    the weights
    release.json                 the manifest, in canonical form
    release.sig                  the publisher's signature of the manifest

The signature covers the manifest, the manifest the weights: by the SHA-256 of their file, and once
more by the checksum of the values, which is taken of what was read into memory.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.peftfiles import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    from_peft_weights,
    peft_config,
    peft_pieces,
)
from fedtranslate.adapters.releases.canonical import canonical_bytes, read_canonical
from fedtranslate.adapters.releases.release import About, Release, describe
from fedtranslate.adapters.releases.signing import RELEASE, SigningKey, VerifyKey, is_signed, sign
from fedtranslate.adapters.store import Manifest, check_adapter
from fedtranslate.adapters.tensors import MAX_BYTES, read_tensors
from fedtranslate.config.files import open_plain, sync_folder, write_durably
from fedtranslate.errors import AdapterError

RELEASE_FILE = "release.json"
SIGNATURE_FILE = "release.sig"
LIMITS: Mapping[str, int] = {
    RELEASE_FILE: 2 * 2**20,
    SIGNATURE_FILE: 256,
    CONFIG_FILE: 4 * 2**20,
    WEIGHTS_FILE: MAX_BYTES,
}
"""The files of a release, and the most bytes that are read of each."""
_PIECE = 2**20


def write_release(
    folder: Path, adapter: Adapter, manifest: Manifest, about: About, key: SigningKey, now: str
) -> Release:
    """Write and sign a release of ``adapter`` into ``folder``, which is there and is empty.

    Raises:
        AdapterError: The adapter is not finite or does not fit its manifest, or the release would
            say what is not allowed.
    """
    whole = check_adapter(adapter, manifest)
    digest, size = hashlib.sha256(), 0
    for piece in peft_pieces(adapter):
        digest.update(piece)
        size += len(piece)
    release = describe(
        whole, about, created=now, weights_sha256=digest.hexdigest(), weights_bytes=size
    )
    content = canonical_bytes(release)
    small = {
        CONFIG_FILE: _config(adapter, release),
        RELEASE_FILE: content,
        SIGNATURE_FILE: f"{sign(key, RELEASE, content)}\n".encode(),
    }
    sizes = {WEIGHTS_FILE: size} | {name: len(each) for name, each in small.items()}
    for name, length in sizes.items():
        if length > LIMITS[name]:
            raise AdapterError(f"{name} would have {length} bytes, and nobody would read it.")
    # Made once more: a heavy adapter is not in memory a second time.
    write_durably(folder / WEIGHTS_FILE, peft_pieces(adapter))
    for name, each in small.items():
        write_durably(folder / name, each)
    return release


def read_release(folder: Path, key: VerifyKey | None = None) -> Release:
    """Return what the release in ``folder`` says of itself; its weights are not read.

    Args:
        folder: From anyone.
        key: Of whoever must have signed it; None does not look at the signature.

    Raises:
        AdapterError: It is missing, damaged, or not signed by the owner of ``key``.
    """
    content = _bounded(folder, RELEASE_FILE)
    if key is not None:
        signature = _bounded(folder, SIGNATURE_FILE).decode("ascii", "replace")
        if signature[-1:] != "\n" or not is_signed(key, RELEASE, content, signature[:-1]):
            raise AdapterError(
                f"The release in {folder} is not signed by the key that is pinned, or was changed"
                " since.",
                hint="Do not use it, and ask who published it.",
            )
    return read_canonical(Release, content, str(folder / RELEASE_FILE))


def load_release(folder: Path, key: VerifyKey | None = None) -> tuple[dict[str, Factors], Release]:
    """Return the adapter of the release in ``folder``, with what it says of itself.

    Args:
        folder: As of ``read_release``.
        key: Likewise.

    Raises:
        AdapterError: As of ``read_release``; or weights are missing, damaged, not finite or of
            another release.
    """
    release = read_release(folder, key)
    path = _plain(folder, WEIGHTS_FILE)
    adapter = from_peft_weights(read_tensors(path), release.manifest().scaling, path)
    if checksum(adapter) != release.checksum:
        raise AdapterError(f"{path} does not hold the weights of the release beside it.")
    return adapter, release


def check_release(folder: Path, key: VerifyKey | None = None) -> Release:
    """Return the release in ``folder`` if every byte of its files is as it should be.

    Args:
        folder: As of ``read_release``.
        key: Likewise.

    Raises:
        AdapterError: As of ``load_release``; or a file is not that of the manifest, or is one
            too many.
    """
    release = read_release(folder, key)
    if extra := sorted(path.name for path in folder.iterdir() if path.name not in LIMITS):
        raise AdapterError(f"{folder} holds files that no release has: {extra[:3]}.")
    path = _plain(folder, WEIGHTS_FILE)
    if _hashed(path) != (release.weights_sha256, release.weights_bytes):
        raise AdapterError(f"{path} is not the file that the release beside it names.")
    adapter, _ = load_release(folder)
    if _bounded(folder, CONFIG_FILE) != _config(adapter, release):
        raise AdapterError(f"{folder / CONFIG_FILE} does not say what the release beside it says.")
    return release


def is_whole(folder: Path) -> bool:
    """Tell whether there is a release in ``folder``, with nothing wrong but perhaps the signer."""
    try:
        return folder.is_dir() and not folder.is_symlink() and bool(check_release(folder))
    except AdapterError:
        return False


def pack(folder: Path) -> dict[str, bytes]:
    """Return the files of the release in ``folder`` by name, to go into a message.

    Raises:
        AdapterError: One is missing or too large.
    """
    return {name: _bounded(folder, name) for name in LIMITS}


def unpack(parts: Mapping[str, bytes], folder: Path) -> None:
    """Write what ``pack`` returned into ``folder``, which is there; nothing of it is checked yet.

    Raises:
        AdapterError: Files are missing, too many or too large.
    """
    if parts.keys() != LIMITS.keys():
        odd = sorted(str(name)[:80] for name in parts.keys() ^ LIMITS.keys())
        raise AdapterError(f"The message holds no release: missing or unknown are {odd[:4]}.")
    for name, limit in LIMITS.items():
        if not isinstance(parts[name], bytes) or len(parts[name]) > limit:
            raise AdapterError(f"{name} in the message is too large, or not bytes.")
    for name in LIMITS:
        write_durably(folder / name, parts[name])


def copy_release(source: Path, folder: Path) -> None:
    """Copy the files of a release into ``folder``, which is there; nothing of them is checked.

    What else lies in ``source`` stays there.

    Raises:
        AdapterError: A file is missing, a link, or too large.
    """
    for name, limit in LIMITS.items():
        path = _plain(source, name)
        with _opened(path) as old, (folder / name).open("xb") as new:
            left = limit
            while piece := old.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise AdapterError(f"{path} has more than {limit} bytes.")
                new.write(piece)
            new.flush()
            os.fsync(new.fileno())
    sync_folder(folder)


@contextmanager
def staged(place: Path) -> Iterator[Path]:
    """Give an empty folder that becomes ``place`` by one rename when the ``with`` block ends well.

    Raises:
        AdapterError: There is something at ``place`` already.
    """
    if place.exists() or place.is_symlink():
        raise AdapterError(f"{place} is there already.", hint="Name a folder that is not.")
    made = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    made.mkdir(parents=True)
    try:
        yield made
        made.replace(place)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    sync_folder(place.parent)


def _config(adapter: Adapter, release: Release) -> bytes:
    ranks = {name: factors.rank for name, factors in adapter.items()}
    return peft_config(ranks, release.manifest(), task_type=release.task_type)


def _hashed(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file, and its size."""
    digest, size = hashlib.sha256(), 0
    with _opened(path) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _bounded(folder: Path, name: str) -> bytes:
    path = _plain(folder, name)
    with _opened(path) as file:
        content = file.read(LIMITS[name] + 1)
    if len(content) > LIMITS[name]:
        raise AdapterError(f"{path} has more than {LIMITS[name]} bytes.")
    return content


def _plain(folder: Path, name: str) -> Path:
    """Return the path of a file of a release; a link is none, wherever it leads."""
    path = folder / name
    if path.is_symlink():
        raise AdapterError(f"{path} is a link; a release holds plain files only.")
    return path


def _opened(path: Path) -> BinaryIO:
    try:
        return open_plain(path)
    except OSError as error:
        raise AdapterError(f"{path} cannot be read: {error.strerror}.") from None
