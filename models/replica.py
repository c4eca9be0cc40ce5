"""Standbys that answer queries, once they have what PostgreSQL itself has (docs/decisions/0034).

A query goes to a replica as a whole, or not at all. Before it begins, PostgreSQL is asked how far
it is, and the replica how far it has followed: whatever was acknowledged to anybody, by whichever
process, is there. One that is behind, away or of another past is left alone for a moment.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar
from math import inf
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import asyncpg
from tortoise.backends.base.client import TransactionContext
from tortoise.exceptions import BaseORMException

from models.engine.asyncpg import Pooled, Transaction
from models.measures import REPLICA_READS
from models.sql import connection

PATIENCE = 0.05
"""Seconds within which a replica has to follow: it takes a few milliseconds."""

RESPITE = 1.0
"""Seconds for which one that does not is asked nothing."""

FAILED = (OSError, BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError)


class Route:
    """Which way a query goes."""

    replica = False
    """Whether a replica answers it."""


_route: ContextVar[Route | None] = ContextVar("route", default=None)


@contextmanager
def lent() -> Iterator[Route]:
    """While it lasts, a replica may answer; which way it went is told."""
    route = Route()
    token = _route.set(route)
    try:
        yield route
    finally:
        _route.reset(token)


async def begun(stack: AsyncExitStack, begin: Callable[[Pooled], TransactionContext]) -> bool:
    """Whether a transaction was begun on a replica, which ends with `stack`."""
    route, primary = _route.get(), cast(Pooled, connection())
    if route is None or not primary.replicas:
        return False
    if primary not in _known:
        _known[primary] = _Replicas(primary.replicas)
    route.replica = await _known[primary].begun(stack, primary, begin)
    return route.replica


async def lags(primary: Pooled) -> list[float]:
    """How old the last change is that each replica has; 0 if it has all, inf if it is no use."""
    position = await Front().position(primary)
    return await asyncio.gather(*(_lag(replica, position) for replica in primary.replicas))


async def _lag(replica: Pooled, position: "Position") -> float:
    try:
        async with asyncio.timeout(replica.extra["timeout"]):
            (row,) = await _asked(replica, _LAG, [*position])
    except FAILED:
        return inf
    return inf if row[0] is None else float(row[0])


class Position(NamedTuple):
    """How far a PostgreSQL is: where in its log, and of which past."""

    timeline: int
    log: str


class _Replicas:
    def __init__(self, replicas: Iterable[Pooled]) -> None:
        self._front = Front()
        self._ready_at = dict.fromkeys(replicas, 0.0)
        """Of each replica; who was asked last stands last."""

    async def begun(
        self, stack: AsyncExitStack, primary: Pooled, begin: Callable[[Pooled], TransactionContext]
    ) -> bool:
        clock = asyncio.get_running_loop().time
        ready = [one for one, moment in self._ready_at.items() if moment <= clock()]
        if not ready:
            return False
        try:
            position = await self._front.position(primary)
        except FAILED:
            return False  # who asks PostgreSQL itself is told why
        for replica in ready:
            self._ready_at[replica] = self._ready_at.pop(replica)
            outcome = await _tried(stack, begin(replica), position, replica.extra["timeout"])
            REPLICA_READS.labels(outcome).inc()
            if outcome == "answers":
                return True
            self._ready_at[replica] = clock() + RESPITE
        return False


_known: WeakKeyDictionary[Pooled, _Replicas] = WeakKeyDictionary()


async def _tried(
    stack: AsyncExitStack, whole: TransactionContext, position: Position, within: float
) -> str:
    """What came of it that a transaction of a replica was begun: it answers, is behind or away."""
    client: Transaction | None = None
    try:
        async with AsyncExitStack() as taken:
            try:
                async with asyncio.timeout(within):
                    client = cast(Transaction, await taken.enter_async_context(whole))
                    follows = await _follows(client, position)
            except BaseException:
                if client is not None:
                    client.drop()  # nobody knows what it does
                raise
            if follows:
                stack.push_async_exit(taken.pop_all().__aexit__)
                return "answers"
            return "behind"
    except FAILED:
        return "away"


async def _follows(client: Transaction, position: Position) -> bool:
    clock = asyncio.get_running_loop().time
    until = clock() + PATIENCE
    while True:
        (row,) = await _asked(client, _FOLLOWS, [*position])
        if row[0] or clock() > until:
            return bool(row[0])
        await asyncio.sleep(0.002)


# What a promoted standby has replayed says nothing; one that was left behind by a fail-over
# may be further in a log of its own.
_FOLLOWS = """SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $2::text::pg_lsn
AND (SELECT timeline_id = $1 FROM pg_control_checkpoint())"""
_LAG = f"""SELECT CASE WHEN {_FOLLOWS.removeprefix("SELECT ")} THEN 0 WHEN pg_is_in_recovery()
THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END"""
_POSITION = """SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int, lsn::text
FROM pg_current_wal_flush_lsn() lsn"""


class Front:
    """Where PostgreSQL itself is. Those who ask while it is being asked share the next answer."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._next: asyncio.Task[Position] | None = None

    async def position(self, primary: Pooled) -> Position:
        """How far it is: at least as far as when this is called."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask(primary))
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._next)

    async def _ask(self, primary: Pooled) -> Position:
        async with self._one:
            self._next = None
            (row,) = await _asked(primary, _POSITION)
        return Position(*row)


async def _asked(client: Pooled | Transaction, text: str, values: list[Any] | None = None) -> Any:
    return (await client.execute_query(text, values))[1]
