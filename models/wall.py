"""The second wall: what PostgreSQL itself lets a transaction see (docs/decisions/0007).

The gate (auth/scope.py) decides what a query asks for. The wall stands behind it: row level
security, with the viewer's reach set for one transaction. A query that forgot the gate finds
nothing. SQLite has no such thing; there the gate stands alone.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

from asyncpg import Connection
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.connection import get_connections
from tortoise.transactions import in_transaction

from models.engine.asyncpg import Transaction
from models.measures import POOL_EXHAUSTED, POOL_WAITS
from models.sql import Sql, connection, fetch

SPARE = 2
"""Connections of a pool that viewers leave free, to read who they are and what all share."""


@dataclass(frozen=True, slots=True)
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

    def places(self, prefix: str) -> dict[str, str]:
        """Which places, by settings that begin with `prefix`."""
        return {
            f"{prefix}country": "on" if self.country else "off",
            f"{prefix}networks": _array(self.networks),
            f"{prefix}departments": _array(f"{n}:{code}" for n, code in self.departments),
            f"{prefix}offices": _array(self.offices),
        }


def _array(values: Iterable[object]) -> str:
    return f"{{{','.join(map(str, values))}}}"


@asynccontextmanager
async def behind(reach: Reach, *, change: bool = False) -> AsyncIterator[None]:
    """A transaction that sees what `reach` says; on SQLite a plain one, and only for a `change`.

    Raises TimeoutError when none can be had in time.
    """
    if connection().capabilities.dialect != "sqlite":
        async with _turn(), _begun(reach.settings(), change=change):
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
    if connection().capabilities.dialect == "sqlite":
        async with in_transaction():
            yield
    else:
        async with _begun({"relais.everything": "on"}, change=True):
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


_QUOTED = str.maketrans({"'": "''"})


class _Transaction(Transaction):
    """A transaction of Tortoise's, that begins with settings."""

    def __init__(self, parent: AsyncpgDBClient, held: Connection) -> None:
        super().__init__(parent)
        self._connection = held

    async def start(self, settings: dict[str, str], *, change: bool) -> None:
        """Begin; to read only, with a single message."""
        calls = ", ".join(
            f"set_config('{name}', '{value.translate(_QUOTED)}', true)"
            for name, value in settings.items()
        )
        try:
            if change:
                await self.begin()
                await self.send(f"SELECT {calls}")
            else:
                await self.send(f"BEGIN READ ONLY; SELECT {calls}")
        except BaseException:
            self.drop()
            raise

    async def end(self, *, keep: bool) -> None:
        """Commit or, unless its changes are to `keep`, roll back."""
        if self.transaction is not None:
            await (self.commit() if keep else self.rollback())
        elif keep:
            await self.send("COMMIT")
        else:
            with suppress(Exception):  # what went wrong before is told
                await self.send("ROLLBACK")


@asynccontextmanager
async def _begun(settings: dict[str, str], *, change: bool) -> AsyncIterator[None]:
    """A transaction of PostgreSQL with `settings`, begun in fewer messages than Tortoise's."""
    parent = cast("AsyncpgDBClient", connection())
    async with parent.acquire_connection() as held:
        transaction = _Transaction(parent, held)
        token = get_connections().set(parent.connection_name, transaction)
        try:
            await transaction.start(settings, change=change)
            try:
                yield
            except BaseException:
                await transaction.end(keep=False)
                raise
            await transaction.end(keep=True)
        finally:
            get_connections().reset(token)


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
    try:
        yield
    finally:
        turns.release()
