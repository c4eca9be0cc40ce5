import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.account import Role
from schema import wire
from schema.asked import MAX_BODY, MAX_DOCUMENT, MAX_NESTING, MAX_VALUES
from schema.errors import CODES
from tests import factories as make
from tests.client import Client

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
ASKED = b'{"query": "{ __typename }"}'
JSON = "application/json; charset=utf-8"
RESPONSE = "application/graphql-response+json; charset=utf-8"


@pytest.fixture
async def person(api: Client) -> dict[str, str]:
    """The headers of a known person who sends JSON."""
    name = await make.person(Role.NETWORK_MANAGER, network="caf")
    return {**api.headers(name), "content-type": "application/json"}


def told(answer: httpx.Response) -> tuple[int, str]:
    """The status and the one code of an answer, which must be JSON that nobody keeps."""
    assert answer.headers["content-type"] in {JSON, RESPONSE}
    assert answer.headers["cache-control"] == "no-store"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] in CODES
    return answer.status_code, error["extensions"]["code"]


def nested(levels: int) -> Any:
    """A value within so many lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


async def test_an_answer_is_json_that_nobody_keeps(api: Client, person: dict[str, str]) -> None:
    answer = await api.http.post("/graphql", content=ASKED, headers=person)

    names = ("content-type", "cache-control", "x-content-type-options", "vary")
    assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})
    assert {name: answer.headers[name] for name in names} == {
        "content-type": RESPONSE,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "vary": "Accept, Accept-Language",
    }


ACCEPTED = {
    "": JSON,
    "*/*": JSON,
    "application/*": JSON,
    "application/json": JSON,
    "application/json, */*": JSON,
    "application/graphql-response+json": RESPONSE,
    "application/graphql-response+json, application/json;q=0.9": RESPONSE,
    "application/json, application/graphql-response+json": RESPONSE,
    "application/json, application/graphql-response+json;q=0.5": JSON,
    "Application/JSON ; charset=utf-8 ; Q=1": JSON,
    "text/html, */*;q=0.1": JSON,
    "application/json;q=nan": JSON,
    "text/html": None,
    "application/json;q=0": None,
    "application/graphql-response+json;q=0": None,
    ",": None,
}


@pytest.mark.parametrize(("accept", "told_in"), ACCEPTED.items())
async def test_the_answer_is_in_the_media_type_that_is_liked_best(
    api: Client, person: dict[str, str], accept: str, told_in: str | None
) -> None:
    answer = await api.http.post("/graphql", content=ASKED, headers={**person, "accept": accept})

    if told_in is None:
        assert told(answer) == (406, "NOT_ACCEPTABLE")
    else:
        assert (answer.status_code, answer.headers["content-type"]) == (200, told_in)


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE, 400)])
@pytest.mark.parametrize("document", ["{", "{ nothing }", "query ($a: Int!) { __typename }"])
async def test_plain_json_has_status_200_for_whatever_could_be_read(
    api: Client, person: dict[str, str], document: str, accept: str, status: int
) -> None:
    headers = {**person, "accept": accept}

    answer = await api.http.post("/graphql", json={"query": document}, headers=headers)

    assert (told(answer)[0], "data" in answer.json()) == (status, False)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_another_method_is_refused_and_told_which_is_not(api: Client, method: str) -> None:
    answer = await api.http.request(method, "/graphql?query={__typename}")

    assert told(answer) == (405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_health_is_asked_by_get(api: Client) -> None:
    answer = await api.http.post("/healthz")

    assert told(answer) == (405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("path", ["/", "/graphql/", "/graphiql/", "/%ff", "/..%2fgraphql", "//"])
async def test_nothing_is_at_another_path(api: Client, path: str) -> None:
    assert told(await api.http.post(path)) == (404, "NO_SUCH_PATH")


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/jsonx", "application/graphql", "multipart/mixed"]
)
async def test_another_media_type_is_refused(
    api: Client, person: dict[str, str], media_type: str
) -> None:
    headers = {**person, "content-type": media_type}

    answer = await api.http.post("/graphql", content=ASKED, headers=headers)

    assert told(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not(
    api: Client, person: dict[str, str]
) -> None:
    full = ASKED.ljust(MAX_BODY)

    taken = await api.http.post("/graphql", content=full, headers=person)
    refused = await api.http.post("/graphql", content=full + b" ", headers=person)

    assert taken.status_code == 200
    assert told(refused) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("document", "variables", "expected"),
    [
        ("{ __typename }".ljust(MAX_DOCUMENT), {}, None),
        ("{ __typename }".ljust(MAX_DOCUMENT + 1), {}, (413, "BODY_TOO_LARGE")),
        ("{ __typename }", {"a": [1] * (MAX_VALUES - 1)}, None),
        ("{ __typename }", {"a": [1] * MAX_VALUES}, (413, "BODY_TOO_LARGE")),
        ("{ __typename }", {"a": [{"b": 1}] * MAX_VALUES}, (413, "BODY_TOO_LARGE")),
        ("{ __typename }", {"a": nested(MAX_NESTING - 1)}, None),
        ("{ __typename }", {"a": nested(MAX_NESTING)}, (400, "BAD_VARIABLES")),
    ],
    ids=["document", "longer", "values", "more", "more objects", "deep", "deeper"],
)
async def test_a_document_and_its_variables_may_be_as_large_as_said_and_no_larger(
    api: Client,
    person: dict[str, str],
    document: str,
    variables: dict[str, Any],
    expected: tuple[int, str] | None,
) -> None:
    body = {"query": document, "variables": variables}

    answer = await api.http.post("/graphql", json=body, headers=person)

    assert (told(answer) if expected else answer.status_code) == (expected or 200)


async def test_a_body_without_end_is_refused_before_it_ends(
    api: Client, person: dict[str, str]
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in person.items())
    address = api.http.base_url
    reader, writer = await asyncio.open_connection(address.host, address.port)
    start = f"POST /graphql HTTP/1.1\r\nhost: x\r\n{head}transfer-encoding: chunked\r\n\r\n"
    writer.write(start.encode() + (b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 17)

    async with asyncio.timeout(10):
        status = await reader.readline()

    writer.close()
    await writer.wait_closed()
    assert status == b"HTTP/1.1 413 Request Entity Too Large\r\n"


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a string": b'"x"',
    "a list": b"[]",
    "a list of queries": b'[{"query": "{ __typename }"}]',
    "a number": b"1",
    "an empty object": b"{}",
    "broken": b"{",
    "not UTF-8": b"\xff\xfe",
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "a lone surrogate": b'{"query": "\\ud800"}',
    "a lone surrogate in variables": b'{"query": "{ __typename }", "variables": {"a": "\\udfff"}}',
    "no number": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 braces": b'{"a":' * 100_000,
    "deep variables": b'{"query": "{ __typename }", "variables": %b%b}'
    % (b"[" * 5000, b"]" * 5000),
    "no query": b'{"query": null}',
    "an empty query": b'{"query": ""}',
    "a query that is a list": b'{"query": ["{ __typename }"]}',
    "variables that are a list": b'{"query": "{ __typename }", "variables": []}',
    "variables that are a string": b'{"query": "{ __typename }", "variables": "{}"}',
    "a name that is a number": b'{"query": "{ __typename }", "operationName": 1}',
    "a name that is an object": b'{"query": "{ __typename }", "operationName": {}}',
    "extensions that are a list": b'{"query": "{ __typename }", "extensions": []}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_a_body_that_is_no_request_is_refused(
    api: Client, person: dict[str, str], body: bytes
) -> None:
    answer = await api.http.post("/graphql", content=body, headers=person)

    assert told(answer) == (400, "BAD_REQUEST")


DOCUMENTS = {
    "query A { __typename } query B { __typename }": (None, "BAD_REQUEST"),
    "query C { __typename } query D { __typename }": ("E", "BAD_REQUEST"),
    "query F { __typename }": ("", "BAD_REQUEST"),
    "fragment A on Query { __typename }": (None, "BAD_REQUEST"),
    "type A { a: Int }": (None, "BAD_REQUEST"),
    "query A { __typename } query A { __typename }": ("A", "VALIDATION_FAILED"),
    "subscription { __typename }": (None, "BAD_REQUEST"),
    "{ nothing }": (None, "VALIDATION_FAILED"),
    "{ __typename \0 }": (None, "PARSE_FAILED"),
    "{ __typename } \U0001f4a9": (None, "PARSE_FAILED"),
}


@pytest.mark.parametrize(("document", "expected"), DOCUMENTS.items())
async def test_a_document_that_says_nothing_to_do_is_refused(
    api: Client, person: dict[str, str], document: str, expected: tuple[str | None, str]
) -> None:
    body = {"query": document, "operationName": expected[0]}

    answer = await api.http.post("/graphql", json=body, headers=person)

    assert told(answer) == (400, expected[1])


async def test_of_several_operations_the_named_one_is_run(
    api: Client, person: dict[str, str]
) -> None:
    body = {"query": "query A { a: __typename } query B { b: __typename }", "operationName": "B"}

    answer = await api.http.post("/graphql", json=body, headers=person)

    assert answer.json()["data"] == {"b": "Query"}


@pytest.mark.parametrize("authorization", [None, "Basic eDp4", "bearer", "token x"])
async def test_whoever_brings_no_token_is_told_that_one_is_needed(
    api: Client, authorization: str | None
) -> None:
    headers = {"authorization": authorization} if authorization else {}

    answer = await api.http.post("/graphql", content=ASKED, headers=headers)

    status = (401, "TOKEN_INVALID" if authorization == "bearer" else "UNAUTHENTICATED")
    assert told(answer) == status
    assert answer.headers["www-authenticate"].split()[0] == "Bearer"


async def test_health_asks_for_no_token(api: Client) -> None:
    headers = {"authorization": "Bearer rubbish"}

    alive = await api.http.get("/healthz", headers=headers)
    ready = await api.http.get("/readyz", headers=headers)

    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_client_that_leaves_in_the_middle_is_no_fault(
    api: Client, person: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in person.items())
    address = api.http.base_url
    with socket.create_connection((address.host, address.port or 0)) as client:
        start = f"POST /graphql HTTP/1.1\r\nhost: x\r\n{head}content-length: 100\r\n\r\n{{"
        client.sendall(start.encode())
    # Answered after the other was given up: the loop takes them in the order they came.
    await api.http.post("/graphql", content=ASKED, headers=person)

    assert caplog.records == []


JSON_VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)
REQUESTS = some.fixed_dictionaries(
    {"query": some.sampled_from(["{ __typename }", "query ($a: ID!) { review(id: $a) { id } }"])},
    optional={
        "variables": JSON_VALUES | some.dictionaries(some.just("a"), JSON_VALUES),
        "operationName": JSON_VALUES,
        "extensions": JSON_VALUES,
    },
)
BODIES = some.binary() | (JSON_VALUES | REQUESTS).map(lambda value: json.dumps(value).encode())


@given(body=BODIES)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_the_body_is_the_answer_is_json_and_no_fault(
    api: Client, person: dict[str, str], body: bytes
) -> None:
    answer = await api.http.post("/graphql", content=body, headers=person)

    whole: dict[str, Any] = answer.json()
    codes = {error["extensions"]["code"] for error in whole.get("errors", [])}
    assert answer.status_code in {200, 400}
    assert whole.keys() <= {"data", "errors", "extensions"}
    assert codes <= CODES.keys() - {"INTERNAL", "UNAVAILABLE"}


LONG = (
    f"{{ {' '.join(f'a{n}: __schema {{ ...S }}' for n in range(24))} }}"
    """
  fragment S on __Schema { types { description fields { description args { description } } } }"""
)
"""Is answered by more than what the kernel keeps for whoever does not read."""


@asynccontextmanager
async def asked_for_much(api: Client, *, closing: bool) -> AsyncIterator[socket.socket]:
    """A connection on which much is asked for, and little is held by the kernel."""
    body = json.dumps({"query": LONG}).encode()
    given = {**api.headers(await make.person(Role.READER)), "content-type": "application/json"}
    given |= {"content-length": str(len(body)), "connection": "close" if closing else "keep-alive"}
    head = "".join(f"{name}: {value}\r\n" for name, value in {"host": "x", **given}.items())
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((api.http.base_url.host, api.http.base_url.port or 0))
        client.sendall(f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + body)
        yield client


@pytest.mark.parametrize("closing", [False, True])
async def test_whoever_does_not_read_an_answer_is_cut_off(
    api: Client, monkeypatch: pytest.MonkeyPatch, *, closing: bool
) -> None:
    monkeypatch.setattr(wire, "UNREAD", 0.3)
    async with asked_for_much(api, closing=closing) as client, asyncio.timeout(20):
        while established(client.getsockname()[1]):
            await asyncio.sleep(0.05)


async def test_whoever_reads_an_answer_slowly_gets_it_whole(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "UNREAD", 2.0)
    whole = b""
    async with asked_for_much(api, closing=True) as client:
        while piece := await asyncio.to_thread(client.recv, 32768):
            whole += piece
            await asyncio.sleep(0.005)

    head, _, body = whole.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert len(json.loads(body)["data"]) == 24


def established(port: int) -> bool:
    """Whether the kernel has a connection to that port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)
