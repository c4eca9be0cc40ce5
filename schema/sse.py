"""Subscriptions as server-sent events: one response for each (graphql-sse, distinct connections).

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Only for clients that take nothing
else: those that would rather have one answer get that.
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from resolvers.context import Context
from schema.errors import told
from schema.presence import PATIENCE, Full, Presence, Seats
from schema.streams import answers

MEDIA = "text/event-stream"
BEAT = 15.0
"""Seconds between two signs of life, so that nothing on the way hangs up."""

JSON = {"application/graphql-response+json", "application/json"}


def wanted(request: Request) -> bool:
    """Whether a request takes a stream of events, and no JSON."""
    accepted = {
        part.partition(";")[0].strip().lower()
        for part in request.headers.get("accept", "").split(",")
    }
    return MEDIA in accepted and not accepted & JSON


class Events(Response):
    """The answers to an operation, until it ends, `stopping` is set, or whoever reads leaves."""

    def __init__(
        self,
        asked: dict[str, Any],
        context: Context,
        presence: Presence,
        seats: Seats,
        stopping: asyncio.Event,
    ) -> None:
        super().__init__(
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
            media_type=f"{MEDIA}; charset=utf-8",
        )
        del self.headers["content-length"]
        self._asked = asked
        self._context = context
        self._presence = presence
        self._seats = seats
        self._stopping = stopping

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send what happens, as it does."""
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(head)
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._told(send),
                self._beating(send),
                self._refused(send),
                self._left(receive),
                self._stopping.wait(),
            )
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, TimeoutError | OSError):
                raise ended
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await send({"type": "http.response.body", "body": b""})

    async def _told(self, send: Send) -> None:
        try:
            with self._seats.taken("subscription", self._context.viewer.account):
                async with aclosing(answers(self._asked, self._context)) as found:
                    async for answer in found:
                        await _sent(send, _event("next", answer.body))
        except Full:
            await _sent(send, _event("next", {"errors": [told("TOO_MANY_SUBSCRIPTIONS")]}))
        await _sent(send, _event("complete"))

    async def _beating(self, send: Send) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await _sent(send, b":\n\n")

    async def _refused(self, send: Send) -> None:
        code = await self._presence.over()
        await _sent(send, _event("next", {"errors": [told(code)]}) + _event("complete"))

    async def _left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


def _event(name: str, data: dict[str, Any] | None = None) -> bytes:
    said = b"" if data is None else orjson.dumps(data)
    return b"event: %b\ndata: %b\n\n" % (name.encode(), said)


async def _sent(send: Send, body: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": body, "more_body": True})
