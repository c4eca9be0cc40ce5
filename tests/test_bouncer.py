"""Behind a PgBouncer in transaction mode, with fewer connections than requests, all is the same."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from models.account import Role
from models.office import Office
from models.sql import Sql, database, fetch
from settings import Settings
from tests import factories as make
from tests.bouncer import POOL, bounced
from tests.client import Client, asking
from tests.follower import socket
from tests.test_live import EVENTS

pytestmark = pytest.mark.parametrize("databases", ["postgres"], indirect=True)

READ = """{ reviews(first: 20) { totalCount nodes { structures { id answered office { name } } } }
  networks { name } satisfaction(period: {from: "2020-01-01", to: "2026-12-31"})
  { total { count answered } } }"""
HOW_MANY = Sql("SELECT count(*) FROM review")
REPLY = 'mutation ($id: ID!) { reviewReply(id: $id, body: "Merci.") { userErrors { code } } }'


@pytest.fixture(params=[nullcontext, bounced], ids=["directly", "through PgBouncer"])
def way(config: Settings, request: pytest.FixtureRequest) -> Iterator[Settings]:
    with request.param(config.model_copy(update={"database_timeout": 30})) as found:
        yield found


@pytest.fixture
async def api(way: Settings) -> AsyncIterator[Client]:
    async with asking(way) as client:
        yield client


async def office(reviews: int) -> tuple[Office, str]:
    found = await make.office()
    for _ in range(reviews):
        await make.review(found)
    return found, await make.person(Role.OFFICE_MANAGER, office=found)


async def seen(api: Client, who: str) -> tuple[int, set[str], int]:
    """How many reviews somebody sees, at which offices, and how many they are told are counted."""
    data = await api.data(who, READ)
    structures = [one for node in data["reviews"]["nodes"] for one in node["structures"]]
    names = {one["office"]["name"] for one in structures}
    return data["reviews"]["totalCount"], names, data["satisfaction"]["total"]["count"]


async def test_those_who_ask_at_once_see_what_is_theirs_and_nothing_else(api: Client) -> None:
    (one, reads), (other, looks) = await office(3), await office(5)

    told = await asyncio.gather(*(seen(api, who) for who in (reads, looks) * 5 * POOL))

    assert told == [(3, {one.name}, 3), (5, {other.name}, 5)] * 5 * POOL


async def test_nothing_of_who_asked_stays_on_a_connection(api: Client, way: Settings) -> None:
    _, who = await office(1)
    await asyncio.gather(*(seen(api, who) for _ in range(2 * POOL)))
    async with database(way.tortoise(), shared=False):
        left = await asyncio.gather(*(fetch(HOW_MANY) for _ in range(2 * POOL)))

    assert [rows[0][0] for rows in left] == [0] * 2 * POOL


async def test_who_replies_reads_it_and_who_follows_is_told(api: Client) -> None:
    _, who = await office(4)
    async with socket(str(api.http.base_url).rstrip("/")) as connection:
        await connection.begin(**api.headers(who))
        await connection.follow(EVENTS)
        begun = asyncio.get_running_loop().time()
        nodes = (await api.data(who, READ))["reviews"]["nodes"]
        keys = [node["structures"][0]["id"] for node in nodes]

        done = await asyncio.gather(*(api.data(who, REPLY, id=key) for key in keys))
        events = [await connection.data() for _ in keys]
        took = asyncio.get_running_loop().time() - begun

    data: Any = await api.data(who, READ)
    assert [one["reviewReply"]["userErrors"] for one in done] == [[]] * 4
    assert {event["type"] for event in events} == {"reply.published"}
    assert all(node["structures"][0]["answered"] for node in data["reviews"]["nodes"])
    assert data["satisfaction"]["total"] == {"count": 4, "answered": 4}
    assert took < 4  # sooner than one looks unasked


async def test_the_service_is_ready_and_knows_who_may_not_come_in(api: Client) -> None:
    _, who = await office(1)
    stranger = api.headers(who) | {"authorization": "Bearer relais_no"}

    ready = await api.http.get("/readyz")
    refused = await api.http.post("/graphql", json={"query": READ}, headers=stranger)

    assert (ready.status_code, refused.status_code) == (200, 401)
