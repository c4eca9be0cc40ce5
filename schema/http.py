"""GraphQL over HTTP: a document in, JSON out."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import orjson
from starlette.authentication import AuthenticationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from auth.budget import Bill, Budgets
from auth.credentials import Credentials, source_of
from auth.refused import ForeignOrigin, IssuerAway, Refused, TooManyAttempts
from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache
from models.outward import Outward
from resolvers.context import Context
from schema import sse
from schema.asked import Asked, BadRequest, asked
from schema.cost import values
from schema.documents import Documents
from schema.errors import CODES, internal, present, told, unavailable
from schema.language import translate
from schema.media import JSON, RESPONSE, negotiated
from schema.presence import Presence, Seats
from schema.requests import noted
from schema.root import schema

BY_GET = (OperationType.QUERY,)
BY_POST = (OperationType.QUERY, OperationType.MUTATION)


def answer(
    body: dict[str, Any], status: int = 200, media_type: str = JSON, **headers: str
) -> Response:
    """`body` as JSON, for nobody else to keep."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        orjson.dumps(body),
        status,
        {"cache-control": "no-store", "x-content-type-options": "nosniff", **named},
        f"{media_type}; charset=utf-8",
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
    """The endpoint. What is followed as events ends once `stopping` is set.

    `invalid` is the status of what was read, and does not fit the schema.
    """

    def __init__(
        self,
        cache: Cache,
        outward: Outward,
        credentials: Credentials,
        seats: Seats,
        stopping: asyncio.Event,
        *,
        documents: Documents,
        budgets: Budgets,
        invalid: int,
        explain: bool,
    ) -> None:
        self._cache = cache
        self._outward = outward
        self._credentials = credentials
        self._seats = seats
        self._stopping = stopping
        self._documents = documents
        self._budgets = budgets
        self._invalid = invalid
        self._explain = explain

    async def serve(self, request: Request) -> Response:
        """Run the operation of a request as its viewer."""
        streams = sse.wanted(request)
        media = JSON if streams else negotiated(request.headers.get("accept", ""))
        if media is None:
            return answer({"errors": [told("NOT_ACCEPTABLE")]}, 406, vary="Accept")
        try:
            viewer = _viewer(request)
            wanted = await asked(request, self._documents)
            noted().trusted = self._documents.trusts(wanted.document)
            context = self._context(request, viewer, wanted)
            if streams:
                return self._follow(request, wanted, context)
            return await self._answer(wanted, context, media)
        except BadRequest as bad:
            message = translate(bad.message) if bad.message else None
            body = {"errors": [told(bad.code, message)]}
            return answer(body, bad.status, media, vary="Accept", **bad.headers)

    def _context(self, request: Request, viewer: Viewer, wanted: Asked) -> Context:
        preview = wanted.extensions.get("cost") == "preview"
        return Context(
            viewer,
            self._cache,
            doer(request, viewer),
            translate,
            self._outward,
            marks=self._credentials.marks,
            explain=self._explain,
            bill=Bill(self._budgets, viewer.account, preview=preview),
        )

    def _follow(self, request: Request, wanted: Asked, context: Context) -> Response:
        presence = Presence(self._credentials, request, context.viewer)
        followed = replace(context, again=presence.again)
        return sse.Events(wanted.parameters(), followed, presence, self._seats, self._stopping)

    async def _answer(self, wanted: Asked, context: Context, media: str) -> Response:
        bill = context.bill
        result = await self._run(wanted, context)
        if result.data is not None:
            bill.settle(values(result.data))
        body: dict[str, Any] = {"extensions": {"cost": bill.told()}}
        status = 200
        if result.errors:
            executed = not isinstance(result, PreExecutionError)
            body["errors"] = present(result.errors, executed=executed, explain=self._explain)
            if result.data is None:
                status = _status(body["errors"]) or (self._invalid if media == RESPONSE else 200)
        if result.data is not None or bill.preview or any(e.path for e in result.errors or ()):
            body = {"data": result.data, **body}
        return answer(body, status, media, vary="Accept", **bill.headers())

    async def _run(self, wanted: Asked, context: Context) -> ExecutionResult:
        try:
            return await schema.execute(
                wanted.document,
                variable_values=wanted.variables,
                context_value=context,
                operation_name=wanted.operation,
                allowed_operation_types=BY_GET if wanted.reading else BY_POST,
            )
        except CannotGetOperationTypeError:
            message = "Name one of the document's operations in `operationName`."
            raise BadRequest(400, "BAD_REQUEST", message) from None
        except InvalidOperationTypeError:
            if wanted.reading:
                raise BadRequest(405, "METHOD_NOT_ALLOWED", allow="POST") from None
            message = "A subscription is followed over a WebSocket, or as `text/event-stream`."
            raise BadRequest(400, "BAD_REQUEST", message) from None


def doer(request: HTTPConnection, viewer: Viewer) -> Doer:
    """Who does what a request does, for the audit trail."""
    address = source_of(request) or None
    return Doer(viewer.account, viewer.label, address, request.scope["relais.request"])


def _viewer(request: Request) -> Viewer:
    """Who asks. Raises BadRequest when nobody said."""
    if not isinstance(request.user, Viewer):
        raise BadRequest(401, "UNAUTHENTICATED", www_authenticate="Bearer")
    return request.user


def refusals(result: ExecutionResult | PreExecutionError) -> tuple[list[dict[str, Any]], int]:
    """The errors of `result`, which has no data, as clients get them; and their status."""
    executed = not isinstance(result, PreExecutionError)
    errors = present(result.errors or (), executed=executed)
    return errors, _status(errors) or 400


def _status(errors: list[dict[str, Any]]) -> int | None:
    """The status of an answer without data that could be right another time."""
    codes = {error["extensions"]["code"] for error in errors}
    statuses = {"INTERNAL": 500, "UNAVAILABLE": 503, "BUDGET_SPENT": 429}
    return next((status for code, status in statuses.items() if code in codes), None)
