"""PostgreSQL, by a pool of connections."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionContext,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.exceptions import DBConnectionError, TransactionManagementError

from models.engine.whole import Held, Whole

IDLE, BETWEEN, TIMES = 30, 10, 3
"""When each end asks whether the network still carries: within a minute it knows that not."""


class Pooled(AsyncpgDBClient):
    """A pool; its credential `timeout` bounds the wait to get and to give back a connection too.

    `direct` are the credentials by which one gets past a PgBouncer, and `replicas` those of the
    standbys of this PostgreSQL.
    """

    def __init__(
        self, direct: Mapping[str, Any] = {}, replicas: Sequence[Any] = (), **own: Any
    ) -> None:
        super().__init__(**own)
        self.direct = direct
        self.replicas = [Pooled(connection_name=self.connection_name, **one) for one in replicas]

    async def _close(self) -> None:
        await super()._close()
        for replica in self.replicas:
            await replica.close()

    @property
    def patience(self) -> float:
        """Seconds to wait where nothing has to be worked out."""
        return float(self.extra["timeout"])

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        """The pool, whose connections end when the network went away."""
        return await super().create_pool(init=_kept_alive, **options)

    def _in_transaction(self) -> TransactionContext:
        return Whole(Transaction(self), self)

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        """A connection of the pool. Raises TimeoutError when none can be had in time."""
        return _Borrowed(self, self._pool_init_lock)


async def _kept_alive(held: Any) -> None:
    """Have the kernel ask the other end of the connection."""
    line = held._transport.get_extra_info("socket")  # noqa: SLF001  (it has no public name)
    if line.family != socket.AF_UNIX:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, BETWEEN)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, TIMES)


class _Borrowed(PoolConnectionWrapper[Any]):
    client: Pooled

    async def __aenter__(self) -> Any:
        async with asyncio.timeout(self.client.patience):
            return await super().__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        held, pool = cast(Any, self.connection), cast(Any, self.client._pool)  # noqa: SLF001
        # What was committed is so, though the connection is lost as it is given back.
        with suppress(Exception):
            await pool.release(held, timeout=self.client.patience)


class Transaction(TransactionWrapper):
    """What runs in a transaction. PostgreSQL undoes one whose connection is lost."""

    _planning = False

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """The connection of the transaction, once no other statement of it runs."""
        return Held(self._lock, self)

    @property
    def lost(self) -> bool:
        """Whether the connection ended: the pool takes it from whoever holds it then."""
        held = cast(Any, self._connection)
        return held._con is None or held.is_closed()  # noqa: SLF001  (it has no public name)

    async def begin(self) -> None:
        """Begin; a connection on which that is cut off is of no more use."""
        try:
            await super().begin()
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """End the connection, of which nobody knows any more what it does."""
        if not self.lost:
            cast(Any, self._connection).terminate()

    @translate_exceptions
    async def send(self, text: str) -> None:
        """Run statements that take no arguments, as one message."""
        await self._connection.execute(text)

    @translate_exceptions
    async def plan_anew(self) -> None:
        """Have each statement planned for its own arguments, until the transaction ends."""
        if not self._planning:
            async with self.acquire_connection() as held:  # others may run statements meanwhile
                await held.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            self._planning = True

    async def commit(self) -> None:
        """Commit. Raises DBConnectionError where it is known that it was not."""
        if self.lost:
            raise DBConnectionError("the connection was lost in a transaction")
        try:
            await super().commit()
        except asyncpg.InternalClientError as error:  # it was lost, which is not known yet
            raise DBConnectionError(error) from error

    async def rollback(self) -> None:
        """Undo what was done; a connection on which that fails is of no more use."""
        try:
            async with asyncio.timeout(cast(Pooled, self._parent).patience):
                await self.undo()
        except Exception:  # noqa: BLE001  (what went wrong before is told)
            self.drop()

    async def undo(self) -> None:
        """Undo what was done."""
        await super().rollback()

    async def _translate_exceptions(self, func: Any, *args: Any, **named: Any) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **named)
        except TimeoutError:  # PostgreSQL is silent
            self.drop()
            raise
        except asyncpg.InternalClientError as error:
            raise DBConnectionError(error) from error
        except (asyncpg.InterfaceError, TransactionManagementError) as error:
            # The latter: a standby takes no changes until it is promoted.
            standby = isinstance(error.__cause__, asyncpg.ReadOnlySQLTransactionError)
            if self.lost or standby:
                raise DBConnectionError(error) from error
            raise


client_class = Pooled
