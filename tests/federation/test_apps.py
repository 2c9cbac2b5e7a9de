"""The two apps message by message: stale and false replies, and what a site refuses."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from federations import TRADE, federation
from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp

from fedtranslate.adapters.factors import Factors, checksum
from fedtranslate.adapters.wire.coding import Base
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import ConfigError, FederationError, InstallError
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.flower import client_app, codec, compat
from fedtranslate.federation.flower.bundle import bundle
from fedtranslate.federation.flower.executor import _answered as executed
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.settings import Scalar, flatten, read_flat
from fedtranslate.federation.site.ledger import Departure, Ledger

FILE = federation("seed=1", "seed=2")
RUN = flatten(FILE.run, ("ada", "bob"))
JOINT = {
    "layer.up": Factors(torch.ones(2, 5), torch.zeros(7, 2), 2.0),
    "layer.down": Factors(torch.ones(2, 7), torch.zeros(4, 2), 2.0),
}


def grid(folder: Path, app: ClientApp = client_app.app, **run: Scalar) -> LocalGrid:
    configs = [node_config(folder, site, TRADE) for site in FILE.sites]
    return LocalGrid(app, configs, {**RUN, **run})


def asked(folder: Path, app: ClientApp, task: Task) -> dict[str, str]:
    sites = FlowerSites(grid(folder, app), FILE.run)
    sites.present(2)
    return {a.site: a.refusal for a in sites.ask(task, JOINT, ["ada", "bob"])}


def altered(change: object) -> ClientApp:
    """Return a site's app whose replies to tasks are changed on the way."""
    app = ClientApp()
    app.query("introduce")(client_app.introduce)

    @app.train()
    def train(message: Message, context: Context) -> Message:
        reply = client_app.train(message, context)
        base = Base(checksum(JOINT), JOINT)
        site, number, update = codec.decode_update(reply.content, 2.0, base=base)
        if change == "stale":
            return Message(codec.encode_update(site, number - 1, update), reply_to=message)
        if change == "false":
            return Message(codec.encode_update("bob", number, update), reply_to=message)
        return Message(RecordDict(), reply_to=message)

    return app


def test_good_replies_have_no_refusal(tmp_path: Path) -> None:
    assert asked(tmp_path, client_app.app, Task(2, 6)) == {"ada": "", "bob": ""}


def test_a_reply_to_another_round_is_refused(tmp_path: Path) -> None:
    assert asked(tmp_path, altered("stale"), Task(2, 6))["ada"] == "it answered for round 1"


def test_a_reply_in_the_name_of_another_site_is_refused(tmp_path: Path) -> None:
    refusals = asked(tmp_path, altered("false"), Task(2, 6))
    assert refusals == {"ada": "it answered as 'bob'", "bob": ""}


def test_an_empty_reply_is_refused(tmp_path: Path) -> None:
    assert "nothing" in asked(tmp_path, altered("empty"), Task(2, 6))["ada"]


@pytest.mark.parametrize(
    ("task", "joint"),
    [
        (Task(1, 6), {"layer.up": JOINT["layer.up"]}),
        (Task(1, 6), {**JOINT, "layer.up": JOINT["layer.down"]}),
        (Task(1, 6), {n: Factors(f.a[:1], f.b[:, :1], 2.0) for n, f in JOINT.items()}),
    ],
)
def test_a_site_refuses_what_was_not_agreed(
    tmp_path: Path, task: Task, joint: dict[str, Factors]
) -> None:
    sites = FlowerSites(grid(tmp_path), FILE.run)
    sites.present(2)
    answers = sites.ask(task, joint, ["ada"])
    assert [a.refusal for a in answers] == ["it failed with 'FederationError'"]


@pytest.mark.parametrize(
    "changes", [{"sites": "bob,eve"}, {"steps": 0}, {"unknown": 1}, {"lora.rank": "[[["}]
)
def test_a_site_does_not_take_part_in_a_run_with_wrong_settings(
    tmp_path: Path, changes: dict[str, Scalar]
) -> None:
    sites = FlowerSites(grid(tmp_path, **changes), FILE.run)
    found, hindrances = sites.present(2)
    assert "ada" not in [who.site for who in found]
    assert "did not introduce itself: " in next(iter(hindrances.values()))
    assert list(Ledger(tmp_path / "sites/ada/ledger.jsonl").entries())[-1].kind in (
        "error",
        "refusal",
    )


def test_the_trade_is_opened_once_per_run(tmp_path: Path) -> None:
    sites = FlowerSites(grid(tmp_path), FILE.run)
    sites.present(2)
    key = (str((tmp_path / "sites/ada/site.toml").resolve()), "ada")
    worker = client_app._open[key]
    sites.ask(Task(1, 6), JOINT, ["ada"])
    assert client_app._open[key] is worker
    FlowerSites(grid(tmp_path), FILE.run).present(2)
    assert client_app._open[key] is not worker


def test_settings_survive_the_run_configuration() -> None:
    run = FILE.run.model_copy(
        update={"lora": FILE.run.lora.model_copy(update={"targets": ("q_proj", "v_proj")})}
    )
    flat = flatten(run, ("bob", "ada"))
    assert all(isinstance(value, bool | int | float | str) for value in flat.values())
    assert read_flat(flat) == (run, ("ada", "bob"))


def test_a_run_whose_release_is_for_a_stranger_is_read_by_nobody() -> None:
    run = FILE.run.model_copy(update={"released_to": ("bob",)})
    assert read_flat(flatten(run, ("ada", "bob")))[0] == run
    with pytest.raises(ConfigError, match="released_to names bob"):
        read_flat(flatten(run, ("ada", "eve")))


def test_the_bundle_carries_no_code_and_is_always_the_same() -> None:
    import io
    import zipfile

    content, digest = bundle()
    assert bundle() == (content, digest)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert sorted(names) == [".info/CONTENT", "README.md", "pyproject.toml"]


def test_the_bundle_knows_every_setting() -> None:
    import io
    import tomllib
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(bundle()[0]))
    config = tomllib.loads(archive.read("pyproject.toml").decode())["tool"]["flwr"]["app"]["config"]
    assert set(config) - {"lora", "training"} | {"lora", "training"} == {
        "sites",
        *RunSettings.model_fields,
    }


def test_the_executor_refuses_a_bundle_that_is_not_allowed(tmp_path: Path) -> None:
    local = grid(tmp_path)
    message = local.create_message(RecordDict(), "query.introduce", 1000, "x")
    context = local._contexts[1000]
    assert executed(message, context, False).error.reason == "refused: bundle"
    entry = list(Ledger(tmp_path / "sites/ada/ledger.jsonl").entries())[-1]
    assert (entry.run, entry.kind, entry.values) == (
        "tiny",
        "refusal",
        {"refusal": {"code": "bundle"}},
    )
    assert executed(message, context, True).has_content()


def test_another_version_of_flower_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    compat.check_version()
    monkeypatch.setattr(compat, "version", lambda _: "1.42.0")
    with pytest.raises(InstallError, match=r"Flower 1\.42\.0 is installed"):
        compat.check_version()


def test_a_stopped_grid_gives_out_no_more_work(tmp_path: Path) -> None:
    local = grid(tmp_path)
    local.stop()
    with pytest.raises(FederationError, match="stopped"):
        FlowerSites(local, FILE.run).present(2)


def test_a_damaged_ledger_is_named_with_its_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(Departure("now", "r", 1, "update", {}, {}))
    with (tmp_path / "ledger.jsonl").open("a") as file:
        file.write("{half\n")
    with pytest.raises(FederationError, match=r"ledger\.jsonl:2 is damaged"):
        list(ledger.entries())


class Mute(LocalGrid):
    """One whose replies are lost, do not come at all, or whose sites are gone, from a moment on."""

    how = ""

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        if self.how in ("mute", "gone"):
            return []
        replies = super().pull_messages(message_ids)
        return map(compat.late_reply, replies) if self.how == "late" else replies

    def get_node_ids(self) -> Iterable[int]:
        return [] if self.how == "gone" else super().get_node_ids()


@pytest.mark.parametrize("how", ["mute", "late", "gone"])
def test_a_site_of_which_nothing_comes_is_silent_or_away_and_one_that_answers_wrongly_is_not(
    tmp_path: Path, how: str
) -> None:
    configs = [node_config(tmp_path, site, TRADE) for site in FILE.sites]
    carrier = Mute(client_app.app, configs, RUN)
    sites = FlowerSites(carrier, FILE.run.model_copy(update={"round_seconds": 1.0}))
    sites.present(2)
    wrong = sites.ask(Task(1, 6), {"layer.up": JOINT["layer.up"]}, ["ada"])
    assert [(a.update, a.is_silent, a.is_away) for a in wrong] == [(None, False, False)]
    carrier.how = how
    missing = sites.ask(Task(2, 6), JOINT, ["ada"])
    assert [(a.is_silent, a.is_away, a.is_missing) for a in missing] == [
        (how != "gone", how == "gone", True)
    ]
