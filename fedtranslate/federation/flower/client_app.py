"""A site's app: it introduces itself, and answers one task per round, as far as its policy allows.

Everything it needs is on the site's own machine: the node configuration names the site and
its TOML file (``site`` and ``site-file``), and optionally another trade (``trainer``).  What
leaves is in the ledger beside that file before it leaves.  An error leaves as the name of its
class only, a refusal as its code; texts, which may quote code, go to ``errors.log`` and the ledger.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import torch
from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

from fedtranslate.adapters.factors import Adapter, checksum
from fedtranslate.adapters.releases.signing import verify_key
from fedtranslate.adapters.wire.floats import FLOAT32
from fedtranslate.adapters.wire.formats import Format
from fedtranslate.config.federation import RunSettings, read_site
from fedtranslate.config.policy import Policy
from fedtranslate.errors import ConfigError, FederationError, NotAllowedError
from fedtranslate.federation.flower import codec, compat, offers
from fedtranslate.federation.refusals import RefusalCode
from fedtranslate.federation.settings import read_flat
from fedtranslate.federation.site.enrolment.kept import read_enrolment
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.site.policy import (
    Refusal,
    epochs_of,
    judge,
    judge_offer,
    judge_task,
)
from fedtranslate.federation.site.releases import consider, note_withdrawn
from fedtranslate.federation.site.reporting import coarsened, coarsened_introduction
from fedtranslate.federation.site.traffic import (
    TrafficBook,
    format_up,
    is_kept,
    update_for_the_wire,
)
from fedtranslate.federation.site.usage import UsageBook
from fedtranslate.federation.site.worker import DEFAULT_TRAINER, SiteWorker, open_trainer

app = ClientApp()
_NOTE_LETTERS = 300
"""Of the text of an error, in the site's own ledger; the whole of it is in ``errors.log``."""


@dataclass(frozen=True, slots=True)
class _Site:
    """The site that a message is for, in the run that it is of."""

    folder: Path
    name: str
    policy: Policy
    """Read anew with each message: what the site allows may have changed."""
    settings: RunSettings
    worker: SiteWorker


@dataclass(frozen=True, slots=True)
class _Reply:
    kind: str
    round: int
    content: RecordDict
    checksum: str = ""
    wire: Format = FLOAT32
    """How the numbers of its adapter are written."""
    note: str = ""
    """For the site's own ledger."""


class _RefusedError(Exception):
    """The policy does not allow what was asked for."""

    def __init__(self, refusal: Refusal, number: int = 0) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.round = number


_Work = Callable[[_Site, Message], _Reply]
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


@app.query("offer")  # type: ignore[untyped-decorator]
def offer(message: Message, context: Context) -> Message:
    """Check and judge a release, and tell whether it is installed."""
    return _answered(message, context, _consideration)


def _introduction(site: _Site, message: Message) -> _Reply:
    place = SitePlace(site.folder)
    enrolment = read_enrolment(place)
    if enrolment is not None and enrolment.signing_key:
        entries = offers.decode_greeting(message.content)
        note_withdrawn(entries, place, verify_key(enrolment.signing_key), _now)
    introduction = coarsened_introduction(site.worker.introduce(), site.policy)
    kept = TrafficBook(site.folder, site.settings.name).kept()
    introduction = replace(introduction, keeps=kept or checksum(site.worker.start()))
    return _Reply("introduction", 0, codec.encode_introduction(introduction))


def _update(site: _Site, message: Message) -> _Reply:
    book, run = UsageBook(site.folder), site.settings.name
    traffic = TrafficBook(site.folder, run)
    # By what the message says of itself: unpacked, its adapter takes as much memory as it likes.
    announced = codec.announced_task(message.content)
    task, incoming = announced.task, announced.joint
    equipment = site.worker.equipment()
    used = book.of(run)
    if refusal := judge_task(site.policy, site.settings, task, incoming, equipment, used):
        raise _RefusedError(refusal, task.round)
    site.worker.check_shapes(announced.shapes)
    try:
        task, joint = codec.decode_task(message.content, lambda one: _kept(site, traffic, one))
    except codec.LackingError as error:
        raise _RefusedError(Refusal(RefusalCode.JOINT, str(error))) from None
    site.worker.check(task, joint)
    book.begin(run, task, incoming, epochs_of(task.steps, site.settings, equipment))
    keeps = traffic.keep(joint) if is_kept(site.settings.traffic, task) else ""
    start = time.monotonic()
    try:
        update = replace(site.worker.work(task, joint), keeps=keeps)
    finally:
        book.add(run, seconds=time.monotonic() - start)
    sent, made = None, ""
    if update.adapter is not None:
        sent, made = update_for_the_wire(
            traffic, site.settings, site.name, task, joint, update.adapter
        )
    content = codec.encode_update(site.name, task.round, coarsened(update, site.policy), sent)
    kind = "trial" if task.trial else "update"
    return _Reply(kind, task.round, content, made, format_up(site.settings.traffic))


def _kept(site: _Site, traffic: TrafficBook, wanted: str) -> Adapter | None:
    """Return the joint adapter of this SHA-256, if the site has it, or can make it."""
    if (found := traffic.joint(wanted)) is not None:
        return found
    start = site.worker.start()
    return start if checksum(start) == wanted else None


def _consideration(site: _Site, message: Message) -> _Reply:
    place = SitePlace(site.folder)
    enrolment = read_enrolment(place)
    if enrolment is None or not enrolment.signing_key:
        raise FederationError("This site knows no key that releases could be signed with.")
    book, run = UsageBook(site.folder), site.settings.name
    _check(judge_offer(site.policy, book.of(run)))
    start = time.monotonic()
    try:
        verdict = consider(
            offers.decode_offer(message.content, site.worker.most_bytes()),
            place,
            verify_key(enrolment.signing_key),
            enrolment.federation,
            site.settings,
            site.worker,
            site.policy.gate,
            _now,
        )
    finally:
        book.add(run, seconds=time.monotonic() - start)
    content = offers.encode_decision(site.name, verdict.release, verdict.decision)
    return _Reply("decision", 0, content, note=verdict.reason)


def _answered(message: Message, context: Context, work: _Work) -> Message:
    folder, run, policy = None, "", ""
    try:
        site_file, name = _whereabouts(context)
        folder = site_file.parent
        settings, names = read_flat(context.run_config)
        run = settings.name
        allowed = read_site(site_file, name).policy
        policy = allowed.fingerprint()
        _check(judge(allowed, name, settings, names))
        torch.set_num_threads(settings.threads)
        worker = _worker(context, settings, policy)
        _check(judge(allowed, name, settings, names, worker.equipment()))
        reply = work(_Site(folder, name, allowed, settings, worker), message)
        leaving = _departure(run, reply, policy)
        UsageBook(folder).add(run, bytes=leaving.bytes)
        Ledger(folder / "ledger.jsonl").append(leaving)
        return Message(reply.content, reply_to=message)
    except _RefusedError as refused:
        if folder is not None:
            _keep_refusal(folder, run, refused, policy)
        return compat.refusal_reply(str(refused.refusal.code), message)
    except Exception as error:
        # Whatever happened, its text may quote code: it stays here.
        if folder is not None:
            _keep_error(folder, run, error, policy)
        return compat.error_reply(error, message)


def refuse_bundle(message: Message, context: Context) -> Message:
    """Return the reply to a message of a run whose bundle the site does not allow.

    Nothing of the run is read but its name, for the ledger.
    """
    reason = "The run was started with a bundle that is not that of this installation."
    refused = _RefusedError(Refusal(RefusalCode.BUNDLE, reason))
    try:
        run = str(context.run_config.get("name", ""))[:64]
        _keep_refusal(_whereabouts(context)[0].parent, run, refused, "")
    except Exception as error:
        return compat.error_reply(error, message)
    return compat.refusal_reply(str(refused.refusal.code), message)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _check(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise _RefusedError(refusal)


def _whereabouts(context: Context) -> tuple[Path, str]:
    site_file, site = (context.node_config.get(key) for key in ("site-file", "site"))
    if not isinstance(site_file, str) or not isinstance(site, str):
        raise ConfigError(
            "The node configuration does not name site and site-file.",
            hint="""Start the node with --node-config 'site="NAME" site-file="/PATH/site.toml"'.""",
        )
    return Path(site_file), site


def _worker(context: Context, settings: RunSettings, policy: str) -> SiteWorker:
    """Return the worker of a run; another policy may allow other pairs, and opens a new one."""
    site_file, site = _whereabouts(context)
    key, fingerprint = _key(context), f"{settings.fingerprint()} {policy}"
    if key not in _open or _open[key][0] != fingerprint:
        _open.pop(key, None)
        name = str(context.node_config.get("trainer", DEFAULT_TRAINER))
        try:
            trainer = open_trainer(name, site_file, site, settings)
        except NotAllowedError as error:
            by_licence = error.setting == "licences"
            code = RefusalCode.LICENCE if by_licence else RefusalCode.REPOSITORY
            raise _RefusedError(Refusal(code, str(error))) from None
        _open[key] = fingerprint, SiteWorker(site, settings, trainer, site_file.parent)
    return _open[key][1]


def _key(context: Context) -> tuple[str, str]:
    return str(context.node_config.get("site-file")), str(context.node_config.get("site"))


def _departure(run: str, reply: _Reply, policy: str) -> Departure:
    listed = codec.leaving(reply.content, reply.wire)
    return Departure(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run,
        round=reply.round,
        kind=reply.kind,
        arrays=listed["arrays"],
        values=listed["values"],
        checksum=reply.checksum,
        policy=policy,
        note=reply.note,
    )


def _keep_refusal(folder: Path, run: str, refused: _RefusedError, policy: str) -> None:
    told = RecordDict({"refusal": ConfigRecord({"code": str(refused.refusal.code)})})
    reply = _Reply("refusal", refused.round, told, note=refused.refusal.reason)
    try:
        leaving = _departure(run, reply, policy)
        Ledger(folder / "ledger.jsonl").append(leaving)
    except Exception as error:
        _keep_error(folder, run, error, policy)


def _keep_error(folder: Path, run: str, error: Exception, policy: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with (folder / "errors.log").open("a", encoding="utf-8") as file:
            file.write(f"{now} {run}\n{''.join(traceback.format_exception(error))}\n")
        told = RecordDict({"error": ConfigRecord({"class": type(error).__name__})})
        note = " ".join(str(error).split())[:_NOTE_LETTERS]
        leaving = _departure(run, _Reply("error", 0, told, note=note), policy)
        Ledger(folder / "ledger.jsonl").append(leaving)
    except (OSError, FederationError):
        # A full or read-only disk must not keep the coordinator waiting.
        return
