"""Documents that clients registered, GET, and pages of other sites."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.account import Role
from schema.documents import Documents
from settings import Settings, WrongSettings
from tests import factories as make
from tests.client import Client, asking

SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
ME = "query Me($n: Int) { viewer { label } reviews(first: $n) { nodes { id } } }"
CHANGE = 'mutation { reviewReply(id: "a", body: "b") { userErrors { code } } }'
OTHER = "{ __typename }"


def sha256(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def manifest(folder: Path, *documents: str) -> Path:
    path = folder / "trusted.json"
    path.write_text(json.dumps({sha256(document): document for document in documents}))
    return path


@pytest.fixture
async def api(config: Settings, tmp_path: Path) -> AsyncIterator[Client]:
    trusted = {"trusted_documents": manifest(tmp_path, ME, CHANGE)}
    async with asking(config.model_copy(update=trusted)) as client:
        client.http.headers.update(client.headers(await make.person(Role.READER, network="caf")))
        yield client


def told(answer: httpx.Response) -> tuple[int, str | None]:
    """The status, and the code of the error if there is one."""
    errors = answer.json().get("errors")
    return answer.status_code, errors[0]["extensions"]["code"] if errors else None


BY_HASH: list[dict[str, Any]] = [
    {"documentId": f"sha256:{sha256(ME)}"},
    {"documentId": sha256(ME)},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(ME)}}},
    {"query": ME, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(ME)}}},
    {"query": ME},
]


@SQLITE
@pytest.mark.parametrize("asked", BY_HASH)
async def test_a_trusted_query_is_asked_by_its_hash_with_either_method(
    api: Client, asked: dict[str, Any]
) -> None:
    asked = {**asked, "variables": {"n": 1}, "operationName": "Me"}
    given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in asked.items()}

    by_post = await api.http.post("/graphql", json=asked)
    by_get = await api.http.get("/graphql", params=given)

    assert told(by_post) == told(by_get) == (200, None)
    assert by_post.json()["data"] == by_get.json()["data"]


@SQLITE
async def test_a_change_is_not_made_by_get(api: Client) -> None:
    answer = await api.http.get("/graphql", params={"documentId": sha256(CHANGE)})

    assert (told(answer), answer.headers["allow"]) == ((405, "METHOD_NOT_ALLOWED"), "POST")


WRONG: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"query": OTHER}, (403, "UNTRUSTED_DOCUMENT")),
    ({"query": "mutation { __typename }"}, (403, "UNTRUSTED_DOCUMENT")),
    ({"documentId": sha256(OTHER)}, (404, "PERSISTED_QUERY_NOT_FOUND")),
    ({"documentId": "é"}, (404, "PERSISTED_QUERY_NOT_FOUND")),
    ({"query": ME, "documentId": sha256(OTHER)}, (400, "BAD_REQUEST")),
    ({}, (400, "BAD_REQUEST")),
    ({"query": ""}, (400, "BAD_REQUEST")),
    ({"query": ME, "variables": "{"}, (400, "BAD_REQUEST")),
    ({"query": ME, "variables": "[]"}, (400, "BAD_REQUEST")),
    ({"query": ME, "extensions": "1"}, (400, "BAD_REQUEST")),
    ({"query": ME, "variables": '{"n": "x"}'}, (400, "BAD_VARIABLES")),
    ({"extensions": '{"persistedQuery": []}'}, (400, "BAD_REQUEST")),
    ({"extensions": '{"persistedQuery": {"sha256Hash": 1}}'}, (400, "BAD_REQUEST")),
]


@SQLITE
@pytest.mark.parametrize(("asked", "expected"), WRONG)
async def test_nothing_else_is_asked_by_get(
    api: Client, asked: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert told(await api.http.get("/graphql", params=asked)) == expected


@SQLITE
async def test_a_service_may_run_trusted_documents_only(config: Settings, tmp_path: Path) -> None:
    only = {"trusted_documents": manifest(tmp_path, ME), "trusted_only": True}
    async with asking(config.model_copy(update=only)) as api:
        reader = api.headers(await make.person(Role.READER, network="caf"))
        answers = [
            told(await api.http.post("/graphql", json={"query": query}, headers=reader))
            for query in (ME, OTHER, f"{ME} ")
        ]

    refused = (403, "UNTRUSTED_DOCUMENT")
    assert answers == [(200, None), refused, refused]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", "is not a JSON object of documents by their SHA-256"),
        ("{", "is not a JSON object of documents by their SHA-256"),
        ('{"abc": "{ a }"}', "in {path}, abc is not the SHA-256 of its document"),
        ('{"abc": 1}', "in {path}, abc is not the SHA-256 of its document"),
    ],
)
def test_a_wrong_manifest_stops_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, problem: str
) -> None:
    path = tmp_path / "trusted.json"
    path.write_text(content)

    with pytest.raises(WrongSettings):
        Documents.read(path, only=False)

    said = problem.format(path=path) if "{path}" in problem else f"{path} {problem}"
    assert capsys.readouterr().err == f"RELAIS_TRUSTED_DOCUMENTS: {said}.\n"


# --- Pages of other sites --------------------------------------------------------------------

PAGE = "https://front.example"


@pytest.fixture
async def shared(config: Settings) -> AsyncIterator[Client]:
    async with asking(config.model_copy(update={"allowed_origins": (PAGE,)})) as client:
        yield client


async def preflight(api: Client, origin: str) -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    return await api.http.options("/graphql", headers=headers)


@SQLITE
async def test_pages_of_listed_origins_ask_and_never_with_cookies(shared: Client) -> None:
    listed, other = await preflight(shared, PAGE), await preflight(shared, "https://evil.example")

    assert (listed.status_code, listed.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "access-control-allow-credentials" not in listed.headers
    assert "access-control-allow-origin" not in other.headers


@SQLITE
async def test_refusals_can_be_read_by_pages_of_listed_origins(shared: Client) -> None:
    answer = await shared.http.post("/graphql", json={"query": OTHER}, headers={"origin": PAGE})

    assert told(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["access-control-allow-origin"] == PAGE


@SQLITE
async def test_no_page_of_another_origin_asks_unless_listed(api: Client) -> None:
    assert (await preflight(api, PAGE)).status_code == 405
