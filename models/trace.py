"""Traces of requests, operations and statements: nothing at all, unless they are wanted.

A span tells what was done and for how long, by names of our own and SQL without its arguments. An
exception is told by its class: its words may be somebody's.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias

Spans: TypeAlias = AbstractContextManager[Any]

_NOTHING: Spans = nullcontext()
_opened: Callable[[str, Mapping[str, str] | None], Spans] | None = None


def span(name: str, *, of: Mapping[str, str] | None = None) -> Spans:
    """A span while it lasts, or None where nothing is traced; `of` are the headers of a request."""
    return _NOTHING if _opened is None else _opened(name, of)


@contextmanager
def by(opened: Callable[[str, Mapping[str, str] | None], Spans]) -> Iterator[None]:
    """While it lasts, spans are what `opened` opens."""
    global _opened  # noqa: PLW0603  (whether this process traces)
    _opened = opened
    try:
        yield
    finally:
        _opened = None


@contextmanager
def traced(endpoint: str) -> Iterator[None]:
    """While it lasts, spans are sent to `endpoint`, if there is one."""
    if not endpoint:
        yield
        return
    from models.telemetry import exported, otlp  # noqa: PLC0415  (30 MB that few need)

    with exported(otlp(endpoint)):
        yield
