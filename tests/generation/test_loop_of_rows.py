"""Writing row by row: rows that are done leave, and the others do not notice."""

import pytest
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from fedtranslate.generation.loop import Answer, write_rows
from fedtranslate.models.load import BaseModel

NEVER = -1
ROWS = [[5, 9, 40, 41], [80, 3], [12, 60, 61, 7, 200, 31], [44], [90, 91, 92]]
LIMITS = [20, 3, 12, 25, 1]


def padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    width = max(map(len, rows))
    inputs = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return inputs, mask


def tokens(answers: list[Answer]) -> list[list[int]]:
    return [answer.tokens for answer in answers]


def write(base: BaseModel, rows: list[list[int]], limits: list[int], end: int) -> list[list[int]]:
    return tokens(write_rows(base.model, rows, limits=limits, end=end))


def test_each_row_stops_at_its_own_limit(llama: BaseModel) -> None:
    assert [len(row) for row in write(llama, ROWS, LIMITS, NEVER)] == LIMITS


def test_an_end_token_stops_its_row_and_is_its_last(llama: BaseModel) -> None:
    free = write(llama, ROWS, [25] * 5, NEVER)
    for end in {token for row in free for token in row[::4]}:
        cut = [row[: row.index(end) + 1] if end in row else row for row in free]
        assert write(llama, ROWS, [25] * 5, end) == cut


@pytest.mark.parametrize("limits", [LIMITS, [25] * 5])
def test_a_row_is_written_as_if_it_were_alone(llama: BaseModel, limits: list[int]) -> None:
    free = write(llama, ROWS, limits, NEVER)
    end = free[0][2]
    together = write(llama, ROWS, limits, end)
    alone = [write(llama, [r], [n], end)[0] for r, n in zip(ROWS, limits, strict=True)]
    assert together == alone


def test_rows_are_counted_from_their_first_token_not_from_their_padding() -> None:
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=256, n_embd=32, n_layer=1, n_head=2, initializer_range=0.5)
    model = GPT2LMHeadModel(config).eval()
    together = tokens(write_rows(model, ROWS, limits=LIMITS, end=NEVER))
    for row, limit, written in zip(ROWS, LIMITS, together, strict=True):
        alone = write_rows(model, [row], limits=[limit], end=NEVER)
        assert tokens(alone) == [written]


def test_it_is_what_the_library_writes(llama: BaseModel) -> None:
    inputs, mask = padded(ROWS)
    with torch.no_grad():
        written = llama.model.generate(
            input_ids=inputs,
            attention_mask=mask,
            max_new_tokens=25,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
    assert write(llama, ROWS, [25] * 5, NEVER) == written[:, inputs.shape[1] :].tolist()


@pytest.mark.parametrize("bound", [1, 60, 100, 200])
@pytest.mark.parametrize("copies", [1, 3])
def test_rows_that_wait_for_room_are_written_as_if_they_were_alone(
    llama: BaseModel, bound: int, copies: int
) -> None:
    prompts, limits = ROWS * 3, [limit for limit in LIMITS * 3 for _ in range(copies)]
    end = write(llama, ROWS, [25] * 5, NEVER)[0][2]
    free = write(llama, prompts, limits, end)
    told: list[int] = []
    waited = write_rows(
        llama.model, prompts, limits=limits, end=end, batch_tokens=bound, on_done=told.append
    )
    assert tokens(waited) == free
    assert sum(told) == len(prompts)
    assert len(told) > 1


def test_no_more_is_held_at_a_time_than_there_is_room_for(
    llama: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    forward = llama.model.forward

    def watched(**inputs: Tensor) -> object:
        held.append(tuple(inputs["attention_mask"].shape))
        return forward(**inputs)

    monkeypatch.setattr(llama.model, "forward", watched)
    write_rows(llama.model, ROWS * 3, limits=LIMITS * 3, end=NEVER, batch_tokens=90)
    assert max(rows * length for rows, length in held) <= 90
    assert len({rows for rows, _ in held}) > 2
    # A row that leaves makes room at once, and not when all others have come to their end.
    assert len(held) < sum(LIMITS * 3) / 1.5
