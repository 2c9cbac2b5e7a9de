"""The folder of one round, as the page shows it."""

from pathlib import Path
from typing import Any

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.worth import CONTRIBUTION_FILE
from fedtranslate.status.files import MAX_NAME, count, is_there, number, plain, read_object, table
from fedtranslate.status.views import Reply, Round, Score
from fedtranslate.status.weighing import read_weighing

FILES = ("round.json", "evaluation.json", "manifest.json", CONTRIBUTION_FILE)
_MAX_SITES = 10_000
_MAX_CHECKSUM = 128


def read_round(folder: Path, at: int) -> Round:
    """Return round ``at``; what cannot be read is told in ``problem``."""
    problems = []
    record: dict[str, Any] = {}
    try:
        record = read_object(folder / "round.json")
        if count(record.get("round")) != at or not isinstance(record.get("checksum"), str):
            raise FederationError(f"round.json is not the record of round {at}.")
    except FederationError as error:
        problems.append(str(error))
    scores: dict[str, Score] = {}
    if is_there(folder / "evaluation.json"):
        try:
            scores = _scores(read_object(folder / "evaluation.json"))
        except FederationError as error:
            problems.append(str(error))
    weighing = None
    try:
        weighing = read_weighing(folder)
    except FederationError as error:
        problems.append(str(error))
    rank = None
    try:
        rank = count(read_object(folder / "manifest.json").get("rank"))
    except FederationError as error:
        problems.append(str(error))
    return Round(
        number=at,
        checksum=plain(record.get("checksum"), _MAX_CHECKSUM),
        rank=rank,
        replies={name: _reply(values) for name, values in _by_site(record.get("replies"))},
        left_out={name: plain(reason) for name, reason in _by_site(record.get("left_out"))},
        scores=scores,
        sent_bytes=count(record.get("sent_bytes")),
        weighing=weighing,
        problem=" ".join(problems),
    )


def _by_site(values: object) -> list[tuple[str, Any]]:
    rows = list(table(values).items())[:_MAX_SITES]
    return [(plain(name, MAX_NAME), value) for name, value in rows]


def _reply(values: object) -> Reply:
    told = table(values)
    return Reply(
        count(told.get("pairs")),
        number(told.get("weight")),
        number(told.get("train_loss")),
        count(told.get("bytes")),
    )


def _scores(values: dict[str, Any]) -> dict[str, Score]:
    scores = {}
    for name, told in _by_site(values):
        loss, tokens = number(table(told).get("loss")), count(table(told).get("tokens"))
        if loss is None or tokens is None or loss < 0:
            raise FederationError("evaluation.json is damaged.")
        scores[name] = Score(loss, tokens)
    return scores
