"""The real trade: sites with pairs of code, a tiny Llama, and whole federations of them."""

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.store import load_adapter
from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import node_config, site_folder
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.lessons import fingerprint, open_trainer
from fedtranslate.records import CodePair


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(["<s>", "</s>", *letters])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def pairs_of(site: str, count: int = 24) -> str:
    lines = []
    for number in range(count):
        name = f"{site}{number}"
        lines.append(
            json.dumps(
                {
                    "source": f"public int get{name.title()}() {{ return {name} + {number}; }}",
                    "target": f"public int Get{name.title()}() {{ return {name} + {number}; }}",
                    "group": f"{site}/{number}.java",
                    "id": f"{site}-{number}",
                }
            )
        )
    return "\n".join(lines) + "\n"


def code_federation(folder: Path, base: Path, **settings: object) -> FederationFile:
    sites = []
    for name in ("ada", "bob"):
        path = folder / f"{name}.jsonl"
        path.write_text(pairs_of(name))
        sites.append(SiteSettings(name=name, pairs=str(path)))
    values = {
        "name": "code",
        "source": "java",
        "target": "csharp",
        "rounds": 2,
        "steps": 8,
        "base": str(base),
        "threads": 1,
        "lora": LoraSettings(rank=4, alpha=8.0),
        "training": TrainingSettings(
            precision="f32", warmup_steps=0, learning_rate=1e-2, batch_tokens=512
        ),
        **settings,
    }
    return FederationFile(run=RunSettings(**values), sites=tuple(sites))


@pytest.mark.parametrize("method", METHODS)
def test_sites_with_code_learn_together(tmp_path: Path, base_folder: Path, method: str) -> None:
    file = code_federation(tmp_path, base_folder, method=method)
    result = run_local(file, tmp_path / "run")
    assert not result.left_out
    assert result.validation[-1] < result.validation[0]
    _, manifest = load_adapter(result.adapter_folder())
    assert manifest.source_language == "java"


def test_the_same_run_of_code_gives_the_same_adapter(tmp_path: Path, base_folder: Path) -> None:
    file = code_federation(tmp_path, base_folder, rounds=1)
    assert run_local(file, tmp_path / "a").checksum == run_local(file, tmp_path / "b").checksum


def test_no_code_is_in_what_the_coordinator_keeps_or_the_site_sends(
    tmp_path: Path, base_folder: Path
) -> None:
    run_local(code_federation(tmp_path, base_folder, rounds=1), tmp_path / "run")
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():
            assert b"getAda" not in path.read_bytes()
    ledger = Ledger(site_folder(tmp_path / "run", "ada") / "ledger.jsonl")
    assert [entry.kind for entry in ledger.entries()] == ["introduction", "update", "update"]


def test_a_folded_joint_adapter_is_worth_the_same_as_an_attached_one(
    tmp_path: Path, base_folder: Path
) -> None:
    file = code_federation(tmp_path, base_folder)
    config = node_config(tmp_path, file.sites[0], None)
    trainer = open_trainer(Path(str(config["site-file"])), "ada", file.run)
    joint = initial_adapter(trainer.equipment().shapes, rank=4, scaling=2.0, seed=1)
    for factors in joint.values():
        factors.b.normal_(std=1.0, generator=torch.Generator().manual_seed(2))
    plain = initial_adapter(trainer.equipment().shapes, rank=4, scaling=2.0, seed=1)
    attached = trainer.train(Joint(joint), Task(1, 0), 5)
    folded = trainer.train(Joint(plain, joint), Task(1, 0), 5)
    unadapted = trainer.train(Joint(plain), Task(1, 0), 5)
    effect = abs(unadapted.validation_loss - attached.validation_loss)
    assert effect > 1
    assert abs(folded.validation_loss - attached.validation_loss) < 1e-2 * effect
    assert trainer.train(Joint(plain), Task(1, 0), 5) == unadapted


def test_a_change_of_a_pair_changes_the_fingerprint_of_the_data() -> None:
    pairs = [CodePair(f"a{n}", f"b{n}", "java", "csharp", str(n), "g") for n in range(3)]
    changed = [*pairs[:2], CodePair("a2", "b3", "java", "csharp", "2", "g")]
    assert fingerprint(pairs) == fingerprint(list(reversed(pairs)))
    assert len({fingerprint(part) for part in (pairs, changed, pairs[:2], [])}) == 4


def test_a_torn_entry_of_the_ledger_is_dropped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    entry = Departure("2026-01-01T00:00:00Z", "run", 0, "introduction", {}, {"pairs": 3})
    ledger.append(entry)
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write((tmp_path / "ledger.jsonl").read_bytes()[:-10])
    assert list(ledger.entries()) == [entry]
    ledger.append(entry)
    assert list(ledger.entries()) == [entry, entry]
