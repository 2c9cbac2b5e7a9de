"""The status page as a web application.

    GET  /                        the page; /page.css and /page.js belong to it
    GET  /health                  whether it serves
    GET  /api/snapshot            sites, runs, releases, the newest events
    GET  /api/runs/NAME           one run with its rounds
    GET  /api/events?after=N      events behind number N; or ?before=N, newest first
    GET  /api/stream              server-sent events: what is new, at once
    POST /api/runs/NAME/stop      ask for a run to be stopped; needs the token

What is read with ``Authorization: Bearer TOKEN`` has the full texts of events, causes and reasons;
without, they are cut to a sentence without addresses and paths.
"""

import time
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.responses import Response
from starlette.types import ASGIApp

from fedtranslate import __version__
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.access import AccessError, Guard, Keeper
from fedtranslate.status.documents import event_document, run_document, snapshot_document
from fedtranslate.status.page import render
from fedtranslate.status.snapshot import Watched
from fedtranslate.status.stream import Broadcast
from fedtranslate.status.views import Run

_NEWEST = 60
_MOST = 1_000
_Token = Annotated[str | None, Header(alias="authorization")]
_Number = Annotated[int, Query(ge=0, le=2**53)]
_Limit = Annotated[int, Query(ge=1, le=_MOST)]


def status_app(
    place: CoordinatorPlace,
    token: str,
    *,
    clock: Callable[[], float] = time.time,
    is_ending: Callable[[], bool] = lambda: False,
) -> ASGIApp:
    """Return the application for one coordinator.

    Args:
        place: Its folder.
        token: For what not everybody may see or do; empty where nobody may.
        clock: The time, in seconds since 1970.
        is_ending: Tells when the server wants to end; streams end then.
    """
    watched = Watched(place)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, title="fedtranslate")
    keeper = Keeper(token, clock)
    app.exception_handler(AccessError)(_refuse)
    _add_page(app, watched)
    _add_reading(app, watched, keeper, clock)
    _add_stream(app, Broadcast(watched, clock, is_ending), watched)
    _add_stop(app, watched, keeper, clock)
    return Guard(app, watched.names)


async def _refuse(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, AccessError) else 500
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse({"error": str(error)}, status, headers)


def _add_page(app: FastAPI, watched: Watched) -> None:
    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(render(watched.settings()))

    @app.get("/page.css")
    def style() -> Response:
        return Response(_shipped("page.css"), media_type="text/css")

    @app.get("/page.js")
    def script() -> Response:
        return Response(_shipped("page.js"), media_type="text/javascript")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ready", "version": __version__}


def _add_reading(
    app: FastAPI, watched: Watched, keeper: Keeper, clock: Callable[[], float]
) -> None:
    @app.get("/api/snapshot")
    def snapshot(request: Request, authorization: _Token = None) -> Response:
        whole = keeper.has_token(authorization, _client(request))
        now = clock()
        version, found = watched.look(now)
        mark = f'"{watched.start}-{version}-{"whole" if whole else "brief"}-{int(now) // 60}"'
        if request.headers.get("if-none-match") == mark:
            return Response(status_code=304, headers={"etag": mark})
        events = watched.events_before(found.last_event + 1, _NEWEST)
        document = snapshot_document(found, events, now, start=watched.start, whole=whole)
        return JSONResponse(document, headers={"etag": mark})

    @app.get("/api/runs/{name}")
    def run(name: str, request: Request, authorization: _Token = None) -> Response:
        whole = keeper.has_token(authorization, _client(request))
        now = clock()
        return JSONResponse(run_document(_known(watched, name, now), now, whole=whole))

    @app.get("/api/events")
    def events(
        request: Request,
        after: _Number | None = None,
        before: _Number | None = None,
        limit: _Limit = 200,
        run: str = "",
        authorization: _Token = None,
    ) -> dict[str, Any]:
        whole = keeper.has_token(authorization, _client(request))
        _, found = watched.look(clock())
        if before is not None:
            chosen = watched.events_before(before, limit, run)
        else:
            chosen = watched.events_after(after or 0, limit, run)
        return {
            "start": watched.start,
            "last_event": found.last_event,
            "events": [event_document(one, whole=whole) for one in chosen],
        }


def _add_stream(app: FastAPI, broadcast: Broadcast, watched: Watched) -> None:
    @app.get("/api/stream")
    async def stream(last_event_id: Annotated[str, Header()] = "") -> Response:
        if broadcast.is_full:
            return PlainTextResponse("Too many listen already.", 503, {"retry-after": "10"})
        start, _, number = last_event_id.rpartition("-")
        known = int(number) if start == watched.start and number.isdecimal() else None
        return StreamingResponse(broadcast.listen(known), media_type="text/event-stream")


def _add_stop(app: FastAPI, watched: Watched, keeper: Keeper, clock: Callable[[], float]) -> None:
    @app.post("/api/runs/{name}/stop", status_code=202)
    def stop(name: str, request: Request, authorization: _Token = None) -> dict[str, str]:
        keeper.need(authorization, _client(request))
        run = _known(watched, name, clock())
        if not watched.ask_to_stop(run):
            raise AccessError(409, f"The run {run.name} is {run.state}: there is nothing to stop.")
        return {"run": run.name, "state": "stopping"}


def _known(watched: Watched, name: str, now: float) -> Run:
    _, found = watched.look(now)
    for run in found.runs:
        if run.name == name:
            return run
    raise AccessError(404, "There is no such run.")


def _client(request: Request) -> str:
    return request.client.host if request.client is not None else ""


@cache
def _shipped(name: str) -> bytes:
    return (files("fedtranslate.status") / "templates" / name).read_bytes()
