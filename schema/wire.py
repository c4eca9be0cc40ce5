"""How uvicorn serves: messages are bounded, and nobody keeps a connection by not reading."""

from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from schema.asked import MAX_BODY

CUT = 10.0
"""Seconds after which a connection that was closed is cut, whether or not that was heard."""


UNREAD = 60.0
"""Seconds after which a connection is cut on which nothing of an answer is read any more."""


class Http(HttpToolsProtocol):
    """uvicorn's HTTP, where nobody has answers kept that they do not read."""

    def on_response_complete(self) -> None:
        """Go on with the next request, and see that this answer leaves."""
        cycle = self.cycle
        super().on_response_complete()
        self._watch(cycle, self.transport.get_write_buffer_size())

    def _watch(self, cycle: Any, left: int) -> None:
        if left:
            self.loop.call_later(UNREAD, self._look, cycle, left)

    def _look(self, cycle: Any, left: int) -> None:
        now = self.transport.get_write_buffer_size()
        if cycle is not self.cycle:  # another answer is looked after by itself
            return
        if now == left:
            self.transport.abort()
        else:
            self._watch(cycle, now)


class Wire(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets, where the last word does not wait for a reader that reads nothing."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send; what closes the connection goes at once, and the connection soon after it."""
        if message["type"] == "websocket.close":
            self.writable.set()
            self.loop.call_later(CUT, self.transport.abort)
        await super().send(message)


SERVER: dict[str, Any] = {
    "http": Http,
    "ws": Wire,
    "ws_max_size": MAX_BODY,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,
}
"""Options of uvicorn. Nothing is compressed: each connection would take memory for it."""
