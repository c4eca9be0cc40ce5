"""SQLite, by one connection: a thread does, in order, what it was asked."""

import sqlite3
from types import TracebackType
from typing import Any

from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.exceptions import DBConnectionError

from models.engine.whole import Held, Whole

AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}
"""What SQLite says when the fault is of the disk, or of another process."""


class Lone(SqliteClient):
    """The connection."""

    def _in_transaction(self) -> TransactionContext:
        return Whole(_Transaction(self), self)

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """The connection, once nobody else uses it."""
        return _Held(self._lock, self)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run `query` with each of `values`, or with none."""
        async with self._in_transaction() as db:
            await db.execute_many(query, values)


class _Held(Held):
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if isinstance(error, sqlite3.Error):
            _tell(error)


class _Transaction(SqliteTransactionWrapper):
    """What runs in a transaction."""

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """The connection of the transaction, once no other statement of it runs."""
        return _Held(self._lock, self)

    async def begin(self) -> None:
        """Begin; what is cut off meanwhile is undone."""
        try:
            await self._connection.execute("BEGIN")
        except BaseException:
            await self._connection.rollback()
            raise

    async def commit(self) -> None:
        """Commit; what can't be is undone, lest the next transaction commits it."""
        try:
            await super().commit()
        except sqlite3.Error as error:
            await self._connection.rollback()
            _tell(error)
            raise


def _tell(error: sqlite3.Error) -> None:
    """Raise DBConnectionError where `error` is no fault of ours."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in AWAY:
        raise DBConnectionError(error) from error


client_class = Lone
