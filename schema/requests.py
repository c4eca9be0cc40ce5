"""Every request has an id, is counted and timed, and leaves one line in the log.

The id stands in the answer, in the audit trail and in the log. The line tells who asked what by
numbers and by the service's own words: never what somebody wrote, nor what they are called.
"""

import logging
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter
from typing import Any
from uuid import uuid4

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from models import measures, trace
from schema.stopping import Stopping

log = logging.getLogger("relais.requests")

HEADER = "x-request-id"

PROBES = {"/healthz", "/readyz"}
"""What is asked again and again, and is of interest only when it goes wrong elsewhere."""

LEFT = 499
"""The status of a request that nobody waited for, or that was cut off: as nginx has it."""

LABELS = 1024
"""Mixtures of labels whose series are at hand; there are fewer."""

_FORM = re.compile(r"[0-9a-fA-F]{8}(-?)(?:[0-9a-fA-F]{4}\1){3}[0-9a-fA-F]{12}")
"""A UUID, or as many digits: nobody's name or number has that form."""


@dataclass(slots=True)
class Noted:
    """What is known of a request besides what HTTP tells."""

    operation: str = ""
    kind: str = ""
    trusted: bool = False
    codes: dict[str, None] = field(default_factory=dict)
    """Of errors and refusals, each once."""

    @property
    def outcome(self) -> str:
        """What became of the operation."""
        if "INTERNAL" in self.codes:
            return "fault"
        if "UNAVAILABLE" in self.codes:
            return "unavailable"
        return "refused" if self.codes else "ok"


_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


def noted() -> Noted:
    """What is known of the request that is being answered."""
    return _noted.get() or Noted()


class Requests:
    """Middleware that gives each request its id, and tells whoever runs the service of it.

    The id is that of the caller, if it has the form of a UUID. While the server is about to stop,
    each answer closes its connection: the next request goes elsewhere.
    """

    def __init__(self, app: ASGIApp, stopping: Stopping) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and tell of it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "")
        request = scope["relais.request"] = given if _FORM.fullmatch(given) else uuid4().hex
        bind_contextvars(request=request)
        known, begun, status, started = Noted(), perf_counter(), 0, 0.0
        _noted.set(known)

        async def told(message: Message) -> None:
            nonlocal status, started
            if message["type"] in {"http.response.start", "websocket.accept"}:
                status, started = message.get("status", 101), perf_counter()
                added = MutableHeaders(scope=message)
                added[HEADER] = request
                if self._stopping.leaving:
                    added["connection"] = "close"
            await send(message)

        with trace.span("request", of=headers) as span, measures.IN_FLIGHT.track_inprogress():
            try:
                await self._app(scope, receive, told)
            except Exception:
                known.codes["INTERNAL"], status = None, 500
                raise
            finally:
                status = status or LEFT
                seconds = (started or perf_counter()) - begun
                line = _line(scope, known, status, perf_counter() - begun)
                _count(line, known, seconds)
                if span is not None:
                    span.update_name(f"{line['method']} {line['route']}")
                    span.set_attributes({f"relais.{name}": value for name, value in line.items()})
                level = logging.DEBUG if line["route"] in PROBES else logging.INFO
                if log.isEnabledFor(level):
                    # Where it is called from is of no interest, and takes long to find.
                    extra = {"told": {"request": request, **line}}
                    args = (log.name, level, "", 0, "request", (), None)
                    log.handle(log.makeRecord(*args, extra=extra))


def _line(scope: Scope, known: Noted, status: int, seconds: float) -> dict[str, Any]:
    """What the log tells of a request."""
    route, viewer, auth = scope.get("route"), scope.get("user"), scope.get("auth")
    line: dict[str, Any] = {
        "method": _METHODS.get(scope.get("method", "GET"), "other"),
        "route": getattr(route, "path", "none"),
        "status": status,
        "seconds": round(seconds, 6),
    }
    if known.operation:
        line |= {"operation": known.operation, "kind": known.kind}
    if known.codes:
        line["codes"] = list(known.codes)
    if viewer is not None and viewer.is_authenticated:
        line |= {"viewer": viewer.account, "credential": "".join(auth.scopes if auth else ())}
    return line


_METHODS = {name: name for name in ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")}


def _count(line: dict[str, Any], known: Noted, seconds: float) -> None:
    answered, began = _of_route(line["route"], line["method"], line["status"])
    answered.inc()
    if line["status"] != 101:
        began.observe(seconds)
    if known.operation:
        done, took = _of_operation(known.operation, known.kind, known.outcome)
        done.inc()
        took.observe(seconds)


@lru_cache(LABELS)
def _of_route(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return (
        measures.REQUESTS.labels(route, method, str(status)),
        measures.REQUEST_SECONDS.labels(route),
    )


@lru_cache(LABELS)
def _of_operation(operation: str, kind: str, outcome: str) -> tuple[Counter, Histogram]:
    return (
        measures.OPERATIONS.labels(operation, kind, outcome),
        measures.OPERATION_SECONDS.labels(operation, kind),
    )
