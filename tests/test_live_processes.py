"""Several processes, each killed or told to stop as it comes: whoever follows misses nothing."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from models.account import Role
from models.signal import CHANNEL
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.follower import Socket, socket, stream
from tests.servers import free_port
from tests.test_live import CHANGES, EVENTS, happened, number

ROOT = Path(__file__).parent.parent
POSTGRES = pytest.mark.parametrize("databases", ["postgres"], indirect=True)


@asynccontextmanager
async def process(config: Settings) -> AsyncIterator[tuple[Client, Process]]:
    """The service in a process of its own."""
    port = free_port()
    told = {
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_REPLICA_URLS": json.dumps(config.replica_urls),
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
        "RELAIS_PORT": str(port),
        "RELAIS_LOG_LEVEL": "error",
    }
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", cwd=ROOT, env={**os.environ, **told}, stdout=DEVNULL
    )
    try:
        async with Client(f"http://127.0.0.1:{port}", config.token_key_file) as client:
            while True:
                assert running.returncode is None
                try:
                    await client.http.get("/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
            yield client, running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def connected(stack: AsyncExitStack, api: Client, who: str) -> Socket:
    found = await stack.enter_async_context(socket(str(api.http.base_url).rstrip("/")))
    assert await found.begin(**api.headers(who)) == {"type": "connection_ack"}
    return found


@POSTGRES
@pytest.mark.usefixtures("world")
async def test_what_happens_at_one_process_is_told_at_another(config: Settings) -> None:
    office = await make.office()
    await make.review(office)
    who = await make.person(Role.OFFICE_MANAGER, office=office)
    async with (
        process(config) as (one, _),
        process(config) as (other, _),
        AsyncExitStack() as stack,
    ):
        cursor = (await one.data(who, CHANGES))["changes"]["endCursor"]
        connection = await connected(stack, one, who)
        await connection.follow(EVENTS, after=cursor)
        structure = (await other.data(who, "{ reviews { nodes { structures { id } } } }"))[
            "reviews"
        ]
        global_id = structure["nodes"][0]["structures"][0]["id"]
        reply = (
            f'mutation {{ reviewReply(id: "{global_id}", body: "Merci.") {{ reply {{ id }} }} }}'
        )
        begun = asyncio.get_running_loop().time()
        await other.data(who, reply)

        assert (await connection.data())["type"] == "reply.published"
        assert asyncio.get_running_loop().time() - begun < 4  # sooner than one looks unasked


@POSTGRES
@pytest.mark.usefixtures("world")
async def test_a_process_that_heard_nothing_for_a_while_tells_what_happened(
    config: Settings,
) -> None:
    office = await make.office()
    who = await make.person(Role.OFFICE_MANAGER, office=office)
    async with process(config) as (api, _), AsyncExitStack() as stack:
        cursor = (await api.data(who, CHANGES))["changes"]["endCursor"]
        connection = await connected(stack, api, who)
        await connection.follow(EVENTS, after=cursor)
        host = config.database_url.split("host=")[1]
        name = config.database_url.split("@/")[1].split("?")[0]
        admin = await asyncpg.connect(host=host, user="postgres", database=name)
        for n in range(3):
            # The connection on which it listens is lost, and what happens is told to nobody.
            listens = f"LISTEN {CHANNEL}"
            await admin.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = $1 AND query ILIKE $2 || '%'",
                name,
                listens,
            )
            await happened(office, n)
            assert number(await connection.data()) == n
        await admin.close()


@pytest.mark.usefixtures("world")
async def test_a_service_that_is_told_to_stop_says_so_to_those_who_follow(
    config: Settings,
) -> None:
    office = await make.office()
    who = await make.person(Role.OFFICE_MANAGER, office=office)
    async with process(config) as (api, running), AsyncExitStack() as stack:
        connection = await connected(stack, api, who)
        await connection.follow(EVENTS)
        events = await stack.enter_async_context(stream(api.http, api.headers(who), EVENTS))
        await asyncio.sleep(0.5)
        begun = asyncio.get_running_loop().time()
        running.send_signal(signal.SIGTERM)

        assert (await connection.closed())[0] == 1012
        assert await events.next() == ("end", None)
        assert await running.wait() == 0
        assert asyncio.get_running_loop().time() - begun < 10


@POSTGRES
@pytest.mark.usefixtures("world")
async def test_nothing_is_lost_or_told_twice_over_processes_that_are_killed(
    config: Settings,
) -> None:
    office, total = await make.office(), 60
    who = await make.person(Role.OFFICE_MANAGER, office=office)
    told: list[int] = []
    cursor = None

    async def happening() -> None:
        for n in range(total):
            await happened(office, n)
            await asyncio.sleep(0.02)

    happens = None
    while len(told) < total:
        async with process(config) as (api, running), AsyncExitStack() as stack:
            if cursor is None:
                cursor = (await api.data(who, CHANGES))["changes"]["endCursor"]
                happens = asyncio.create_task(happening())
            connection = await connected(stack, api, who)
            await connection.follow(EVENTS, after=cursor)
            for _ in range(min(20, total - len(told))):
                event = await connection.data()
                told.append(number(event))
                cursor = event["cursor"]
            running.kill()
    assert happens is not None
    await happens

    assert told == list(range(total))
