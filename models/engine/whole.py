"""Transactions, and connections that are held, given back whatever happens."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

from tortoise.backends.base.client import (
    BaseDBAsyncClient,
    ConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.connection import get_connections


class Whole(TransactionContext):
    """A transaction that gives back what it took: if it ends, if it fails, if it can't begin."""

    def __init__(self, client: TransactionalDBClient, parent: BaseDBAsyncClient) -> None:
        self.client = client
        self._parent = parent

    async def __aenter__(self) -> TransactionalDBClient:
        async with AsyncExitStack() as taken:
            held = self._parent.acquire_connection()
            self.client._connection = await taken.enter_async_context(held)  # noqa: SLF001
            handler = get_connections()
            taken.callback(handler.reset, handler.set(self.client.connection_name, self.client))
            await self.client.begin()
            self._taken = taken.pop_all()
        return self.client

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async with self._taken:
            if not self.client._finalized:  # noqa: SLF001  (no public name, as above)
                await (self.client.rollback() if kind else self.client.commit())


class Held(ConnectionWrapper[Any]):
    """A connection that one has for oneself; one that can't be opened is not held."""

    async def __aenter__(self) -> Any:
        async with AsyncExitStack() as taken:
            await taken.enter_async_context(self._lock)
            await self.ensure_connection()
            taken.pop_all()
        return self.connection
