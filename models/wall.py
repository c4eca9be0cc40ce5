"""The second wall: what PostgreSQL itself lets a transaction see (docs/decisions/0007).

The gate (auth/scope.py) decides what a query asks for. The wall stands behind it: row level
security, with the viewer's reach set for one transaction. A query that forgot the gate finds
nothing. SQLite has no such thing; there the gate stands alone.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, cast
from weakref import WeakKeyDictionary

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContext
from tortoise.connection import get_connections
from tortoise.transactions import in_transaction

from models import replica
from models.engine.asyncpg import Transaction
from models.engine.whole import Whole
from models.measures import POOL_EXHAUSTED, POOL_WAITS
from models.sql import Sql, connection, fetch

SPARE = 2
"""Connections of a pool that viewers leave free, to read who they are and what all share."""


@dataclass(frozen=True)
class Reach:
    """What the wall lets through, as PostgreSQL settings of one transaction."""

    country: bool = False
    networks: tuple[int, ...] = ()
    departments: tuple[tuple[int, str], ...] = ()
    offices: tuple[int, ...] = ()
    administer: tuple[int, ...] | None = ()
    """Networks whose grants may be seen; None for all."""

    audit: tuple[int, ...] | None = ()
    """Networks whose audit trail may be seen; None for all."""

    moderate: bool = False
    account: int = 0
    figures: "Reach | None" = None
    """What it lets through of figures, which many may read who may not read verbatims."""

    benchmarks: tuple[int, ...] = ()
    """Networks whose figures as a whole are let through."""

    def settings(self) -> dict[str, str]:
        """The settings, by name."""
        return {
            **self.places("relais."),
            **(self.figures or Reach()).places("relais.figures_"),
            "relais.benchmarks": _array(self.benchmarks),
            "relais.administer": "*" if self.administer is None else _array(self.administer),
            "relais.audit": "*" if self.audit is None else _array(self.audit),
            "relais.moderate": "on" if self.moderate else "off",
            "relais.account": str(self.account),
        }

    @cached_property
    def reading(self) -> str:
        """What begins a transaction that reads no further, and changes nothing."""
        calls = ", ".join(
            f"set_config('{name}', '{value.translate(_QUOTED)}', true)"
            for name, value in self.settings().items()
        )
        return f"BEGIN READ ONLY; SELECT {calls}"

    def places(self, prefix: str) -> dict[str, str]:
        """Which places, by settings that begin with `prefix`."""
        return {
            f"{prefix}country": "on" if self.country else "off",
            f"{prefix}networks": _array(self.networks),
            f"{prefix}departments": _array(f"{n}:{code}" for n, code in self.departments),
            f"{prefix}offices": _array(self.offices),
        }


_QUOTED = str.maketrans({"'": "''"})


def _array(values: Iterable[object]) -> str:
    return f"{{{','.join(map(str, values))}}}"


@asynccontextmanager
async def behind(reach: Reach, *, change: bool = False) -> AsyncIterator[None]:
    """A transaction that sees what `reach` says; on SQLite a plain one, and only for a `change`.

    Raises TimeoutError when none can be had in time.
    """
    if connection().capabilities.dialect != "sqlite":
        async with AsyncExitStack() as stack:
            if change or not await replica.begun(stack, partial(_reading, reach)):
                await stack.enter_async_context(_turn())
                await stack.enter_async_context(
                    _changing(reach.settings()) if change else _reading(reach, connection())
                )
            yield
    elif change:
        async with in_transaction():
            yield
    else:
        yield


@asynccontextmanager
async def snapshot(reach: Reach) -> AsyncIterator[None]:
    """A transaction that sees what `reach` says as it is at this moment, however long it reads.

    For a database opened for nothing else: it keeps its connection.
    """
    async with in_transaction():
        db = connection()
        if db.capabilities.dialect != "sqlite":  # there, every transaction is one
            await db.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await _set(reach.settings())
        yield


@asynccontextmanager
async def system() -> AsyncIterator[None]:
    """A transaction of the service itself: it reads who somebody is before there is a viewer."""
    async with _changing({"relais.everything": "on"}):
        yield


@asynccontextmanager
async def lifted() -> AsyncIterator[None]:
    """Within a change: what the service itself does, once the gate has allowed the change."""
    if connection().capabilities.dialect == "sqlite":
        yield
        return
    ((was, _),) = await fetch(_LIFT)
    yield
    # Not after a failure: the transaction is lost then, and takes no more statements.
    if was != "on":  # not lifted by whoever called, or for the whole of a job
        await _set({"relais.everything": "off"})


_LIFT = Sql(
    "SELECT current_setting('relais.everything', true), set_config('relais.everything', 'on', true)"
)


@asynccontextmanager
async def _changing(settings: dict[str, str]) -> AsyncIterator[None]:
    async with in_transaction():
        await _set(settings)
        yield


def _reading(reach: Reach, db: BaseDBAsyncClient) -> TransactionContext:
    return Whole(_Reading(cast("AsyncpgDBClient", db), reach), db)


class _Reading(Transaction):
    """A transaction that changes nothing, and begins with its settings in a single message."""

    reads = True

    def __init__(self, parent: AsyncpgDBClient, reach: Reach) -> None:
        super().__init__(parent)
        self._reach = reach

    async def begin(self) -> None:
        """Begin; a connection on which that is cut off is of no more use."""
        try:
            await self.send(self._reach.reading)
        except BaseException:
            self.drop()
            raise

    async def commit(self) -> None:
        """End it."""
        await self.send("COMMIT")

    async def undo(self) -> None:
        """End it."""
        await self.send("ROLLBACK")


async def _set(settings: dict[str, str]) -> None:
    db = connection()
    if settings and db.capabilities.dialect != "sqlite":
        calls = (f"set_config('{name}', ${n}, true)" for n, name in enumerate(settings, 1))
        await db.execute_query(f"SELECT {', '.join(calls)}", list(settings.values()))


_TURNS: WeakKeyDictionary[Any, asyncio.Semaphore] = WeakKeyDictionary()


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    """A turn at the pool in use: a transaction that needs a second connection must find one."""
    handler = get_connections()
    (config,) = handler.db_config.values()
    credentials = config["credentials"]
    if handler not in _TURNS:
        _TURNS[handler] = asyncio.Semaphore(max(1, credentials["maxsize"] - SPARE))
    turns = _TURNS[handler]
    if turns.locked():
        POOL_WAITS.inc()
        try:
            async with asyncio.timeout(credentials["timeout"]):
                await turns.acquire()
        except TimeoutError:
            POOL_EXHAUSTED.inc()
            raise
    else:
        await turns.acquire()  # without waiting
    try:
        yield
    finally:
        turns.release()
