"""Adapters on disk: a folder with ``adapter.safetensors`` and ``manifest.json``.

The manifest says what the adapter is for, and carries the checksum of its values; a folder
in which the two do not belong together is refused.  Nothing in the manifest names a file.
"""

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors, checksum, is_finite
from fedtranslate.adapters.tensors import read_tensors, tensor_pieces
from fedtranslate.config.files import Content, open_plain, sync_folder, write_durably
from fedtranslate.errors import AdapterError

ADAPTER_FILE = "adapter.safetensors"
MANIFEST_FILE = "manifest.json"
FORMAT = 1
_MAX_MANIFEST_BYTES = 2**20
_MAX_RANK = _MAX_ROUND = 2**20
"""Above any that stacking and the settings come to."""
_MAX_ALPHA = 1e12
"""Above any that makes sense; the arithmetic is in float32."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an adapter is, and for which model."""

    base: str
    """Name or path of the base model."""
    base_fingerprint: str
    """Of the base model's configuration and vocabulary; decides whether the adapter fits."""
    source_language: str
    target_language: str
    rank: int
    alpha: float
    rslora: bool = False
    """Whether the scaling is alpha / sqrt(rank) instead of alpha / rank."""
    run: str = ""
    """Name of the run that made it; empty when a site trained alone."""
    round: int = 0
    """Round of the run after which it was taken; 0 is before the first."""
    settings: str = ""
    """Fingerprint of the settings it was made by."""
    checksum: str = ""
    """SHA-256 of the factors; filled in when the adapter is saved."""
    format: int = FORMAT

    @property
    def scaling(self) -> float:
        """The factor on B A."""
        return float(self.alpha / (self.rank**0.5 if self.rslora else self.rank))


def save_adapter(folder: Path, adapter: Adapter, manifest: Manifest) -> Manifest:
    """Write ``adapter`` to ``folder``.

    A crash leaves no folder or a whole one; while an old one is overwritten it can leave one
    that ``load_adapter`` refuses.

    Returns:
        The manifest as written, with the checksum.

    Raises:
        AdapterError: Factors are not finite, or do not have the scaling of the manifest.
    """
    written = check_adapter(adapter, manifest)
    text = json.dumps(asdict(written), indent=2) + "\n"
    write_folder(
        folder, {ADAPTER_FILE: tensor_pieces(as_tensors(adapter)), MANIFEST_FILE: text.encode()}
    )
    return written


def load_adapter(
    folder: Path, *, base_fingerprint: str | None = None, base_name: str = ""
) -> tuple[dict[str, Factors], Manifest]:
    """Read the adapter in ``folder``.

    Args:
        folder: As written by ``save_adapter``; its content is not trusted.
        base_fingerprint: Of the model it shall be used with; None does not compare.
        base_name: Of the same model, for the message; empty where it is not known.

    Raises:
        AdapterError: Something is missing, damaged or not finite, or the adapter belongs to
            another base model.
    """
    manifest = read_manifest(folder)
    if base_fingerprint is not None:
        check_base(manifest, folder, base_fingerprint, base_name)
    path = folder / ADAPTER_FILE
    adapter = from_tensors(read_tensors(path), manifest.scaling, path)
    if checksum(adapter) != manifest.checksum:
        raise AdapterError(f"{path} and the {MANIFEST_FILE} beside it do not belong together.")
    return adapter, manifest


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in ``folder``.

    Raises:
        AdapterError: It is missing or damaged.
    """
    path = folder / MANIFEST_FILE
    try:
        with open_plain(path) as file:
            content = file.read(_MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}."
        raise AdapterError(problem, hint=_adapters_inside(folder)) from None
    try:
        values = json.loads(content[: _MAX_MANIFEST_BYTES + 1].decode("utf-8"))
    except (ValueError, RecursionError):
        raise AdapterError(f"{path} is not JSON.") from None
    return _manifest(values, path)


def as_tensors(adapter: Adapter) -> dict[str, Tensor]:
    """Return the factors under the names ``MODULE.a`` and ``MODULE.b``, sorted."""
    tensors = {f"{name}.a": factors.a for name, factors in adapter.items()}
    tensors |= {f"{name}.b": factors.b for name, factors in adapter.items()}
    return dict(sorted(tensors.items()))


def from_tensors(
    tensors: Mapping[str, Tensor], scaling: float, where: Path | str
) -> dict[str, Factors]:
    """Pair up tensors named as by ``as_tensors``.

    Raises:
        AdapterError: A tensor has no partner, another name, or does not fit its partner.
    """
    modules = sorted(name[:-2] for name in tensors if name.endswith(".a"))
    if extra := sorted(tensors.keys() - {f"{name}.{x}" for name in modules for x in "ab"}):
        raise AdapterError(f"{where} holds tensors that belong to no adapter: {extra[:3]}.")
    if not modules:
        raise AdapterError(f"{where} holds no adapter.")
    adapter = {}
    for name in modules:
        a, b = tensors[f"{name}.a"], tensors.get(f"{name}.b")
        if b is None or a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1] or not a.shape[0]:
            raise AdapterError(f"{where} holds factors for {name} that do not fit together.")
        adapter[name] = Factors(a, b, scaling)
    return adapter


def check_adapter(adapter: Adapter, manifest: Manifest) -> Manifest:
    """Return ``manifest`` with the checksum that the adapter has when it is read again.

    Raises:
        AdapterError: Factors are not finite, or do not have the scaling of the manifest.
    """
    if not is_finite(adapter):
        raise AdapterError("An adapter with NaN or infinity is not saved.")
    for name, factors in adapter.items():
        if abs(factors.scaling - manifest.scaling) > 1e-9 * abs(manifest.scaling):
            raise AdapterError(
                f"{name} is scaled by {factors.scaling}, but alpha {manifest.alpha} and rank "
                f"{manifest.rank} of the manifest make {manifest.scaling}."
            )
    # Alpha divided by rank need not be the scaling to the last bit.
    read_again = {name: replace(f, scaling=manifest.scaling) for name, f in adapter.items()}
    return replace(manifest, checksum=checksum(read_again), format=FORMAT)


def check_base(manifest: Manifest, folder: Path, fingerprint: str, name: str) -> None:
    """Refuse the adapter in ``folder`` on any base model but its own.

    Args:
        manifest: Of the adapter.
        folder: Where it lies, for the message.
        fingerprint: Of the model in use.
        name: Of the same model; empty where it is not known.

    Raises:
        AdapterError: It was trained for another.
    """
    if manifest.base_fingerprint == fingerprint:
        return
    hint = f"Load the base model {manifest.base!r}, or use an adapter that was trained for this."
    if name == manifest.base:
        hint = "The model of that name has changed since: load the one of then, or train anew."
    in_use = repr(name) if name else "another"
    raise AdapterError(
        f"The adapter in {folder} was trained for the base model {manifest.base!r} (fingerprint"
        f" {manifest.base_fingerprint}), but the model in use is {in_use}"
        f" (fingerprint {fingerprint}).",
        hint=hint,
    )


def write_folder(folder: Path, files: Mapping[str, Content]) -> None:
    """Put ``files`` into ``folder``: a new folder appears whole, in an old one they are replaced.

    Files of other names in an old folder are left alone.
    """
    if folder.exists():
        for name, content in files.items():
            write_durably(folder / name, content)
        return
    made = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    made.mkdir(parents=True)
    try:
        for name, content in files.items():
            write_durably(made / name, content)
        made.replace(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def _adapters_inside(folder: Path) -> str:
    """Name the folders in ``folder`` that hold adapters: a whole run may have been given."""
    depths = ("*", "*/*", "*/*/*")
    found = {path.parent for depth in depths for path in folder.glob(f"{depth}/{MANIFEST_FILE}")}
    if not found:
        return "Give the folder of an adapter: 'fedtranslate train' and federations make them."
    # Backwards, what sites have installed comes before the rounds, and the last round first.
    listed = [str(path) for path in sorted(found, reverse=True)]
    more = f", and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"Give one of the adapters in it: {', '.join(listed[:_SHOWN])}{more}."


def _manifest(values: Any, path: Path) -> Manifest:  # noqa: ANN401
    kinds = {field.name: field.type for field in fields(Manifest)}
    if not isinstance(values, dict) or values.keys() != kinds.keys():
        raise AdapterError(f"{path} does not have the entries of an adapter's manifest.")
    if type(values["alpha"]) is int and abs(values["alpha"]) <= _MAX_ALPHA:
        values["alpha"] = float(values["alpha"])
    if wrong := sorted(key for key, kind in kinds.items() if type(values[key]) is not kind):
        raise AdapterError(f"{path} has entries of the wrong type: {', '.join(wrong)}.")
    manifest = Manifest(**values)
    if manifest.format != FORMAT:
        raise AdapterError(
            f"{path} has the format {_short(manifest.format)}; this version reads {FORMAT}.",
            hint="Install the version of fedtranslate that wrote it.",
        )
    sensible = 1 <= manifest.rank <= _MAX_RANK and 0 < manifest.alpha <= _MAX_ALPHA
    if not sensible or not 0 <= manifest.round <= _MAX_ROUND:
        raise AdapterError(
            f"{path} has rank {_short(manifest.rank)}, alpha {_short(manifest.alpha)} and round"
            f" {_short(manifest.round)}, which no adapter can have."
        )
    return manifest


def _short(number: float) -> str:
    text = str(number)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
