"""The figures of this process, for Prometheus: at an address of its own, which is nobody else's."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jobs.standing import Standing
from settings import Settings

log = logging.getLogger("relais")


@asynccontextmanager
async def scraped(config: Settings) -> AsyncIterator[None]:
    """While it lasts, `/metrics` is answered at the settings' address, if they name one.

    Of several processes each takes the next port: what one counts is not in another's figures. One
    that finds none free goes on without.
    """
    listener = _listener(config) if config.metrics_port else None
    if listener is None:
        yield
        return
    server = _Beside(uvicorn.Config(_application(), log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
        listener.close()


class _Beside(uvicorn.Server):
    """A server that leaves signals to the one beside it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listener(config: Settings) -> socket.socket | None:
    for port in range(config.metrics_port, config.metrics_port + config.workers):
        try:
            return socket.create_server((config.metrics_host, port))
        except OSError as error:
            reason = error.strerror
    log.error("no figures can be had of this process: RELAIS_METRICS_PORT: %s", reason)
    return None


def _application() -> Starlette:
    standing, ours = Standing(), CollectorRegistry()
    ours.register(standing)

    async def metrics(_: Request) -> Response:
        await standing.look()
        content = generate_latest(REGISTRY) + generate_latest(ours)
        return Response(content, media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", metrics)])
