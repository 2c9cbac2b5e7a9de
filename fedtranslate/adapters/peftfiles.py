"""An adapter in the two files that ``peft.PeftModel.from_pretrained`` reads.

The same adapter and manifest always make the same bytes, so that files can be compared with what
they should be.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.store import Manifest, from_tensors, write_folder
from fedtranslate.adapters.tensors import tensor_pieces
from fedtranslate.errors import AdapterError

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
_PREFIX = "base_model.model."
_ENDINGS = {".lora_A.weight": ".a", ".lora_B.weight": ".b"}


def export_peft(
    folder: Path,
    adapter: Adapter,
    manifest: Manifest,
    *,
    task_type: str = "CAUSAL_LM",
    fan_in_fan_out: bool = False,
) -> None:
    """Write ``adapter`` as a folder for peft.

    Args:
        folder: Made if it is missing.
        adapter: The factors; ranks may differ between modules.
        manifest: Of ``adapter``; its scaling holds for all modules.
        task_type: peft's name for the kind of model: CAUSAL_LM or SEQ_2_SEQ_LM.
        fan_in_fan_out: Whether the adapted layers keep their weight transposed (GPT-2).
    """
    ranks = {name: factors.rank for name, factors in adapter.items()}
    config = peft_config(ranks, manifest, task_type=task_type, fan_in_fan_out=fan_in_fan_out)
    write_folder(folder, {CONFIG_FILE: config, WEIGHTS_FILE: peft_pieces(adapter)})


def peft_config(
    ranks: Mapping[str, int],
    manifest: Manifest,
    *,
    task_type: str = "CAUSAL_LM",
    fan_in_fan_out: bool = False,
) -> bytes:
    """Return the content of ``adapter_config.json``.

    Args:
        ranks: Of every adapted module.
        manifest: As of ``export_peft``.
        task_type: Likewise.
        fan_in_fan_out: Likewise; peft finds out by itself where it loads the adapter.
    """
    config = {
        "peft_type": "LORA",
        "task_type": task_type,
        "base_model_name_or_path": manifest.base,
        "r": manifest.rank,
        "lora_alpha": manifest.alpha,
        "use_rslora": manifest.rslora,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": fan_in_fan_out,
        "inference_mode": True,
        "target_modules": sorted(ranks),
    }
    odd = {name: rank for name, rank in sorted(ranks.items()) if rank != manifest.rank}
    if odd:
        config["rank_pattern"] = odd
        config["alpha_pattern"] = {
            name: manifest.scaling * (rank**0.5 if manifest.rslora else rank)
            for name, rank in odd.items()
        }
    return (json.dumps(config, indent=2) + "\n").encode()


def peft_pieces(adapter: Adapter) -> Iterator[bytes | memoryview]:
    """Yield the content of ``adapter_model.safetensors``, piece by piece."""
    tensors = {f"{_PREFIX}{name}.lora_A.weight": factors.a for name, factors in adapter.items()}
    tensors |= {f"{_PREFIX}{name}.lora_B.weight": factors.b for name, factors in adapter.items()}
    return tensor_pieces(tensors)


def from_peft_weights(
    tensors: Mapping[str, Tensor], scaling: float, where: Path | str
) -> dict[str, Factors]:
    """Pair up tensors named as by ``peft_pieces``.

    Raises:
        AdapterError: A tensor has no partner, another name, or does not fit its partner.
    """
    renamed = {_own_name(name, where): tensor for name, tensor in tensors.items()}
    return from_tensors(renamed, scaling, where)


def _own_name(name: str, where: Path | str) -> str:
    for ending, own in _ENDINGS.items():
        if name.startswith(_PREFIX) and name.endswith(ending):
            return name[len(_PREFIX) : -len(ending)] + own
    raise AdapterError(f"{where} holds tensors that belong to no adapter: {[name]}.")
