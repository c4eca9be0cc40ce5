"""Python's `gql` asks, changes and follows as users do: over HTTP and `graphql-transport-ws`."""

import asyncio
from typing import Any

import pytest
from gql import Client as Gql
from gql import GraphQLRequest
from gql.transport.exceptions import (
    TransportConnectionFailed,
    TransportQueryError,
)
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from models import ids
from models.account import Role
from tests import factories as make
from tests.client import Client
from tests.doing import part

FOLLOW = """subscription ($after: String) {
  reviewEvents(after: $after, where: {types: ["reply.published"]}) { type subject cursor } }"""
READ = GraphQLRequest("{ changes { endCursor } reviews { nodes { title structures { id } } } }")
REPLY = """mutation ($id: ID!) { reviewReply(id: $id, body: "Merci.") {
  reply { id } userErrors { code } } }"""


def over_http(api: Client, headers: dict[str, str]) -> Gql:
    url = str(api.http.base_url.join("graphql"))
    return Gql(transport=HTTPXAsyncTransport(url=url, headers=headers))


def over_a_socket(api: Client, payload: dict[str, str]) -> Gql:
    url = str(api.http.base_url.join("graphql")).replace("http", "ws", 1)
    return Gql(transport=WebsocketsTransport(url=url, init_payload=payload))


def codes(error: TransportQueryError) -> list[str]:
    """Why something was refused."""
    return [one["extensions"]["code"] for one in error.errors or []]


async def test_gql_reads_and_replies_over_http_and_follows_over_a_socket(api: Client) -> None:
    office = await make.office()
    review = await make.review(office, title="Une heure")
    headers = api.headers(await make.person(Role.OFFICE_MANAGER, office=office))
    structure, told = await part(review), list[Any]()
    async with over_http(api, headers) as http, over_a_socket(api, headers) as socket:
        found = await http.execute(READ)
        after = {"after": found["changes"]["endCursor"]}
        done = await http.execute(GraphQLRequest(REPLY, variable_values={"id": structure}))
        async with asyncio.timeout(15):
            async for one in socket.subscribe(GraphQLRequest(FOLLOW, variable_values=after)):
                told.append(one["reviewEvents"])
                break

    assert found["reviews"]["nodes"] == [{"title": "Une heure", "structures": [{"id": structure}]}]
    assert done["reviewReply"]["userErrors"] == []
    (event,) = told
    assert (event["type"], event["subject"]) == (
        "reply.published",
        done["reviewReply"]["reply"]["id"],
    )


async def test_gql_is_told_why_it_is_refused(api: Client) -> None:
    headers = api.headers(await make.person(Role.OFFICE_MANAGER, office=await make.office()))
    foreign = ids.encode("Export", 1)
    query = "subscription ($id: ID!) { exportProgress(id: $id) { rows } }"
    progress = GraphQLRequest(query, variable_values={"id": foreign})
    async with over_a_socket(api, headers) as socket:
        with pytest.raises(TransportQueryError) as refused:
            await anext(socket.subscribe(progress))
    async with over_http(api, {}) as http:
        with pytest.raises(TransportQueryError) as unknown:
            await http.execute(READ)

    assert [codes(one.value) for one in (refused, unknown)] == [["NOT_FOUND"], ["UNAUTHENTICATED"]]
    with pytest.raises(TransportConnectionFailed):
        async with over_a_socket(api, {"authorization": "Bearer x"}):
            pass
