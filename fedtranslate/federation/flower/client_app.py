"""A site's app: it introduces itself, and answers one task per round.

Everything it needs is on the site's own machine: the node configuration names the site and
its TOML file (``site`` and ``site-file``), and optionally another trade (``trainer``).  What
leaves is in the ledger beside that file before it leaves.  An error leaves as the name of its
class only; its text, which may quote code, goes to ``errors.log`` beside the ledger.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

from fedtranslate.adapters.factors import checksum
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import ConfigError, FederationError
from fedtranslate.federation.flower import codec, compat
from fedtranslate.federation.settings import read_flat
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.worker import DEFAULT_TRAINER, SiteWorker, open_trainer

app = ClientApp()


@dataclass(frozen=True, slots=True)
class _Reply:
    kind: str
    round: int
    content: RecordDict
    checksum: str = ""


_Work = Callable[[SiteWorker, Message], _Reply]
_open: dict[tuple[str, str], tuple[str, SiteWorker]] = {}
"""Site file and site, to the settings and the worker that has base and pairs in memory."""


@app.query("introduce")  # type: ignore[untyped-decorator]
def introduce(message: Message, context: Context) -> Message:
    """Tell who this site is; its files are read anew, since they may have changed."""
    _open.pop(_key(context), None)
    return _answered(message, context, _introduction)


@app.train()  # type: ignore[untyped-decorator]
def train(message: Message, context: Context) -> Message:
    """Evaluate the joint adapter, train from it, and send the outcome."""
    return _answered(message, context, _update)


def _introduction(worker: SiteWorker, _: Message) -> _Reply:
    return _Reply("introduction", 0, codec.encode_introduction(worker.introduce()))


def _update(worker: SiteWorker, message: Message) -> _Reply:
    task, joint = codec.decode_task(message.content)
    update = worker.work(task, joint)
    content = codec.encode_update(worker.name, task.round, update)
    made = "" if update.adapter is None else checksum(update.adapter)
    return _Reply("update", task.round, content, made)


def _answered(message: Message, context: Context, work: _Work) -> Message:
    folder, run = None, ""
    try:
        site_file, site = _whereabouts(context)
        folder = site_file.parent
        settings, names = read_flat(context.run_config)
        run = settings.name
        if site not in names:
            raise FederationError(f"The run {run} does not name the site {site}.")
        torch.set_num_threads(settings.threads)
        reply = work(_worker(context, settings), message)
        _record(folder, run, reply)
        return Message(reply.content, reply_to=message)
    except Exception as error:
        # Whatever happened, its text may quote code: it stays here.
        if folder is not None:
            _keep_error(folder, run, error)
        return compat.error_reply(error, message)


def _whereabouts(context: Context) -> tuple[Path, str]:
    site_file, site = (context.node_config.get(key) for key in ("site-file", "site"))
    if not isinstance(site_file, str) or not isinstance(site, str):
        raise ConfigError(
            "The node configuration does not name site and site-file.",
            hint="""Start the node with --node-config 'site="NAME" site-file="/PATH/site.toml"'.""",
        )
    return Path(site_file), site


def _worker(context: Context, settings: RunSettings) -> SiteWorker:
    site_file, site = _whereabouts(context)
    key, fingerprint = _key(context), settings.fingerprint()
    if key not in _open or _open[key][0] != fingerprint:
        _open.pop(key, None)
        name = str(context.node_config.get("trainer", DEFAULT_TRAINER))
        trainer = open_trainer(name, site_file, site, settings)
        _open[key] = fingerprint, SiteWorker(site, settings, trainer)
    return _open[key][1]


def _key(context: Context) -> tuple[str, str]:
    return str(context.node_config.get("site-file")), str(context.node_config.get("site"))


def _record(folder: Path, run: str, reply: _Reply) -> None:
    listed = codec.leaving(reply.content)
    departure = Departure(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run,
        round=reply.round,
        kind=reply.kind,
        arrays=listed["arrays"],
        values=listed["values"],
        checksum=reply.checksum,
    )
    Ledger(folder / "ledger.jsonl").append(departure)


def _keep_error(folder: Path, run: str, error: Exception) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with (folder / "errors.log").open("a", encoding="utf-8") as file:
            file.write(f"{now} {run}\n{''.join(traceback.format_exception(error))}\n")
        _record(folder, run, _Reply("error", 0, _as_record(error)))
    except OSError:
        # A full or read-only disk must not keep the coordinator waiting.
        return


def _as_record(error: Exception) -> RecordDict:
    return RecordDict({"error": ConfigRecord({"class": type(error).__name__})})
