"""How uvicorn serves: messages are bounded, and nobody keeps a connection by not reading."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from schema.asked import MAX_BODY

CUT = 10.0
"""Seconds after which a connection that was closed is cut, whether or not that was heard."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Wire(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets, where the last word does not wait for a reader that reads nothing."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send; what closes the connection goes at once, and the connection soon after it."""
        if message["type"] == "websocket.close":
            self.writable.set()
            self.loop.call_later(CUT, self.transport.abort)
        await super().send(message)


SERVER: dict[str, Any] = {
    "ws": Wire,
    "ws_max_size": MAX_BODY,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,
}
"""Options of uvicorn. Nothing is compressed: each connection would take memory for it."""


@contextmanager
def told_to_stop(stopping: asyncio.Event) -> Iterator[None]:
    """Set `stopping` when the process is told to stop: uvicorn waits for responses to end.

    WebSockets it closes by itself, with 1012.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        then = before[signal.Signals(number)]
        if callable(then):
            then(number, frame)

    handled = [number for number in SIGNALS if callable(before[number])]
    for number in handled:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])
