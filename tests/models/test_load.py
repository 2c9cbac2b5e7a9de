"""Base models from folders: what is taken, what is refused, and how they are told apart."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import write_llama

from fedtranslate.errors import ModelError
from fedtranslate.models import load
from fedtranslate.models.load import BaseModel, load_base

BUILTIN = Path(load.__file__).parent / "builtin"


@pytest.fixture
def folder(llama_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may damage."""
    return Path(shutil.copytree(llama_folder, tmp_path / "model"))


def test_both_kinds_of_models_are_told_apart(llama: BaseModel, t5: BaseModel) -> None:
    assert (llama.kind, llama.max_tokens, llama.template) == ("causal", 256, None)
    assert t5.kind == "seq2seq"
    assert not llama.model.training
    assert not any(p.requires_grad for p in llama.model.parameters())


def test_the_fingerprint_depends_on_weights_not_on_place_or_precision(
    folder: Path, llama: BaseModel, tmp_path: Path
) -> None:
    assert load_base(str(folder)).fingerprint == llama.fingerprint
    assert load_base(str(folder), dtype="bfloat16").fingerprint == llama.fingerprint
    other = load_base(str(write_llama(tmp_path / "other", seed=1)))
    assert other.fingerprint != llama.fingerprint


@pytest.mark.parametrize("name", ["nowhere/model", "", "gpt2"])
def test_a_name_that_is_no_folder_is_not_looked_up_in_the_network(name: str) -> None:
    with pytest.raises(ModelError, match=r"no base model .* hub:OWNER/NAME"):
        load_base(name)


def test_a_model_of_the_hub_that_cannot_be_reached_is_a_refusal() -> None:
    with pytest.raises(ModelError, match="'hub:nobody/nothing' cannot be loaded"):
        load_base("hub:nobody/nothing")


def test_a_truncated_weights_file_is_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"cannot be loaded.*undamaged"):
        load_base(str(folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 64}, r"lm_head.weight has the shape \(\d+, 32\), not \(\d+, 64\), and"),
        ({"num_hidden_layers": 1}, r"model.layers.1.input_layernorm.weight has no place in it"),
        ({"num_hidden_layers": 3}, r"model.layers.2.input_layernorm.weight is missing, and 8 more"),
    ],
)
def test_weights_that_do_not_fit_the_config_are_refused_in_one_line(
    folder: Path, change: dict[str, int], message: str
) -> None:
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | change))
    with pytest.raises(ModelError, match=rf"do not fit its config\.json: {message}") as refused:
        load_base(str(folder))
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_wrong_with_a_config_is_said_whole_and_in_one_line(folder: Path) -> None:
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | {"hidden_size": "wide"}))
    with pytest.raises(ModelError, match=r"'hidden_size'.*'wide'") as refused:
        load_base(str(folder))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_weights_that_are_no_numbers_are_refused_by_name(folder: Path, value: float) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    weights["model.layers.1.mlp.up_proj.weight"][3, 4] = value
    save_file(weights, path, {"format": "pt"})
    with pytest.raises(ModelError, match=r"has NaN or infinity in model\.layers\.1\.mlp\.up_proj"):
        load_base(str(folder))


def test_a_tokenizer_with_more_tokens_than_the_embedding_is_refused(folder: Path) -> None:
    tokenizer = load_base(str(folder)).tokenizer
    size = len(tokenizer)
    tokenizer.add_tokens(["<|new|>", "<|newer|>"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(ModelError, match=rf"up to number {size + 1}, but .* has {size} rows"):
        load_base(str(folder))


def test_pickled_weights_are_refused_unread(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"lm_head.weight": torch.zeros(1)}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"cannot be loaded.*\.safetensors"):
        load_base(str(folder))


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_without_one_of_its_files_is_refused(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=r"cannot be loaded"):
        load_base(str(folder))


def test_code_that_comes_with_a_model_is_not_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(trace)!r}, 'w')\nclass C: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_base(str(folder))
    assert not trace.exists()


def test_a_tokenizer_without_an_end_token_is_refused(folder: Path) -> None:
    path = folder / "tokenizer_config.json"
    values = json.loads(path.read_text())
    del values["eos_token"]
    path.write_text(json.dumps(values))
    with pytest.raises(ModelError, match="no end token"):
        load_base(str(folder))


def test_a_tokenizer_without_padding_pads_with_its_end_token(folder: Path) -> None:
    path = folder / "tokenizer_config.json"
    values = json.loads(path.read_text())
    del values["pad_token"]
    path.write_text(json.dumps(values))
    tokenizer = load_base(str(folder)).tokenizer
    assert tokenizer.pad_token_id == tokenizer.eos_token_id


def test_the_template_beside_the_weights_is_read(folder: Path) -> None:
    (folder / "fedtranslate.json").write_text('{"template": "<|java|>{source}<|csharp|>"}')
    assert load_base(str(folder)).template == "<|java|>{source}<|csharp|>"


def test_the_languages_that_a_model_has_learned_are_read(folder: Path) -> None:
    assert load_base(str(folder)).languages == ()
    (folder / "fedtranslate.json").write_text('{"languages": ["java", "go"]}')
    assert load_base(str(folder)).languages == ("java", "go")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ('{"template": 3}', "template must be a text"),
        ('{"languages": "java"}', "languages must be a list"),
    ],
)
def test_a_damaged_template_file_is_refused_by_name(
    folder: Path, content: str, message: str
) -> None:
    (folder / "fedtranslate.json").write_text(content)
    with pytest.raises(ModelError, match=rf"fedtranslate\.json.*{message}"):
        load_base(str(folder))


@pytest.mark.skipif(not BUILTIN.is_dir(), reason="the builtin model is not in this checkout")
def test_the_builtin_model_loads_with_its_template() -> None:
    base = load_base("builtin")
    assert base.kind == "causal"
    assert base.template is not None
    assert base.template.count("{source}") == 1
    assert base.languages == ("java", "csharp")
