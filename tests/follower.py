"""Follows what happens as clients do: over a WebSocket, or as server-sent events."""

import asyncio
import json
import socket as stdlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PROTOCOL: Any = "graphql-transport-ws"
PATIENCE = 15.0


class Socket:
    """A connection by `graphql-transport-ws`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._names = count(1)

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def next(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next message; raises ConnectionClosed with the code."""
        async with asyncio.timeout(patience):
            found: dict[str, Any] = json.loads(await self.connection.recv())
        return found

    async def begin(self, **payload: Any) -> dict[str, Any]:
        await self.send(type="connection_init", payload=payload)
        return await self.next()

    async def follow(self, query: str, **variables: Any) -> str:
        name = str(next(self._names))
        await self.send(type="subscribe", id=name, payload={"query": query, "variables": variables})
        return name

    async def data(self) -> Any:
        """What the next message tells, which must be an answer without errors."""
        message = await self.next()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (value,) = message["payload"]["data"].values()
        return value

    async def closed(self, patience: float = PATIENCE) -> tuple[int | None, str | None]:
        """The code and reason of the end, after whatever comes before."""
        async with asyncio.timeout(patience):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
            await self.connection.wait_closed()
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket(
    address: str, headers: dict[str, str] | None = None, *, narrow: bool = False, **options: Any
) -> AsyncIterator[Socket]:
    """A connection to the service at `address`; `narrow` ones take little at once."""
    url = f"{address.replace('http', 'ws', 1)}/graphql"
    if narrow:
        parts = urlsplit(address)
        options["sock"] = plain = stdlib.socket()
        plain.setsockopt(stdlib.SOL_SOCKET, stdlib.SO_RCVBUF, 4096)
        plain.connect((parts.hostname, parts.port))
        plain.setblocking(False)  # noqa: FBT003  (it has no name)
    async with connect(
        url, additional_headers=headers, subprotocols=[PROTOCOL], compression=None, **options
    ) as connection:
        yield Socket(connection)


class Stream:
    """A response of server-sent events."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, patience: float = PATIENCE) -> tuple[str, Any]:
        """The next event: its name and what it tells; comments are passed over."""
        name, data = "", None
        async with asyncio.timeout(patience):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    said = line.removeprefix("data:").strip()
                    data = json.loads(said) if said else None
                elif not line and name:
                    return name, data
        return "end", None


@asynccontextmanager
async def stream(
    http: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: Any
) -> AsyncIterator[Stream]:
    """What `query` answers, as events."""
    asked = {"query": query, "variables": variables}
    headers = {"accept": "text/event-stream", **headers}
    async with http.stream("POST", "/graphql", json=asked, headers=headers) as answer:
        yield Stream(answer)
