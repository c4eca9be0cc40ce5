"""What a request asks: a JSON body by POST, or a trusted document by GET."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from schema.documents import Documents, sha256

MAX_BODY = 1024 * 1024
"""Bytes of a request."""

MAX_DOCUMENT = 128 * 1024
"""Characters of a document."""

MAX_VALUES = 20_000
"""Values in the variables of one request."""

MAX_NESTING = 16
"""Values within values of variables."""


class BadRequest(Exception):
    """A request that is not a GraphQL one, or one that is not taken."""

    def __init__(self, status: int, code: str, message: str | None = None, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation, and the values of its variables; `reading` when it must not change anything."""

    document: str
    operation: str | None
    variables: dict[str, Any] | None
    extensions: Mapping[str, Any]
    reading: bool

    def parameters(self) -> dict[str, Any]:
        """The same as a body has it."""
        return {
            "query": self.document,
            "operationName": self.operation,
            "variables": self.variables,
        }


def checked(parameters: Any) -> dict[str, Any]:
    """`parameters`, if they are a GraphQL request. Raises BadRequest."""
    if not isinstance(parameters, dict):
        message = "The body must be an object whose `query` is a GraphQL document."
        raise BadRequest(400, "BAD_REQUEST", message)
    _typed(parameters)
    _document(parameters, parameters.get("extensions") or {}, Documents())
    _bounded(parameters.get("variables") or {})
    return parameters


async def asked(request: Request, documents: Documents) -> Asked:
    """What `request` asks. Raises BadRequest."""
    reading = request.method != "POST"
    parameters = _given(request) if reading else await _posted(request)
    _typed(parameters)
    variables, extensions = parameters.get("variables"), parameters.get("extensions") or {}
    if variables:
        _bounded(variables)
    document = _document(parameters, extensions, documents)
    if not (documents.trusts(document) if reading else documents.admits(document)):
        raise BadRequest(403, "UNTRUSTED_DOCUMENT")
    return Asked(document, parameters.get("operationName"), variables, extensions, reading)


def _typed(parameters: Mapping[str, Any]) -> None:
    for name, kind, what in (
        ("variables", dict, "an object"),
        ("operationName", str, "a string"),
        ("extensions", dict, "an object"),
        ("documentId", str, "a string"),
    ):
        if parameters.get(name) is not None and not isinstance(parameters[name], kind):
            raise BadRequest(400, "BAD_REQUEST", f"`{name}` must be {what}.")


def _document(
    parameters: Mapping[str, Any], extensions: Mapping[str, Any], documents: Documents
) -> str:
    query, key = parameters.get("query"), _key(parameters, extensions)
    if key is not None and query is None:
        found = documents.find(key)
        if found is None:
            raise BadRequest(404, "PERSISTED_QUERY_NOT_FOUND")
        return found
    if not isinstance(query, str) or not query:
        message = "The body must be an object whose `query` is a GraphQL document."
        raise BadRequest(400, "BAD_REQUEST", message)
    if len(query) > MAX_DOCUMENT:
        raise BadRequest(413, "BODY_TOO_LARGE", "The document is longer than 131,072 characters.")
    if key is not None and key != sha256(query):
        raise BadRequest(400, "BAD_REQUEST", "The hash is not that of the document.")
    return query


def _key(parameters: Mapping[str, Any], extensions: Mapping[str, Any]) -> str | None:
    """The hash by which a document is named, in either of the usual ways."""
    identifier: str | None = parameters.get("documentId")
    if identifier is not None:
        return identifier.removeprefix("sha256:")
    persisted = extensions.get("persistedQuery")
    key = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return key if isinstance(key, str) else None


def _given(request: Request) -> dict[str, Any]:
    """The parameters of a GET."""
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        try:
            parameters[name] = orjson.loads(parameters.get(name) or "null")
        except orjson.JSONDecodeError:
            raise BadRequest(400, "BAD_REQUEST", f"`{name}` must be an object.") from None
    return parameters


async def _posted(request: Request) -> dict[str, Any]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE")
    try:
        parameters = orjson.loads(await _body(request))
    except orjson.JSONDecodeError:
        raise BadRequest(400, "BAD_REQUEST", "The body is not JSON.") from None
    if not isinstance(parameters, dict):
        message = "The body must be an object whose `query` is a GraphQL document."
        raise BadRequest(400, "BAD_REQUEST", message)
    return parameters


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


def _bounded(variables: dict[str, Any]) -> None:
    """Raises BadRequest for variables of too many values, or nested too deep."""
    level: list[Any] = list(variables.values())
    count = 0
    for _ in range(MAX_NESTING):
        count += len(level)
        if count > MAX_VALUES:
            raise BadRequest(413, "BODY_TOO_LARGE", "The variables hold more than 20,000 values.")
        within: list[Any] = []
        for value in level:
            if type(value) is dict:
                within.extend(value.values())
            elif type(value) is list:
                within.extend(value)
        if not within:
            return
        level = within
    message = "The variables are nested more than 16 levels deep."
    raise BadRequest(400, "BAD_VARIABLES", message)
