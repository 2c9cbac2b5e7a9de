"""Model folders that fit in a test: random weights, 32 wide, with a code-aware tokenizer."""

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fedtranslate.records import CodePair

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from fedtranslate.models.load import BaseModel

_CODE = [
    f"public {kind} get{name}(int {name.lower()}) {{ return this.{name.lower()} + {number}; }}"
    for number, (kind, name) in enumerate(
        [("int", "Size"), ("String", "Name"), ("boolean", "State"), ("long", "Count")]
    )
]
CHAT = (
    "{% for message in messages %}<|chat|>{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|answer|>{% endif %}"
)
"""A chat template, as those of instructed models are."""


@cache
def tiny_tokenizer() -> "PreTrainedTokenizerFast":
    from tools.basemodel.tokenizer import train_tokenizer

    return train_tokenizer(
        _CODE * 3, vocabulary=330, keywords=["public", "return"], languages=["java", "csharp"]
    )


def write_llama(folder: Path, *, seed: int = 0, about: dict[str, Any] | None = None) -> Path:
    """Write a causal model; another seed makes another model of the same shape."""
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = tiny_tokenizer()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        initializer_range=0.3,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if about is not None:
        (folder / "fedtranslate.json").write_text(json.dumps(about))
    return folder


def write_t5(folder: Path) -> Path:
    """Write an encoder-decoder model."""
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = tiny_tokenizer()
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=8,
        d_ff=48,
        num_layers=2,
        num_heads=4,
        dropout_rate=0.0,
        initializer_factor=1.5,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    T5ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class Scripted:
    """Stands for a model that writes what it is told, and keeps the batches it was asked."""

    device = torch.device("cpu")

    def __init__(self, base: "BaseModel", answer: str, *, ends: bool = True) -> None:
        tokens = base.tokenizer(answer, add_special_tokens=False)["input_ids"]
        self._answer = [*tokens, base.tokenizer.eos_token_id] if ends else tokens
        self._pad = base.tokenizer.pad_token_id
        self._width = len(base.tokenizer)
        self._step = 0
        self.batches: list[Tensor] = []

    def eval(self) -> None: ...

    def __call__(self, input_ids: Tensor, **_: object) -> SimpleNamespace:
        """Return the logits of the next token, as a causal model with a cache does."""
        if input_ids.shape[1] > 1:
            self.batches.append(input_ids)
            self._step = 0
        logits = torch.zeros(len(input_ids), 1, self._width)
        logits[:, :, self._token(self._step)] = 1
        self._step += 1
        return SimpleNamespace(logits=logits)

    def generate(self, input_ids: Tensor, max_new_tokens: int, **options: Any) -> Tensor:  # noqa: ANN401
        self.batches.append(input_ids)
        row = torch.tensor([[self._token(step) for step in range(max_new_tokens)]])
        copies = int(options["num_return_sequences"])
        asked = input_ids.repeat_interleave(copies, dim=0)
        return torch.cat([asked, row.expand(len(asked), -1)], dim=1)

    def _token(self, step: int) -> int:
        return self._answer[step] if step < len(self._answer) else self._pad


def code_pairs(count: int, site: str = "ada") -> list[CodePair]:
    """Return pairs of one pattern, each in a file of its own."""
    return [
        CodePair(
            source=f"public int get{site.title()}{n}() {{ return {site}{n} + {n}; }}",
            target=f"public int Get{site.title()}{n}() {{ return {site}{n} + {n}; }}",
            source_language="java",
            target_language="csharp",
            id=f"{site}-{n}",
            group=f"{site}/{n}.java",
        )
        for n in range(count)
    ]
