"""Load a base model and its tokenizer, by name or by path.

``builtin`` is the small model that ships with fedtranslate.  Anything else is a folder with a
Hugging Face model (safetensors only, never pickle; no remote code), or ``hub:OWNER/NAME``, the
only spelling that may use the network.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
)

from fedtranslate.errors import ModelError

BUILTIN = "builtin"
_BUILTIN_FOLDER = Path(__file__).resolve().parent / "builtin"
_ABOUT = "fedtranslate.json"
_SAMPLES = 257
"""Values of each tensor that enter the fingerprint: prime, so that strides reach every column."""


@dataclass(frozen=True, slots=True, eq=False)
class BaseModel:
    """A base model, ready to be adapted or to write."""

    name: str
    """As the user named it."""
    fingerprint: str
    """16 hex digits that depend on the weights, not on the place or the precision they load in."""
    kind: str
    """``causal`` or ``seq2seq``."""
    model: Any
    """The transformers model, in evaluation mode; nobody changes it for good."""
    tokenizer: Any
    template: str | None
    """The prompt template that came with the model, if any."""
    max_tokens: int
    """Longest sequence, prompt and answer together, that the model was made for."""
    languages: tuple[str, ...] = ()
    """Those that it has learned and no others; empty where the model does not say."""


def load_base(name: str, *, dtype: str = "float32", device: str = "cpu") -> BaseModel:
    """Load the base model ``name``: ``builtin``, a folder, or ``hub:OWNER/NAME``.

    Raises:
        ModelError: There is no such model, it is damaged, or it is of no kind that translates.
    """
    place, local = _place(name)
    options: dict[str, Any] = {"local_files_only": local, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(place, **options)
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        family = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        model, loaded = family.from_pretrained(
            place,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # told below, in one sentence
            **options,
        )
    except Exception as error:  # transformers, safetensors and the hub raise dozens of kinds
        said = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(
            f"The base model {name!r} cannot be loaded: {said[:300].rstrip('.')}.",
            hint="It needs config.json, a tokenizer and weights as .safetensors, all undamaged.",
        ) from error
    _check_weights(name, model, loaded)
    _check_numbers(name, model)
    _check_vocabulary(name, model, tokenizer)
    if tokenizer.eos_token_id is None:
        raise ModelError(
            f"The tokenizer of {name!r} has no end token, so an answer could never stop.",
            hint="Set eos_token in its tokenizer_config.json.",
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    template, languages = _about(place)
    model.eval().requires_grad_(requires_grad=False)
    return BaseModel(
        name=name,
        fingerprint=_fingerprint(model),
        kind="seq2seq" if config.is_encoder_decoder else "causal",
        model=model.to(device),
        tokenizer=tokenizer,
        template=template,
        max_tokens=int(getattr(config, "max_position_embeddings", 0) or 1024),
        languages=languages,
    )


def weights_bytes(name: str) -> int | None:
    """Return how large the weights of a base model are on disk; None where they are not there.

    Raises:
        ModelError: There is no such model.
    """
    place, local = _place(name)
    return sum(file.stat().st_size for file in Path(place).glob("*.safetensors")) if local else None


def _place(name: str) -> tuple[str, bool]:
    """Return what to ask transformers for, and whether it must be on this machine."""
    if name == BUILTIN:
        return str(_BUILTIN_FOLDER), True
    if name.startswith("hub:"):
        return name.removeprefix("hub:"), False
    if not name or not Path(name).is_dir():
        raise ModelError(
            f"There is no base model {name!r}.",
            hint="Write 'builtin', the path of a model folder, or hub:OWNER/NAME.",
        )
    return name, True


def _check_weights(name: str, model: Any, loaded: Any) -> None:  # noqa: ANN401
    """Refuse weights that do not fill the model of the config; the rest of it would be random.

    Raises:
        ModelError: Weights are missing, or of another shape.
    """
    needed = {each for each, _ in model.named_parameters()}
    odd = {
        key: f"has the shape {tuple(there)}, not {tuple(wanted)}"
        for key, there, wanted in loaded["mismatched_keys"]
    }
    odd |= {key: "is missing" for key in loaded["missing_keys"] if key in needed}
    # Rotary tables and tied heads are in many files and in no model.
    odd |= {
        key: "has no place in it"
        for key in loaded["unexpected_keys"]
        if not key.endswith(("rotary_emb.inv_freq", "lm_head.weight", ".attn.bias", ".masked_bias"))
    }
    if odd:
        first = min(odd)
        more = f", and {len(odd) - 1} more do not fit either" if len(odd) > 1 else ""
        raise ModelError(
            f"The weights of the base model {name!r} do not fit its config.json:"
            f" {first} {odd[first]}{more}.",
            hint="Copy config.json and the weights from one and the same model.",
        )


def _check_numbers(name: str, model: Any) -> None:  # noqa: ANN401
    """Refuse weights that are no numbers; everything computed with them would be rubbish.

    Raises:
        ModelError: A weight is NaN or infinite.
    """
    for key, weight in model.named_parameters():
        if not torch.isfinite(weight).all():
            raise ModelError(
                f"The base model {name!r} has NaN or infinity in {key}.",
                hint="Copy its weights again, or take them from elsewhere.",
            )


def _check_vocabulary(name: str, model: Any, tokenizer: Any) -> None:  # noqa: ANN401
    """Refuse a tokenizer that knows more tokens than the model.

    Raises:
        ModelError: A token has no row in the embedding.
    """
    known = int(model.get_input_embeddings().num_embeddings)
    highest = max(tokenizer.get_vocab().values(), default=-1)
    if highest >= known:
        raise ModelError(
            f"The tokenizer of the base model {name!r} has tokens up to number {highest}, but its"
            f" embedding has {known} rows.",
            hint="Copy the tokenizer and the weights from one and the same model.",
        )


def _about(place: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the template of a model and the languages it has learned, where it tells them."""
    about = Path(place) / _ABOUT
    if not about.is_file():
        return None, ()
    try:
        values = json.loads(about.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{about} is not JSON: {error}.") from None
    known = values if isinstance(values, dict) else {}
    template, languages = known.get("template"), known.get("languages", [])
    if template is not None and not isinstance(template, str):
        raise ModelError(f"{about}: template must be a text.")
    if not isinstance(languages, list) or not all(isinstance(one, str) for one in languages):
        raise ModelError(f"{about}: languages must be a list of names.")
    return template, tuple(languages)


def _fingerprint(model: Any) -> str:  # noqa: ANN401
    """Hash names, shapes and evenly spaced values of all weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().reshape(-1)
        step = max(1, flat.numel() // _SAMPLES)
        digest.update(f"{name} {tuple(tensor.shape)}\n".encode())
        digest.update(flat[::step].to(torch.bfloat16).float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]
