"""The log: one JSON object a line on stderr, for machines; lines for people where it is a terminal.

What is written there may be read by many and kept for long. So other libraries are heard only when
something is wrong, and of an exception stands its class and where it came from: its words may be
those of a user, or a token. A terminal shows all of it, to whoever develops.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer
from structlog.processors import TimeStamper
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict, Processor

OURS = ("relais", "models", "auth", "jobs", "schema")
"""The loggers that the level of the settings is for."""

MAX_FRAMES = 30
"""Calls that are told of an exception, the innermost."""


def begin(level: str) -> None:
    """Write the log of this process from now on."""
    shared: list[Processor] = [
        merge_contextvars,
        add_log_level,
        add_logger_name,
        ExtraAdder(),
        TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    last: list[Processor] = [_first_line, _told, _json]
    if sys.stderr.isatty():
        last = [ConsoleRenderer()]
    written = _Lines(
        foreign_pre_chain=shared,
        processors=[ProcessorFormatter.remove_processors_meta, *last],
    )
    written.people = sys.stderr.isatty()
    handler = logging.StreamHandler()
    handler.setFormatter(written)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    # What uvicorn says of a WebSocket holds the whole address, with what was given in it.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


class _Lines(ProcessorFormatter):
    """What is `told` of a request is written as it is: there is one for each, so it is quick."""

    people = False
    """Whether they read it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told = getattr(record, "told", None)
        if told is None or self.people:
            return super().format(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"event": record.msg, "level": record.levelname.lower(), "logger": record.name}
        return orjson.dumps({**line, **told, "at": at}).decode()


def _first_line(_: Any, __: str, event: EventDict) -> EventDict:
    """Of what a library says, the first line: others show values."""
    if event["logger"].partition(".")[0] not in OURS:
        event["event"] = event["event"].partition("\n")[0]
    return event


def _told(_: Any, __: str, event: EventDict) -> EventDict:
    """Exceptions by their classes, and where they were raised."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["errors"] = [*map(_error, _causes(error))]
    return event


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    told: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{one.filename}:{one.lineno} {one.name}" for one in frames],
    }
    for name in ("sqlstate", "constraint_name", "table_name", "column_name", "errno"):
        if value := getattr(error, name, None):
            told[name] = value
    return told


def _json(_: Any, __: str, event: EventDict) -> str:
    return orjson.dumps(event, default=repr).decode()
