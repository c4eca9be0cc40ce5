"""Work that is cut off is whole or undone, and leaves every connection to others."""

import asyncio
from random import Random
from time import monotonic

from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.network import Network
from models.sql import database
from models.wall import Reach, behind
from settings import Settings

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
    assert cut > CUTS / 3
    assert entries == events >= 5 + done + 2 * POOL
