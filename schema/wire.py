"""How uvicorn serves: messages are bounded, and nobody keeps a connection by not reading."""

from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from schema.asked import MAX_BODY

CUT = 10.0
"""Seconds after which a connection that was closed is cut, whether or not that was heard."""


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
