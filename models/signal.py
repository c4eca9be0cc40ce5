"""A word to whoever waits, in this process and in others: there is something new to read.

What is new stands in the database; the word only says that it is time to look. It may be lost, so
whoever listens also looks by themselves now and then. Across processes it is PostgreSQL's NOTIFY,
which is told at the commit and never of what was rolled back; on SQLite all are in one process.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, cast

import asyncpg

from models.engine.asyncpg import Pooled
from models.sql import connection

log = logging.getLogger("relais")

CHANNEL = "relais"

OF_THE_POOL = {"minsize", "maxsize", "reset"}
RESPITE = 1.0
"""Seconds before a connection that was lost is tried again."""

BEAT, PATIENCE = 15.0, 2.0
"""Seconds after which a connection that says nothing is asked whether it lives, and to answer."""

_listening: dict[asyncio.Event, frozenset[str]] = {}


@contextmanager
def listening(*topics: str) -> Iterator[asyncio.Event]:
    """An event that is set when one of `topics` is announced; whoever waits clears it again."""
    rung = asyncio.Event()
    _listening[rung] = frozenset(topics)
    try:
        yield rung
    finally:
        del _listening[rung]


async def announce(topic: str) -> None:
    """Say, within the transaction that writes it, that there is something new of `topic`.

    On SQLite whoever listens finds it after the commit: until then the connection is not theirs.
    """
    db = connection()
    if db.capabilities.dialect == "sqlite":
        _ring(topic)
    else:
        await db.execute_query("SELECT pg_notify($1, $2)", [CHANNEL, topic])


@asynccontextmanager
async def relay() -> AsyncIterator[None]:
    """While it lasts, this process hears what others announce, of the database that is open.

    One listens as long as one lives: not through a PgBouncer in transaction mode.
    """
    if connection().capabilities.dialect == "sqlite":
        yield
        return
    there = cast("Pooled", connection()).direct
    options = {k: v for k, v in there.items() if k not in OF_THE_POOL}
    hearing = asyncio.create_task(_hear(options))
    try:
        yield
    finally:
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing


async def _hear(options: dict[str, Any]) -> None:
    while True:
        try:
            db = await asyncpg.connect(**options)
            try:
                lost = asyncio.Event()
                db.add_termination_listener(lambda _, lost=lost: lost.set())
                await db.add_listener(CHANNEL, lambda *told: _ring(str(told[3])))
                _ring()  # what was told while nobody listened
                while not await _set_within(lost, BEAT):
                    await db.execute("SELECT 1", timeout=PATIENCE)
            finally:
                db.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("not listening: %s", type(error).__name__)
        await asyncio.sleep(RESPITE)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def _ring(topic: str | None = None) -> None:
    for rung, topics in _listening.items():
        if topic is None or topic in topics:
            rung.set()
