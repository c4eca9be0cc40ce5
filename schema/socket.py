"""Subscriptions over a WebSocket, by the protocol `graphql-transport-ws` and no other.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Queries and mutations go by POST.
"""

import asyncio
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import orjson
from starlette.authentication import AuthenticationError
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from auth.credentials import Credentials
from auth.refused import IssuerAway, Refused
from models.cache import Cache
from models.outward import Outward
from resolvers.context import Context
from schema.asked import MAX_BODY, BadRequest, checked
from schema.errors import UNAVAILABLE, internal, told, unavailable
from schema.http import doer
from schema.language import translate
from schema.presence import MAX_STREAMS, PATIENCE, Full, Presence, Seats
from schema.streams import Answer, answers

PROTOCOL = "graphql-transport-ws"

INIT = 5.0
"""Seconds in which a connection must say who it is of."""

GONE = (WebSocketDisconnect, WebSocketDisconnected)
"""What is raised for a connection that is closed already."""

MAX_REASON = 123
"""Bytes of the reason for which a connection is closed: WebSockets take no more."""

SLOW = 4499
"""The code by which readers are dropped that are too slow: go on after the last cursor."""


class Closed(Exception):
    """The connection is to be closed with `code`; without one it is closed already."""

    def __init__(self, code: int = 0, reason: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Sockets:
    """The endpoint."""

    def __init__(
        self, cache: Cache, outward: Outward, credentials: Credentials, seats: Seats
    ) -> None:
        self.cache = cache
        self.outward = outward
        self.credentials = credentials
        self.seats = seats

    async def serve(self, socket: WebSocket) -> None:
        """Talk over one connection, until either side has enough."""
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        closed = Closed()
        try:
            async with asyncio.TaskGroup() as group:
                await _Conversation(self, socket, group).run()
        except* Closed as ended:
            closed = next(one for one in _leaves(ended) if isinstance(one, Closed))
        except* UNAVAILABLE as away:
            unavailable(next(iter(_leaves(away))))
            closed = Closed(1013, "UNAVAILABLE")
        except* Exception as fault:  # noqa: BLE001  (told with an id, and the rest in the log)
            internal(fault)
            closed = Closed(4500, "INTERNAL")
        if closed.code:
            reason = closed.reason.encode()[:MAX_REASON].decode(errors="ignore")
            with suppress(*GONE):
                await socket.close(closed.code, reason)


def _leaves(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    return [
        leaf
        for one in group.exceptions
        for leaf in (_leaves(one) if isinstance(one, BaseExceptionGroup) else [one])
    ]


class _Conversation:
    """What is said over one connection. Any of its tasks may end it, by raising Closed."""

    def __init__(self, endpoint: Sockets, socket: WebSocket, group: asyncio.TaskGroup) -> None:
        self._endpoint = endpoint
        self._socket = socket
        self._group = group
        self._sending = asyncio.Lock()
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Take messages until the connection is closed, which raises Closed."""
        presence, conn = await self._begun()
        context = Context(
            presence.viewer,
            self._endpoint.cache,
            doer(conn, presence.viewer),
            translate,
            self._endpoint.outward,
            self._endpoint.credentials.marks,
            presence.again,
        )
        with ExitStack() as seat:
            try:
                seat.enter_context(
                    self._endpoint.seats.taken("connection", presence.viewer.account)
                )
            except Full:
                raise Closed(1013, "TOO_MANY_SUBSCRIPTIONS") from None
            await self._send({"type": "connection_ack"})
            self._group.create_task(self._watch(presence))
            while True:
                await self._take(await self._message(), context)

    async def _take(self, message: dict[str, Any], context: Context) -> None:
        match message.get("type"):
            case "subscribe":
                await self._subscribe(message, context)
            case "complete":
                running = self._running.pop(_id(message), None)
                if running is not None:
                    running.cancel()
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "connection_init":
                raise Closed(4429, "Too many initialisation requests")
            case _:
                raise Closed(4400, "Unknown message type")

    async def _subscribe(self, message: dict[str, Any], context: Context) -> None:
        name = _id(message)
        if name in self._running:
            raise Closed(4409, f"Subscriber for {name} already exists")
        try:
            asked = checked(message.get("payload"))
        except BadRequest as bad:
            raise Closed(4400, translate(bad.message or bad.code)) from None
        if len(self._running) >= MAX_STREAMS:
            await self._refuse(name, "TOO_MANY_SUBSCRIPTIONS")
            return
        running = self._group.create_task(self._follow(name, asked, context))
        self._running[name] = running
        running.add_done_callback(lambda _: self._forget(name, running))

    def _forget(self, name: str, running: asyncio.Task[None]) -> None:
        if self._running.get(name) is running:
            del self._running[name]

    async def _follow(self, name: str, asked: dict[str, Any], context: Context) -> None:
        try:
            with self._endpoint.seats.taken("subscription", context.viewer.account):
                async with aclosing(answers(asked, context)) as told_:
                    async for answer in told_:
                        if not await self._tell(name, answer):
                            return
        except Full:
            await self._refuse(name, "TOO_MANY_SUBSCRIPTIONS")
            return
        self._running.pop(name, None)
        await self._send({"id": name, "type": "complete"})

    async def _tell(self, name: str, answer: Answer) -> bool:
        """Whether more may follow."""
        if answer.refused:
            self._running.pop(name, None)
            errors = answer.body["errors"]
            await self._send({"id": name, "type": "error", "payload": errors})
            return False
        await self._send({"id": name, "type": "next", "payload": answer.body})
        return True

    async def _refuse(self, name: str, code: str) -> None:
        self._running.pop(name, None)
        await self._send({"id": name, "type": "error", "payload": [told(code)]})

    async def _watch(self, presence: Presence) -> None:
        raise Closed(4403, await presence.over())

    async def _begun(self) -> tuple[Presence, HTTPConnection]:
        """Whose connection it is, as its first message or its opening says."""
        try:
            async with asyncio.timeout(INIT):
                message = await self._message()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        if message.get("type") != "connection_init":
            raise Closed(4401, "Unauthorized")
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            raise Closed(4400, "Invalid connection init payload")
        conn = self._credential(payload)
        try:
            found = await self._endpoint.credentials.authenticate(conn)
        except IssuerAway as away:
            raise Closed(1013, away.code) from None
        except AuthenticationError as error:
            raise Closed(4403, getattr(error, "code", Refused.code)) from None
        if found is None:
            raise Closed(4403, "UNAUTHENTICATED")
        self._socket.scope["auth"], self._socket.scope["user"] = found
        return Presence(self._endpoint.credentials, conn, found[1]), conn

    def _credential(self, payload: dict[str, Any]) -> HTTPConnection:
        """The opening of the connection, with the token that the first message brings."""
        headers = list(self._socket.scope["headers"])
        given = payload.get("authorization", payload.get("Authorization"))
        if isinstance(given, str):
            headers = [one for one in headers if one[0] != b"authorization"]
            headers.append((b"authorization", given.encode("latin-1", "replace")))
        return HTTPConnection({**self._socket.scope, "headers": headers})

    async def _message(self) -> dict[str, Any]:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise Closed
        text = event.get("text")
        if text is None:
            raise Closed(4400, "Messages are text")
        if len(text) > MAX_BODY:
            raise Closed(1009, "BODY_TOO_LARGE")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict):
            raise Closed(4400, "Messages are JSON objects")
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._sending:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._socket.send_text(orjson.dumps(message).decode())
            except TimeoutError:
                raise Closed(SLOW, "Too slow: go on after the last cursor") from None
            except GONE:
                raise Closed from None


def _id(message: dict[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= 128:
        raise Closed(4400, "`id` is a string of at most 128 characters")
    return name
