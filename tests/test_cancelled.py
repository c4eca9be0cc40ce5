"""Work that is cut off is whole or undone, and leaves every connection to others."""

import asyncio
from contextlib import AsyncExitStack, suppress
from random import Random
from time import monotonic

import pytest
from tortoise.exceptions import DBConnectionError

from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.network import Network
from models.sql import Sql, connection, database, fetch
from models.wall import Reach, behind
from schema.errors import UNAVAILABLE
from settings import Settings
from tests.factories import nothing
from tests.servers import Databases

CUTS = 400
POOL = 4
"""Connections: two transactions of viewers at once, and SPARE."""


async def change(place: Place, number: int) -> None:
    """Change two tables in one transaction of a viewer."""
    async with behind(Reach(country=True), change=True):
        deed = Deed("review.changed", f"item-{number}", place, {})
        await Event.add(await AuditEntry.add(deed, Doer(None, "test")), [deed])


async def test_changes_cut_off_at_any_moment_leave_every_connection_to_others(
    config: Settings,
) -> None:
    chance, cut, done = Random(3), 0, 0
    small = config.model_copy(update={"database_pool_size": POOL})
    async with database(small.tortoise(system=True)):
        place = Place((await Network.get(code="caf")).id)
        for number in range(5):
            begun = monotonic()
            await change(place, number)
            taken = monotonic() - begun
        for number in range(CUTS):
            changing = asyncio.create_task(change(place, number))
            await asyncio.sleep(chance.random() * taken)
            changing.cancel()
            (ended,) = await asyncio.gather(changing, return_exceptions=True)
            cut += isinstance(ended, asyncio.CancelledError)
            done += ended is None
        async with asyncio.timeout(20):
            await asyncio.gather(*(change(place, number) for number in range(2 * POOL)))

        entries, events = await AuditEntry.all().count(), await Event.all().count()
    assert cut > CUTS / 10
    assert entries == events >= 5 + done + 2 * POOL


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_a_connection_that_is_lost_in_a_transaction_is_told_as_that_at_its_end(
    config: Settings,
) -> None:
    end = Sql("SELECT pg_terminate_backend(pg_backend_pid())")
    async with database(config.tortoise()):
        for _ in range(2 * config.database_pool_size):  # and it is made anew each time
            with pytest.raises(UNAVAILABLE):  # noqa: PT012  (it is raised at the end)
                async with behind(Reach()):
                    with suppress(*UNAVAILABLE):
                        await fetch(end)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_disk_that_is_full_is_told_as_that_and_nothing_is_kept_of_the_change(
    config: Settings,
) -> None:
    async with database(config.tortoise(system=True)):
        place = Place((await Network.get(code="caf")).id)
        await change(place, 0)
        ((pages,),) = await fetch(Sql("PRAGMA page_count"))
        await fetch(Sql(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(DBConnectionError):  # noqa: PT012  (any of them)
            for number in range(1000):
                await change(place, number)
        await fetch(Sql("PRAGMA max_page_count = 1000000"))
        await change(place, 0)
        entries, events = await AuditEntry.all().count(), await Event.all().count()

    assert entries == events > 1


async def test_nobody_waits_for_a_connection_without_end(postgres: Databases) -> None:
    name = await postgres.copy(nothing)
    config = postgres.settings(name, database_pool_size=2, database_timeout=0.2)
    async with database(config.tortoise()), AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(connection().acquire_connection())
        begun = monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(fetch(Sql("SELECT 1")), 5)
    assert monotonic() - begun < 4
