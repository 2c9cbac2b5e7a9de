"""The training loop: reproducible, resumable, and honest about what it learns from."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from tiny_models import code_pairs
from torch import nn

from fedtranslate.adapters.factors import Factors, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import Part
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.errors import TrainingError
from fedtranslate.models.load import BaseModel
from fedtranslate.models.lora import adapted_shapes, lora, read_adapter, write_adapter
from fedtranslate.training.examples import Example, encode_pairs
from fedtranslate.training.loop import TrainingResult, evaluate_loss, rate_at, train

LORA = LoraSettings(rank=2, alpha=4.0, targets=("q_proj", "v_proj", "q", "v"))
QUICK = TrainingSettings(
    precision="f32", warmup_steps=0, learning_rate=1e-2, batch_tokens=256, schedule="constant"
)


@dataclass(frozen=True)
class Classroom:
    """A model with fresh factors, and something to learn."""

    base: BaseModel
    examples: tuple[Example, ...]
    start: dict[str, Factors]

    @contextmanager
    def model(self, dropout: float = 0.0) -> Iterator[nn.Module]:
        settings = LORA.model_copy(update={"dropout": dropout})
        with lora(self.base, settings) as model:
            write_adapter(model, self.start)
            yield model

    def learn(
        self, *, steps: int = 6, seed: int = 1, dropout: float = 0.0, **more: object
    ) -> TrainingResult:
        settings = more.pop("settings", QUICK)
        examples = more.pop("examples", self.examples)
        with self.model(dropout) as model:
            return train(self.base, model, examples, settings, steps=steps, seed=seed, **more)


def classroom(base: BaseModel) -> Classroom:
    examples = encode_pairs(base, code_pairs(16), max_tokens=200).examples
    shapes = adapted_shapes(base, LORA)
    return Classroom(base, examples, initial_adapter(shapes, rank=2, scaling=2.0, seed=3))


@pytest.fixture
def room(llama: BaseModel) -> Classroom:
    return classroom(llama)


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_both_kinds_of_models_learn(family: str, request: pytest.FixtureRequest) -> None:
    room = classroom(request.getfixturevalue(family))
    learned = room.learn(steps=15)
    assert learned.losses[-1] < 0.9 * learned.losses[0]
    assert (learned.steps, learned.best_step, learned.validations) == (15, 15, ())
    assert 0 <= learned.padding_share < 0.5
    assert learned.tokens > 0


def test_the_same_seed_gives_the_identical_adapter_and_another_another(room: Classroom) -> None:
    marks = []
    for seed in (1, 1, 2):
        torch.rand(3)
        marks.append(checksum(room.learn(seed=seed, dropout=0.2).adapter))
    assert marks[0] == marks[1] != marks[2]
    assert checksum(room.learn(seed=1).adapter) != marks[0]


def test_training_leaves_the_global_random_state_alone(room: Classroom) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    room.learn(steps=2, dropout=0.2)
    assert torch.equal(torch.rand(1), expected)


def test_each_step_is_told_as_it_is_done(room: Classroom) -> None:
    told: list[tuple[int, float]] = []
    learned = room.learn(steps=3, on_step=lambda step, loss: told.append((step, loss)))
    assert told == list(enumerate(learned.losses, start=1))


def test_only_the_answer_is_learned(room: Classroom) -> None:
    with room.model() as model:
        measured = evaluate_loss(room.base, model, room.examples, QUICK)
        total = 0.0
        for example in room.examples:
            ids = torch.tensor([example.prompt + example.answer])
            with torch.no_grad():
                logits = model(input_ids=ids).logits[0, len(example.prompt) - 1 : -1]
            answer = torch.tensor(example.answer)
            total += float(nn.functional.cross_entropy(logits, answer, reduction="sum"))
    assert measured.tokens == sum(len(example.answer) for example in room.examples)
    assert measured.total == pytest.approx(total, rel=1e-5)
    assert measured.mean == pytest.approx(total / measured.tokens, rel=1e-5)


def test_the_loss_of_nothing_is_nothing(room: Classroom) -> None:
    with room.model() as model:
        assert evaluate_loss(room.base, model, [], QUICK).mean == 0.0


def killed_at(step: int) -> object:
    """Return an ``on_step`` that dies as a killed process does."""

    def on_step(number: int, _: float) -> None:
        if number == step:
            raise KeyboardInterrupt

    return on_step


@pytest.mark.parametrize("killed", [1, 4, 5, 6])
def test_a_killed_training_goes_on_to_the_identical_adapter(
    room: Classroom, tmp_path: Path, killed: int
) -> None:
    settings = QUICK.model_copy(update={"validate_every": 3, "accumulate": 2, "schedule": "cosine"})
    how = {"settings": settings, "validation": room.examples[:4], "dropout": 0.1, "steps": 8}
    path = tmp_path / "run.checkpoint"
    unbroken = room.learn(checkpoint=tmp_path / "other", **how)
    with pytest.raises(KeyboardInterrupt):
        room.learn(checkpoint=path, on_step=killed_at(killed), **how)
    assert path.exists() is (killed > 3)
    torch.rand(3)
    resumed = room.learn(checkpoint=path, **how)
    assert checksum(resumed.adapter) == checksum(unbroken.adapter)
    assert resumed.losses == unbroken.losses
    assert resumed.validations == unbroken.validations
    assert (resumed.tokens, resumed.padding_share) == (unbroken.tokens, unbroken.padding_share)


def test_a_checkpoint_of_another_seed_is_refused(room: Classroom, tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"validate_every": 2})
    how = {"settings": settings, "validation": room.examples[:2], "checkpoint": tmp_path / "c"}
    room.learn(steps=2, **how)
    with pytest.raises(TrainingError, match=r"seed 1, not 2"):
        room.learn(steps=2, seed=2, **how)


def test_a_checkpoint_of_other_pairs_settings_or_steps_is_refused(
    room: Classroom, tmp_path: Path
) -> None:
    settings = QUICK.model_copy(update={"validate_every": 2})
    how = {"settings": settings, "validation": room.examples[:2], "checkpoint": tmp_path / "c"}
    room.learn(steps=2, **how)
    for change in (
        {"settings": settings.model_copy(update={"learning_rate": 1e-3})},
        {"examples": room.examples[:5]},
        {"validation": room.examples[:3]},
        {"steps": 4},
    ):
        with pytest.raises(TrainingError, match="made with other pairs, settings or steps"):
            room.learn(**{"steps": 2, **how, **change})


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 64])
def test_a_damaged_checkpoint_is_refused_by_name(
    room: Classroom, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "c"
    path.write_bytes(content)
    with pytest.raises(TrainingError, match=r"c is damaged.*Delete it"):
        room.learn(checkpoint=path)


def test_a_truncated_checkpoint_is_refused(room: Classroom, tmp_path: Path) -> None:
    path = tmp_path / "c"
    settings = QUICK.model_copy(update={"validate_every": 2})
    room.learn(steps=2, settings=settings, validation=room.examples[:2], checkpoint=path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(TrainingError, match="is damaged"):
        room.learn(steps=2, settings=settings, validation=room.examples[:2], checkpoint=path)


def test_a_frozen_a_is_left_untouched_while_b_learns(room: Classroom) -> None:
    settings = QUICK.model_copy(update={"weight_decay": 0.1})
    learned = room.learn(trains=frozenset({Part.B}), settings=settings).adapter
    for name, factors in learned.items():
        assert torch.equal(factors.a, room.start[name].a)
    assert all(not torch.equal(f.b, room.start[n].b) for n, f in learned.items())


def distance(one: dict[str, Factors], other: dict[str, Factors]) -> float:
    squares = [
        (one[n].a - other[n].a).square().sum() + (one[n].b - other[n].b).square().sum() for n in one
    ]
    return math.sqrt(sum(map(float, squares)))


def test_the_proximal_term_pulls_towards_the_anchor(room: Classroom) -> None:
    gone = [
        distance(
            room.learn(
                settings=QUICK.model_copy(update={"proximal": pull, "clip_norm": 1e9}),
                anchor=room.start,
                steps=10,
            ).adapter,
            room.start,
        )
        for pull in (0.0, 1.0, 100.0)
    ]
    assert gone[2] < gone[1] < gone[0]


def test_accumulated_batches_are_as_good_as_one_large_batch(room: Classroom) -> None:
    length = 40
    alike = []
    for example, prompt in zip(room.examples, (37, 35, 20, 12), strict=False):
        ids = (example.prompt + example.answer)[:length]
        alike.append(Example(ids[:prompt], ids[prompt:]))
    assert {example.length for example in alike} == {length}
    small = {"batch_tokens": 2 * length, "accumulate": 2, "learning_rate": 1e-3}
    large = {"batch_tokens": 4 * length, "accumulate": 1, "learning_rate": 1e-3}
    many, one = (
        room.learn(steps=3, examples=alike, settings=QUICK.model_copy(update=update))
        for update in (small, large)
    )
    assert many.losses == pytest.approx(one.losses, rel=1e-5)
    for name, factors in many.adapter.items():
        torch.testing.assert_close(factors.a, one.adapter[name].a, atol=1e-5, rtol=0)
        torch.testing.assert_close(factors.b, one.adapter[name].b, atol=1e-5, rtol=0)


def wrong(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """Return what gets worse while ``examples`` are learned."""
    return tuple(Example(e.prompt, tuple(reversed(e.answer))) for e in examples[:4])


def test_patience_ends_a_training_that_no_longer_helps_and_keeps_its_best(
    room: Classroom, tmp_path: Path
) -> None:
    update = {"validate_every": 1, "patience": 2, "learning_rate": 0.05}
    settings = QUICK.model_copy(update=update)
    how = {"settings": settings, "validation": wrong(room.examples), "checkpoint": tmp_path / "c"}
    learned = room.learn(steps=60, **how)
    assert learned.steps < 60
    assert learned.steps == learned.best_step + 2
    losses = dict(learned.validations)
    assert losses[learned.best_step] == min(losses.values())
    with room.model() as model:
        write_adapter(model, learned.adapter)
        kept = evaluate_loss(room.base, model, wrong(room.examples), settings)
    assert kept.mean == pytest.approx(losses[learned.best_step], rel=1e-6)
    # Killed after that, it has nothing left to do.
    again = room.learn(steps=60, on_step=killed_at(learned.steps + 1), **how)
    assert checksum(again.adapter) == checksum(learned.adapter)
    assert again.steps == learned.steps


def test_the_start_and_the_last_step_are_validated_as_well(room: Classroom) -> None:
    settings = QUICK.model_copy(update={"validate_every": 4})
    learned = room.learn(steps=6, settings=settings, validation=room.examples[:2])
    assert [step for step, _ in learned.validations] == [0, 4, 6]


def test_a_training_that_only_harms_returns_its_start(room: Classroom) -> None:
    best = room.learn(steps=40).adapter
    knowing = Classroom(room.base, room.examples, best)
    ruin = QUICK.model_copy(update={"validate_every": 2, "learning_rate": 0.5})
    learned = knowing.learn(steps=4, settings=ruin, validation=room.examples)
    assert learned.best_step == 0
    assert checksum(learned.adapter) == checksum(best)


def test_validation_is_never_learned_from(room: Classroom) -> None:
    plain = room.learn(steps=4)
    settings = QUICK.model_copy(update={"validate_every": 4})
    watched = room.learn(steps=4, settings=settings, validation=wrong(room.examples))
    assert checksum(watched.adapter) == checksum(plain.adapter)


def test_a_loss_that_is_no_number_stops_the_training(room: Classroom, tmp_path: Path) -> None:
    broken = {n: Factors(f.a, f.b + torch.inf, f.scaling) for n, f in room.start.items()}
    path = tmp_path / "c"
    with pytest.raises(TrainingError, match=r"loss is nan at step 1.*learning_rate"):
        Classroom(room.base, room.examples, broken).learn(checkpoint=path)
    assert not path.exists()


def test_no_examples_are_refused(room: Classroom) -> None:
    with pytest.raises(TrainingError, match=r"no example.*max_tokens"):
        room.learn(examples=())


def test_half_precision_learns_in_float32_factors(room: Classroom) -> None:
    learned = room.learn(steps=2, settings=QUICK.model_copy(update={"precision": "bf16"}))
    assert {f.a.dtype for f in learned.adapter.values()} == {torch.float32}
    assert learned.losses == pytest.approx(room.learn(steps=2).losses, rel=0.05)


def test_the_rate_rises_and_falls_as_the_schedule_says() -> None:
    rates = {
        name: [
            rate_at(step, 10, TrainingSettings(learning_rate=0.1, warmup_steps=4, schedule=name))
            for step in range(10)
        ]
        for name in ("constant", "linear", "cosine")
    }
    assert rates["constant"] == pytest.approx([0.02, 0.04, 0.06, 0.08, *[0.1] * 6])
    assert rates["linear"][9] == pytest.approx(0.01)
    assert rates["cosine"][5] == pytest.approx(0.05)
    assert rates["cosine"][9] < 0.005
    assert rate_at(0, 1, QUICK) == QUICK.learning_rate


def test_the_model_that_was_trained_holds_the_last_factors(room: Classroom) -> None:
    with room.model() as model:
        learned = train(room.base, model, room.examples, QUICK, steps=2, seed=1)
        assert checksum(read_adapter(model)) == checksum(learned.adapter)
        assert not model.training


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(
    room: Classroom, tmp_path: Path
) -> None:
    (tmp_path / "run.checkpoint.tmp").mkdir()
    settings = QUICK.model_copy(update={"validate_every": 3})
    with pytest.raises(TrainingError, match="cannot be written"):
        room.learn(
            checkpoint=tmp_path / "run.checkpoint",
            settings=settings,
            validation=room.examples[:4],
        )
