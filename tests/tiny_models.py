"""Model folders that fit in a test: random weights, 32 wide, with a code-aware tokenizer."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from fedtranslate.records import CodePair

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

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
