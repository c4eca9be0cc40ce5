"""Receivers of webhooks, over real sockets, as kind or as hostile as a test wants them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.servers import served


class Receiver:
    """Takes what is sent, and answers with the statuses it was given; 204 when there are none."""

    def __init__(self) -> None:
        self.address = ""
        self.taken: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.statuses: list[int] = []
        self.answer_to: Callable[[dict[str, Any]], int] | None = None
        self.location = ""
        self.news = asyncio.Event()

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        told = orjson.loads(body)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        status = self.statuses.pop(0) if self.statuses else 204
        if self.answer_to:
            status = self.answer_to(told)
        (self.taken if status < 300 else self.refused).append(told)
        self.news.set()
        return Response(status_code=status, headers={"location": self.location})

    def verified(self, secret: str, at: int = -1) -> Any:
        """What was sent, if it is signed by `secret`. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.bodies[at], self.headers[at])

    async def got(self, count: int, seconds: float = 15) -> list[dict[str, Any]]:
        """What was taken, once it is so many."""
        await when(lambda: len(self.taken) >= count, seconds)
        return self.taken[:]


async def when(there: Callable[[], Any], seconds: float = 15) -> Any:
    """What `there` gives once it gives something."""
    async with asyncio.timeout(seconds):
        while not (found := there()):
            await asyncio.sleep(0.02)
    return found


async def eventually(there: Callable[[], Awaitable[Any]], seconds: float = 15) -> Any:
    """What awaiting `there` gives once it gives something."""
    async with asyncio.timeout(seconds):
        while not (found := await there()):
            await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def receiving(port: int = 0, **tls: str) -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{path:path}", receiver.receive, methods=["POST", "GET"])])
    async with served(app, port, **tls) as address:
        receiver.address = f"{address}/hook"
        yield receiver


@asynccontextmanager
async def raw(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[Any]:
    """Something that listens and answers as it likes; `.calls` counts who connected."""

    class Raw:
        calls = 0
        address = ""
        port = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        Raw.calls += 1
        try:
            await reader.read(65536)
            await answer(writer)
            writer.close()
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    Raw.port = server.sockets[0].getsockname()[1]
    Raw.address = f"http://127.0.0.1:{Raw.port}/hook"
    yield Raw
    server.close()
