"""A PostgreSQL that says nothing keeps nobody waiting, and a network that went away no lock."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic
from typing import Any

import pytest

from models import signal
from models.signal import announce, listening, relay
from models.sql import Sql, alone, connection, database, fetch
from models.wall import Reach, behind, system
from schema.errors import UNAVAILABLE
from settings import Settings
from tests.factories import nothing
from tests.faults.deaf import Wire, carried
from tests.servers import Databases

LIMIT = 1.0
"""Seconds that a statement may take in these tests."""

ONE = Sql("SELECT 1")


@pytest.fixture
async def config(postgres: Databases) -> Settings:
    name = await postgres.copy(nothing)
    return postgres.settings(name, database_statement_timeout=LIMIT, database_timeout=LIMIT)


@pytest.fixture
async def wire(postgres: Databases, config: Settings) -> AsyncIterator[tuple[Wire, Settings]]:
    """A network to the database, and the settings that go by it."""
    async with carried(postgres._home) as (wire, address):
        url = config.database_url.replace("@/", f"@{address}/").partition("?")[0]
        yield wire, config.model_copy(update={"database_url": url})


async def took(work: Any) -> float:
    """Seconds until something ended, one way or another; 15 at most."""
    begun = monotonic()
    with suppress(*UNAVAILABLE, asyncio.CancelledError):
        await asyncio.wait_for(work, 15)
    return monotonic() - begun


async def read() -> None:
    async with behind(Reach()):
        await fetch(ONE)


@pytest.mark.parametrize("change", [False, True])
async def test_a_request_whose_connection_is_lost_is_given_up(
    wire: tuple[Wire, Settings], *, change: bool
) -> None:
    network, config = wire
    async with database(config.tortoise()):
        await fetch(ONE)

        async def work() -> None:
            async with behind(Reach(), change=change):
                network.lose()
                await fetch(ONE)

        waited = await took(work())
        await read()

    assert LIMIT < waited < LIMIT + 2


async def test_work_without_a_viewer_may_take_long_but_ends_when_it_is_cut_off(
    wire: tuple[Wire, Settings],
) -> None:
    network, config = wire
    async with database(config.tortoise(system=True)):

        async def work() -> None:
            async with system():
                network.lose()
                await fetch(ONE)

        working = asyncio.create_task(work())
        await asyncio.wait([working], timeout=2 * LIMIT + 1)
        patient = not working.done()
        working.cancel()
        waited = await took(working)

    assert patient
    assert waited < 4


async def test_what_a_lost_request_had_locked_is_given_back(wire: tuple[Wire, Settings]) -> None:
    network, config = wire
    begun, lost = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database(config.tortoise(), shared=False), behind(Reach(), change=True):
            await alone("one")
            begun.set()
            await lost.wait()

    holding = asyncio.create_task(hold())
    await begun.wait()
    network.lose()
    async with database(config.tortoise(system=True), shared=False), system():
        waited = await took(alone("one"))
    lost.set()
    await took(holding)

    assert waited < LIMIT + 2


async def test_a_statement_that_takes_too_long_is_told_as_that_and_its_connection_goes_on(
    config: Settings,
) -> None:
    small = config.model_copy(update={"database_pool_size": 3})
    number = Sql("SELECT pg_backend_pid()")
    async with database(small.tortoise()):
        (before,) = await fetch(number)
        with pytest.raises(UNAVAILABLE):
            async with asyncio.timeout(15), behind(Reach()):
                await fetch(Sql("SELECT pg_sleep(30)"))
        (after,) = await fetch(number)
    async with database(config.tortoise(system=True)):
        assert await fetch(Sql(f"SELECT 1 FROM pg_sleep({LIMIT + 0.5})"))

    assert before[0] == after[0]


async def test_who_listens_listens_again_when_the_network_went_away(
    wire: tuple[Wire, Settings], config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, through = wire
    monkeypatch.setattr(signal, "BEAT", 0.2)
    monkeypatch.setattr(signal, "PATIENCE", 0.2)
    async with database(through.tortoise(), shared=False):
        with listening("news") as rung:
            async with relay(), asyncio.timeout(20):
                await rung.wait()  # it listens
                network.lose()
                rung.clear()
                await rung.wait()  # it listens again
                rung.clear()
                async with database(config.tortoise(system=True), shared=False):
                    await announce("news")
                await rung.wait()


async def test_each_end_asks_whether_the_network_carries(wire: tuple[Wire, Settings]) -> None:
    _, config = wire
    async with database(config.tortoise(system=True)):
        named = "SELECT reset_val FROM pg_settings WHERE name = 'tcp_keepalives_idle'"
        ((theirs,),) = await fetch(Sql(named))
        async with connection().acquire_connection() as held:
            line = held._transport.get_extra_info("socket")
            ours = line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)

    assert (ours, theirs) == (1, "30")
