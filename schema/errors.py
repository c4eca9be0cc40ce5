"""What clients are told of errors: a stable code, and nothing of the inside."""

import logging
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import uuid4

import asyncpg
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from tortoise.exceptions import DBConnectionError

from models import measures
from models.errors import Refusal
from schema.language import translate
from schema.requests import noted

log = logging.getLogger("relais")

UNAVAILABLE = (
    OSError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
"""What a database raises that is away, starts or stops, is full, or lets nobody in."""

MAX_ERRORS = 50
"""Errors that are told of one request."""

MAX_MESSAGE = 500
"""Characters of a message that may quote the document, which can be long."""

_MEANT = re.compile(r" ?Did you mean [^?]*\?")
MISDIRECTED = (InvalidOperationTypeError, CannotGetOperationTypeError)
"""What the library raises for an operation that can't be run, or not this way."""

NAME_ONE = "Name one of the document's operations in `operationName`."
BY_POST = "Queries and mutations go by POST."

_VARIABLE = re.compile(r"Variable '\$\w+' has invalid value")

CODES = {
    "UNAUTHENTICATED": "No token was given.",
    "TOKEN_INVALID": "The token is not one that opens this service, or its account is closed.",
    "TOKEN_EXPIRED": "The token's time is over.",
    "SESSION_ENDED": "The session is over: sign in again.",
    "TOO_MANY_ATTEMPTS": "Too many bad tokens came from here: wait as long as `Retry-After` says.",
    "TOO_MANY_SUBSCRIPTIONS": "Too many subscriptions, or connections, at once.",
    "ISSUER_UNAVAILABLE": "The keys of the token's issuer can't be had: try again in a moment.",
    "BAD_REQUEST": "The body is not a GraphQL request.",
    "BODY_TOO_LARGE": "The body is larger than 1 MiB.",
    "UNSUPPORTED_MEDIA_TYPE": "The body is not `application/json`.",
    "FOREIGN_ORIGIN": "Pages of other sites ask with a token, not with the session of a browser.",
    "NOT_ACCEPTABLE": "The answer is JSON, which `Accept` does not take.",
    "METHOD_NOT_ALLOWED": "Not by this method: `Allow` names those that are taken.",
    "UNTRUSTED_DOCUMENT": "Only documents that are registered here are run so.",
    "PERSISTED_QUERY_NOT_FOUND": "No document of that hash is registered here.",
    "NO_SUCH_PATH": "There is nothing at this path: GraphQL is at /graphql.",
    "PARSE_FAILED": "The document is not GraphQL, or has too many tokens.",
    "VALIDATION_FAILED": "The document does not fit the schema.",
    "TOO_DEEP": "The document nests too deep.",
    "TOO_COMPLEX": "The document repeats or branches too much.",
    "TOO_COSTLY": "The operation costs more than one may.",
    "BUDGET_SPENT": "The account asked for too much: wait as long as `Retry-After` says.",
    "BAD_VARIABLES": "A variable is missing or of the wrong type.",
    "BAD_INPUT": "An argument has a value that can't be right.",
    "BAD_ID": "An id that this service did not issue, or of a thing of another type.",
    "BAD_CURSOR": "A cursor of another list or order.",
    "BAD_PERIOD": "The period ends before it begins, or is too long.",
    "TOO_MANY_CELLS": "More figures than one answer may hold.",
    "NOT_FOUND": "Nothing by that id in the viewer's scope.",
    "ALREADY_REPLIED": "The structure has a reply, or a draft of one.",
    "ALREADY_WITHDRAWN": "The reply was withdrawn.",
    "STALE_VERSION": "It was changed since it was read.",
    "ILLEGAL_STEP": "In this state that can't be done; the message says what can.",
    "VALIDATION_REQUIRED": "The network validates replies before they are published.",
    "SELF_VALIDATION": "Nobody validates what they wrote.",
    "ALREADY_CONCERNED": "The review concerns that place already.",
    "NOT_BELOW": "The office is not below the present one: ask for a transfer.",
    "DRAFT_OPEN": "A draft of a reply would be read by another network.",
    "ALREADY_OPEN": "There is one under way: go on with that one.",
    "NAME_TAKEN": "Something else of its kind has that name.",
    "FINDINGS_TO_CONFIRM": "What would be public seems to name someone: confirm that it may.",
    "BULK_NOT_ALLOWED": "The network wants each review answered by itself.",
    "IDEMPOTENCY_KEY_REUSED": "The idempotency key stands for another request.",
    "ERASED": "It was erased for good: it does not come back.",
    "SOURCE_ID_TAKEN": "The identifier of the source stands for another review.",
    "ATTACHMENT_TOO_LARGE": "The file is larger than 5 MiB.",
    "ATTACHMENT_TYPE": "The file is no PDF, PNG or JPEG, or is not what `Content-Type` says.",
    "ATTACHMENTS_WAITING": "Too many files wait to be named in a report: name them first.",
    "STORAGE_FULL": "The file can't be stored now, and nothing of it was: try again later.",
    "RESYNC_REQUIRED": "What happened since can't all be told: read anew, follow from now on.",
    "EXPORT_EMPTY": "There is nothing to export.",
    "EXPORT_QUOTA": "Too many exports: the message says how many there may be.",
    "EXPORT_UNREADY": "The export can't be fetched; its state says why.",
    "EXPORT_EXPIRED": "The export's file is gone: ask for another.",
    "EXPORT_OUTDATED": "Words were taken out since, or rights taken back: ask for another export.",
    "ALREADY_REVOKED": "It was revoked, or shut out, before.",
    "ALREADY_ACTIVE": "The account is not shut out.",
    "BEYOND_OWN_RIGHTS": "More than one's own: in scope, in rights or in time.",
    "SELF_GRANT": "Nobody gives rights to themselves.",
    "UNAVAILABLE": "The database is away: try again in a moment.",
    "INTERNAL": "A fault of the service; its `id` is in the log.",
}
"""Every code, and what it says. docs/errors.md is made from this."""


def told(code: str, message: str | None = None, **more: Any) -> dict[str, Any]:
    """One error as clients get it."""
    noted().codes[code] = None
    return {"message": message or translate(CODES[code]), "extensions": {"code": code, **more}}


def present(
    errors: Iterable[GraphQLError], *, executed: bool, explain: bool = True
) -> list[dict[str, Any]]:
    """`errors` as clients get them; `executed` unless parsing or validation made them.

    Names that might have been meant are told if `explain` says so.
    """
    shown = [_present(error, executed=executed) for error in islice(errors, MAX_ERRORS)]
    if not explain:
        for error in shown:
            error["message"] = _MEANT.sub("", error["message"])
    return shown


def _present(error: GraphQLError, *, executed: bool) -> dict[str, Any]:
    shown = _tell(error, executed=executed)
    if error.locations:
        shown["locations"] = [place.formatted for place in error.locations]
    if error.path:
        shown["path"] = error.path
    return shown


def _tell(error: GraphQLError, *, executed: bool) -> dict[str, Any]:
    cause = error.original_error
    if isinstance(cause, Refusal):
        message = translate(cause.message).format(**cause.values)
        return told(cause.code, message, field=list(cause.field))
    if isinstance(cause, UNAVAILABLE):
        return unavailable(cause)
    if isinstance(cause, MISDIRECTED):
        return told("BAD_REQUEST", translate(_misdirected(cause)))
    code = _code(error, executed=executed)
    return _quoting(code, error.message[:MAX_MESSAGE]) if code else internal(cause or error)


def _misdirected(cause: Exception) -> str:
    return BY_POST if isinstance(cause, InvalidOperationTypeError) else NAME_ONE


def _code(error: GraphQLError, *, executed: bool) -> str:
    """What is wrong with the document or its variables; empty when the fault is ours."""
    if isinstance(error, GraphQLSyntaxError):
        return "PARSE_FAILED"
    if (executed and not error.path) or _VARIABLE.match(error.message):
        return "BAD_VARIABLES"
    if error.original_error is None and not executed:
        return str((error.extensions or {}).get("code", "VALIDATION_FAILED"))
    return ""


def _quoting(code: str, said: str) -> dict[str, Any]:
    """What the library says of a document: in English, after a sentence in the right language."""
    sentence = translate(CODES[code])
    return told(code, said if sentence == CODES[code] else f"{sentence} ({said})")


def unavailable(error: BaseException) -> dict[str, Any]:
    """The database is away: why is for the log."""
    measures.UNAVAILABLE.inc()
    log.warning("database unavailable: %s: %s", type(error).__name__, error)
    return told("UNAVAILABLE")


def internal(error: BaseException) -> dict[str, Any]:
    """A fault of ours: its id for the client, the rest for the log."""
    fault = uuid4().hex
    measures.FAULTS.inc()
    log.error("fault %s", fault, exc_info=error)
    return told("INTERNAL", id=fault)
