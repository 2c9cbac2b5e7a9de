"""An endpoint that speaks as OpenAI's does, as the engine of a migration.

Many threads ask, each with one question at a time, so no more is under way than there are threads.
The code that is asked about leaves the site for the address that the settings name, and no other.
"""

import hashlib
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fedtranslate.errors import ConfigError, EngineError
from fedtranslate.generation.seeds import seed_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.migration.engines.asking import Asker, AskError
from fedtranslate.migration.engines.base import Candidate, Request, unknown_language
from fedtranslate.migration.engines.dialect import Asked, Dialect
from fedtranslate.migration.engines.pacing import Advice, Breaker, Gate
from fedtranslate.migration.engines.wire import Line, address, checked_key
from fedtranslate.prompts.request import fitting
from fedtranslate.prompts.wording import question, wording_mark

_FAILURES = 8
"""Failures in a row after which an endpoint is taken to be down."""
_WARM = 0.7
"""Least temperature of later attempts, which are to give something else."""
_BYTES_OF_A_TOKEN = 3
"""Fewer than most tokenizers make of code, so that a context rather comes out too short."""


class _StoppedError(Exception):
    """Nobody waits for answers any more."""


@dataclass(frozen=True, slots=True)
class _Job:
    index: int
    request: Request
    attempt: int


class EndpointEngine:
    """Asks ``/chat/completions``, or ``/completions``, of one endpoint.

    Args:
        url: As in ``http://localhost:8000/v1``.
        model: Its name at the endpoint.
        api_key: Sent to the endpoint, and never shown.
        candidates: Of each request, at least 1.
        temperature: Of the first attempt, at least 0.
        workers: Questions under way at once.
        requests_per_minute: Questions in a minute at most; None for as many as are answered.
        timeout: Seconds from a question to the last byte of its reply.
        retries: Repetitions of a question that was not answered.
        is_chat: False asks a base model at ``/completions`` to go on from a text.
        max_tokens: Of question and answer together; contexts are shortened to it.
        max_new_tokens: Of an answer, fewer than ``max_tokens``.
        seed: Decides the waits, and the answers where the endpoint lets it.
        pause: Seconds in which nothing is asked after many failures in a row.
        clock: The time in seconds; for tests.
        sleep: Waits so many seconds; for tests.

    Raises:
        ConfigError: The address or the key cannot be one.
    """

    takes_context = True

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str = "",
        candidates: int = 1,
        temperature: float = 0.2,
        workers: int = 4,
        requests_per_minute: float | None = None,
        timeout: float = 120.0,
        retries: int = 4,
        is_chat: bool = True,
        max_tokens: int = 8192,
        max_new_tokens: int = 2048,
        seed: int = 0,
        pause: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        if not max_new_tokens < max_tokens:
            raise ConfigError(
                f"Answers of {max_new_tokens} tokens leave no room for a question among the"
                f" {max_tokens} tokens of the endpoint.",
                hint="Raise max_tokens to what the model takes, or lower max_new_tokens.",
            )
        where = address(url, is_chat=is_chat)
        self._key = checked_key(api_key)
        self._candidates, self._temperature = candidates, temperature
        self._workers, self._timeout = workers, timeout
        self._is_chat, self._seed = is_chat, seed
        self._room = max_tokens - max_new_tokens
        self._clock = clock
        self._sleep = sleep
        self._is_closed = False
        self._under_way: set[threading.Event] = set()
        self._dialect = Dialect(model, is_chat=is_chat, max_new_tokens=max_new_tokens)
        self._breaker = Breaker(_FAILURES, pause, clock)
        self._gate = Gate(requests_per_minute, clock)
        self._where, self._retries = where, retries
        self.name = f"{model} at {where.netloc.decode()}"
        # A query may hold a key of its own.
        place = (where.scheme, where.netloc, where.path)
        facts = (place, model, candidates, temperature, max_tokens, max_new_tokens, seed)
        digest = hashlib.sha256(repr((facts, wording_mark())).encode()).hexdigest()[:16]
        self.fingerprint = f"endpoint:{digest}"

    def check(self) -> None:
        """Ask for a word, once, to see that the endpoint is there, with this model and this key.

        Raises:
            EngineError: It is not; the message says why.
        """
        probe = Asked("Answer with the word yes.", 1, 0, longest=16)
        asker = self._asker(threading.Event(), retries=0)
        try:
            with self._line() as line:
                asker.ask(line, probe, 1.0, load_pack("python"), random.Random(0))  # noqa: S311
        except AskError as error:
            if error.status != 429:  # it is there, and busy
                raise self._given_up(f"{self.name} cannot be used.", error) from None

    def write(
        self,
        requests: Sequence[Request],
        *,
        attempt: int = 0,
        on_done: Callable[[int], None] | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Answer ``requests``; see `Engine`.

        Raises:
            EngineError: The endpoint has answered nothing for long, or the engine was closed.
        """
        if self._is_closed:
            raise self._closed()
        self._breaker.renew()
        jobs = iter([_Job(i, request, attempt) for i, request in enumerate(requests)])
        done: queue.SimpleQueue[tuple[int, tuple[Candidate, ...] | BaseException]]
        done = queue.SimpleQueue()
        stop, lock = threading.Event(), threading.Lock()
        self._under_way.add(stop)
        for _ in range(min(self._workers, len(requests))):
            worker = threading.Thread(
                target=self._work, args=(jobs, lock, stop, done), name="endpoint", daemon=True
            )
            worker.start()
        answers: dict[int, tuple[Candidate, ...]] = {}
        try:
            while len(answers) < len(requests):
                index, answer = done.get()
                if isinstance(answer, _StoppedError):
                    raise self._closed()
                if isinstance(answer, BaseException):
                    raise answer
                answers[index] = answer
                if on_done is not None:
                    on_done(1)
        finally:
            stop.set()
            self._under_way.discard(stop)
        return [answers[index] for index in range(len(requests))]

    def count_tokens(self, text: str) -> int:
        """Return about how many tokens ``text`` takes; the endpoint's tokenizer is not known."""
        return -(-len(text.encode("utf-8", "replace")) // _BYTES_OF_A_TOKEN)

    def close(self) -> None:
        """Stop asking; who waits for a turn waits no longer."""
        self._is_closed = True
        for stop in tuple(self._under_way):
            stop.set()

    def _work(
        self,
        jobs: Iterator[_Job],
        lock: threading.Lock,
        stop: threading.Event,
        done: "queue.SimpleQueue[tuple[int, tuple[Candidate, ...] | BaseException]]",
    ) -> None:
        asker, index = self._asker(stop, self._retries), -1
        try:
            with self._line() as line:
                while True:
                    with lock:
                        job = next(jobs, None)
                    if job is None:
                        return
                    index = job.index
                    done.put((index, self._answer(asker, line, job)))
        except BaseException as error:  # whoever waits for the answer must learn of it
            done.put((index, error))

    def _answer(self, asker: Asker, line: Line, job: _Job) -> tuple[Candidate, ...]:
        problem = unknown_language(job.request)
        if problem:
            return (Candidate("", finished=False, failure=problem),)
        while True:
            while (left := self._breaker.pausing()) > 0:
                asker.rest(left)
            begun = self._clock()
            try:
                found = self._candidates_of(asker, line, job)
            except AskError as error:
                advice = Advice.LEAVE
                if not (error.status in (400, 413, 422) and self._breaker.has_answered):
                    advice = self._breaker.failed(begun)
                if advice is Advice.STOP:
                    what = f"{self.name} has answered nothing for some time."
                    raise self._given_up(what, error) from None
                if advice is Advice.LEAVE:
                    return (Candidate("", finished=False, failure=str(error)),)
            else:
                self._breaker.succeeded()
                return found

    def _candidates_of(self, asker: Asker, line: Line, job: _Job) -> tuple[Candidate, ...]:
        """Ask until there are enough candidates; a server may give one at a time only."""
        request, found = job.request, list[Candidate]()
        text = self._worded(request)
        source, target = (load_pack(name) for name in request.languages)
        stops = () if self._is_chat else (f"\n// {source.title}\n",)
        temperature = max(self._temperature, _WARM) if job.attempt else self._temperature
        for again in range(self._candidates):
            seed = seed_of(self._seed, job.attempt, again)
            count = self._dialect.count(self._candidates - len(found))
            asked = Asked(text, count, seed, stops)
            chance = random.Random(seed_of(seed, job.index))  # noqa: S311 - no secret
            try:
                came = asker.ask(line, asked, temperature, target, chance)
            except AskError:
                if not found:
                    raise
                break
            self._dialect.learn_from_count(count, len(came))
            found += came
            if len(found) >= self._candidates:
                break
        good = [candidate for candidate in found if not candidate.failure]
        return tuple(good or found[:1])

    def _worded(self, request: Request) -> str:
        context = fitting(
            request.context,
            lambda some: (
                self.count_tokens(question(request, some, is_plain=not self._is_chat)) <= self._room
            ),
        )
        text = question(request, context, is_plain=not self._is_chat)
        return text.encode("utf-8", "replace").decode()

    def _line(self) -> Line:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return Line(headers, self._timeout)

    def _asker(self, stop: threading.Event, retries: int) -> Asker:
        rest = partial(self._rest, stop)
        return Asker(self._where, self._dialect, self._gate, retries, self._key, rest)

    def _rest(self, stop: threading.Event, seconds: float) -> None:
        if seconds > 0:
            (self._sleep or stop.wait)(seconds)
        if stop.is_set():
            raise _StoppedError

    def _closed(self) -> EngineError:
        return EngineError(f"{self.name} was closed.", hint="Open it again.")

    def _given_up(self, what: str, error: AskError) -> EngineError:
        return EngineError(
            f"{what} {error!s}",
            hint="See to it, then start again: what is done is not asked again.",
        )
