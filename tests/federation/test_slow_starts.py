"""An app may take its time to begin, and one that has begun is still missed as soon as before."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flwr.common.constant import Status
from flwr.server.superlink.linkstate.sql_linkstate import SqlLinkState
from flwr.supercore.corestate import sql_corestate
from flwr.supercore.corestate.sql_corestate import TaskModel
from flwr.supercore.date import now

from fedtranslate.federation.flower import compat


class Clock:
    """Flower's clock, ahead by some seconds."""

    ahead = 0.0

    def __call__(self) -> datetime:
        return now() + timedelta(seconds=self.ahead)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sql_corestate, "now", made)
    for name in ("HEARTBEAT_DEFAULT_INTERVAL", "HEARTBEAT_PATIENCE"):
        monkeypatch.setattr(sql_corestate, name, getattr(sql_corestate, name))
    return made


def claimed(folder: Path) -> tuple[SqlLinkState, str]:
    """Return a SuperLink's state with one task, and the token by which it was claimed."""
    state = SqlLinkState(str(folder / "state.db"), SimpleNamespace(), SimpleNamespace())
    state.initialize()
    with state.session() as session:
        session.add(TaskModel(task_id=7, type="flwr-serverapp", run_id=1, pending_at=now()))
    token = state.claim_task(7)
    assert token is not None
    return state, token


@pytest.mark.parametrize(("patient", "is_known"), [(False, False), (True, True)])
def test_an_app_may_take_long_to_begin(
    tmp_path: Path, clock: Clock, patient: bool, is_known: bool
) -> None:
    if patient:
        compat.allow_slow_starts(compat.BEGIN_SECONDS)
    state, token = claimed(tmp_path)
    clock.ahead = compat.BEGIN_SECONDS - 10
    assert (state.get_task_by_token(token) is not None) == is_known
    assert state.activate_task(7) == is_known


def test_an_app_that_has_begun_is_missed_as_soon_as_before(tmp_path: Path, clock: Clock) -> None:
    compat.allow_slow_starts(compat.BEGIN_SECONDS)
    state, token = claimed(tmp_path)
    assert state.activate_task(7)
    assert state.acknowledge_task_heartbeat(7)
    clock.ahead = 50
    assert state.get_task_by_token(token) is not None
    clock.ahead = 70
    assert state.get_task_by_token(token) is None
    (task,) = state.get_tasks(task_ids=[7])
    assert task.status.status == Status.FINISHED
