"""Spans as OpenTelemetry has them; imported only where something is traced."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from models import trace

MAX_STATEMENT = 2000
"""Characters of a statement that are told."""

_CLIENTS = (AsyncpgDBClient, TransactionWrapper, SqliteClient, SqliteTransactionWrapper)
_STATEMENTS = ("execute_query", "execute_query_dict", "execute_insert", "execute_many")


def otlp(endpoint: str) -> SpanExporter:
    """What sends spans by OTLP over HTTP."""
    return OTLPSpanExporter(endpoint)


@contextmanager
def exported(exporter: SpanExporter) -> Iterator[None]:
    """While it lasts, spans go to `exporter`.

    Which are sampled, and what the service is called, variables say (OTEL_TRACES_SAMPLER,
    OTEL_SERVICE_NAME).
    """
    named = Resource({SERVICE_NAME: "relais"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=Resource.create().merge(named))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("relais")

    @contextmanager
    def opened(name: str, of: Mapping[str, str] | None) -> Iterator[Span]:
        kind = SpanKind.INTERNAL if of is None else SpanKind.SERVER
        with tracer.start_as_current_span(
            name,
            None if of is None else extract(of),
            kind,
            record_exception=False,
            set_status_on_exception=False,
        ) as one:
            try:
                yield one
            except BaseException as error:
                one.set_attribute("error.type", type(error).__name__)
                one.set_status(Status(StatusCode.ERROR))
                raise

    undo = [_watched(own, name) for own in _CLIENTS for name in _STATEMENTS if name in vars(own)]
    try:
        with trace.by(opened):
            yield
    finally:
        for one in undo:
            one()
        provider.shutdown()


def _watched(client: Any, name: str) -> Callable[[], None]:
    """Have each call of a method of `client` told as a span; what is returned undoes that."""
    plain: Callable[..., Awaitable[Any]] = vars(client)[name]

    @wraps(plain)
    async def told(self: Any, query: str, *args: Any, **more: Any) -> Any:
        with trace.span(f"SQL {query.split(None, 1)[0].upper()}") as one:
            if one is not None:
                system = "sqlite" if self.capabilities.dialect == "sqlite" else "postgresql"
                one.set_attribute("db.system.name", system)
                one.set_attribute("db.query.text", query[:MAX_STATEMENT])
            return await plain(self, query, *args, **more)

    setattr(client, name, told)
    return lambda: setattr(client, name, plain)
