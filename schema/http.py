"""GraphQL over HTTP: JSON in by POST, JSON out."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import orjson
from starlette.authentication import AuthenticationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from auth.credentials import Credentials, source_of
from auth.refused import ForeignOrigin, IssuerAway, Refused, TooManyAttempts
from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache
from models.outward import Outward
from resolvers.context import Context
from schema import sse
from schema.errors import CODES, internal, present, told, unavailable
from schema.language import translate
from schema.presence import Presence, Seats
from schema.root import schema

MAX_BODY = 1024 * 1024
"""Bytes of a request."""

BY_POST = (OperationType.QUERY, OperationType.MUTATION)


class BadRequest(Exception):
    """A request that is not a GraphQL one."""

    def __init__(self, status: int, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def answer(body: dict[str, Any], status: int = 200, **headers: str) -> Response:
    """`body` as JSON, for nobody else to keep."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        orjson.dumps(body),
        status,
        {"cache-control": "no-store", **named},
        "application/json; charset=utf-8",
    )


def unauthenticated(_: HTTPConnection, error: AuthenticationError) -> Response:
    """What a request with a token that opens nothing is told."""
    code = error.code if isinstance(error, Refused) else "TOKEN_INVALID"
    if isinstance(error, TooManyAttempts):
        return answer({"errors": [told(code)]}, 429, retry_after=str(error.seconds))
    if isinstance(error, ForeignOrigin | IssuerAway):
        return answer({"errors": [told(code)]}, 403 if isinstance(error, ForeignOrigin) else 503)
    challenge = f'Bearer error="invalid_token", error_description="{CODES[code]}"'
    return answer({"errors": [told(code)]}, 401, www_authenticate=challenge)


async def no_route(_: Request, error: Exception) -> Response:
    """What a request to nowhere, or by a method that is not taken, is told."""
    refused = cast(HTTPException, error)
    code = "METHOD_NOT_ALLOWED" if refused.status_code == 405 else "NO_SUCH_PATH"
    return answer({"errors": [told(code)]}, refused.status_code, **dict(refused.headers or {}))


async def away(_: Request, error: Exception) -> Response:
    """What is told when the database does not answer."""
    return answer({"errors": [unavailable(error)]}, 503)


async def fault(_: Request, error: Exception) -> Response:
    """What is told when the service itself is at fault."""
    return answer({"errors": [internal(error)]}, 500)


class GraphQL:
    """The endpoint. What is followed as events ends once `stopping` is set."""

    def __init__(
        self,
        cache: Cache,
        outward: Outward,
        credentials: Credentials,
        seats: Seats,
        stopping: asyncio.Event,
    ) -> None:
        self._cache = cache
        self._outward = outward
        self._credentials = credentials
        self._seats = seats
        self._stopping = stopping

    async def serve(self, request: Request) -> Response:
        """Run the operation of a request as its viewer."""
        viewer = request.user
        if not isinstance(viewer, Viewer):
            return answer({"errors": [told("UNAUTHENTICATED")]}, 401, www_authenticate="Bearer")
        context = Context(viewer, self._cache, doer(request, viewer), translate, self._outward)
        try:
            asked = await _asked(request)
            if sse.wanted(request):
                return self._follow(request, asked, context)
            return await self._run(asked, context)
        except BadRequest as bad:
            message = translate(bad.message) if bad.message else None
            return answer({"errors": [told(bad.code, message)]}, bad.status)

    def _follow(self, request: Request, asked: dict[str, Any], context: Context) -> Response:
        presence = Presence(self._credentials, request, context.viewer)
        followed = replace(context, again=presence.again)
        return sse.Events(asked, followed, presence, self._seats, self._stopping)

    async def _run(self, asked: dict[str, Any], context: Context) -> Response:
        try:
            result = await schema.execute(
                asked["query"],
                variable_values=asked.get("variables"),
                context_value=context,
                operation_name=asked.get("operationName"),
                allowed_operation_types=BY_POST,
            )
        except CannotGetOperationTypeError:
            message = "Name one of the document's operations in `operationName`."
            raise BadRequest(400, "BAD_REQUEST", message) from None
        except InvalidOperationTypeError:
            message = "A subscription is followed over a WebSocket, or as `text/event-stream`."
            raise BadRequest(400, "BAD_REQUEST", message) from None
        body: dict[str, Any] = {}
        if result.errors:
            executed = not isinstance(result, PreExecutionError)
            body["errors"] = present(result.errors, executed=executed)
        if result.data is None and result.errors:
            codes = {error["extensions"]["code"] for error in body["errors"]}
            if any(error.path for error in result.errors):
                body["data"] = None
            return answer(body, _status(codes))
        return answer({"data": result.data, **body})


def doer(request: HTTPConnection, viewer: Viewer) -> Doer:
    """Who does what a request does, for the audit trail."""
    address = source_of(request) or None
    return Doer(viewer.account, viewer.label, address, request.scope["relais.request"])


def _status(codes: set[str]) -> int:
    """The status of an answer without data."""
    if "INTERNAL" in codes:
        return 500
    return 503 if "UNAVAILABLE" in codes else 400


async def _asked(request: Request) -> dict[str, Any]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE")
    try:
        asked = orjson.loads(await _body(request))
    except orjson.JSONDecodeError:
        raise BadRequest(400, "BAD_REQUEST", "The body is not JSON.") from None
    return checked(asked)


def checked(asked: Any) -> dict[str, Any]:
    """`asked`, if it is a GraphQL request. Raises BadRequest."""
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str) or not asked["query"]:
        message = "The body must be an object whose `query` is a GraphQL document."
        raise BadRequest(400, "BAD_REQUEST", message)
    for name, kind, what in (
        ("variables", dict, "an object"),
        ("operationName", str, "a string"),
        ("extensions", dict, "an object"),
    ):
        if asked.get(name) is not None and not isinstance(asked[name], kind):
            raise BadRequest(400, "BAD_REQUEST", f"`{name}` must be {what}.")
    return asked


async def _body(request: Request) -> bytes:
    """The body, read only as far as it may go."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise BadRequest(413, "BODY_TOO_LARGE")
    except ClientDisconnect:
        raise BadRequest(400, "BAD_REQUEST", "The body ended too early.") from None
    return bytes(body)
