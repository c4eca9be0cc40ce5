"""What is costly to find out and may be remembered for a while.

One thin module over aiocache: values are JSON, every one has a time to live, a key is never
changed in place (a new version is a new key), memory is bounded, and a cache that is away, slow or
full of rubbish costs time but is never an error. A value is sealed for its key: what others wrote
there, be it JSON, is nothing.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from hashlib import blake2b
from hmac import compare_digest
from itertools import product
from time import monotonic
from typing import Any, Generic, TypeVar
from urllib.parse import unquote, urlsplit

import orjson
from aiocache import RedisCache, SimpleMemoryCache
from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer

from models.measures import CACHE

T = TypeVar("T")

log = logging.getLogger(__name__)

SHAPE = 2
"""Raised when what is stored changes shape, so that two releases can share one Valkey."""

SEAL = 16
"""Bytes before a value that say that it was stored here, under this key."""

KINDS = ("figures", "reference")
"""What keys begin with."""

MAX_ENTRIES = 10_000
"""Values that a process remembers when there is no Valkey."""

PATIENCE = 0.1
"""Seconds that a shared cache may take before the answer is worked out without it."""

RESPITE = 1.0
"""Seconds for which a cache that failed is left alone."""


class _AsItIs(BaseSerializer):  # type: ignore[misc]  # aiocache has no types
    """Takes and gives bytes."""

    DEFAULT_ENCODING = None

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes | None) -> bytes | None:
        return value


class _BoundedMemory(SimpleMemoryCache):  # type: ignore[misc]  # aiocache has no types
    """aiocache's memory, which forgets its oldest value rather than grow without end."""

    async def _set(self, key: str, value: bytes, **rest: Any) -> Any:
        while len(self._cache) >= MAX_ENTRIES and key not in self._cache:
            await self._delete(next(iter(self._cache)))
        return await super()._set(key, value, **rest)


class _Valkey(RedisCache):  # type: ignore[misc]  # aiocache has no types
    """aiocache's Valkey, closed by the name that the client's `close` has now."""

    async def _close(self, *_: Any, **__: Any) -> None:
        await self.client.aclose()


class _Together(Generic[T]):
    """Those who ask for the same at the same moment share one computation.

    It runs outside of any transaction of theirs, and goes on when one of them leaves.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}

    async def ask(self, key: str, compute: Callable[[], Awaitable[T]]) -> T:
        """What `compute` gives, or is about to give to another."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(_awaited(compute), context=Context())
            self._running[key] = task
            task.add_done_callback(partial(self._done, key))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Give up what is being computed."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _done(self, key: str, task: asyncio.Task[T]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # looked at: asyncio complains of one that nobody waits for any more


async def _awaited(compute: Callable[[], Awaitable[T]]) -> T:
    return await compute()


class Kept(Generic[T]):
    """Remembers within the process, as they are, things that nobody changes.

    Each is good for `ttl` seconds from when it was asked for. Of more than `most`, the one that was
    wanted longest ago is forgotten.
    """

    def __init__(self, ttl: float, most: int, kind: str = "things") -> None:
        self._ttl = ttl
        self._most = most
        self._known: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._together: _Together[T] = _Together()
        self._hits, self._misses = (CACHE.labels("process", kind, one) for one in ("hit", "miss"))

    def __contains__(self, key: str) -> bool:
        """Whether there is something of `key`, be it good no longer."""
        return key in self._known

    async def get(self, key: str, compute: Callable[[], Awaitable[T]]) -> T:
        """What is kept of `key`, or else what `compute` gives; its failures are not remembered."""
        until, found = self._known.get(key, (0.0, None))
        if found is not None and monotonic() < until:
            self._hits.inc()
            self._known.move_to_end(key)
            return found
        self._misses.inc()
        return await self._together.ask(key, lambda: self._compute(key, compute))

    def forget(self, key: str) -> None:
        """Keep nothing of `key`."""
        self._known.pop(key, None)

    async def _compute(self, key: str, compute: Callable[[], Awaitable[T]]) -> T:
        until = monotonic() + self._ttl
        value = await compute()
        self._known[key] = until, value
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return value


class Cache:
    """Remembers answers; `Cache("")` within the process, `Cache("redis://...")` in a Valkey.

    Those who share a Valkey seal by one `secret`.
    """

    def __init__(self, url: str, secret: bytes = b"") -> None:
        self._backend = _backend(url)
        self._secret = secret
        self._patience = PATIENCE if url else None
        self._away_until = 0.0
        self._together: _Together[bytes] = _Together()
        self._where = "shared" if url else "process"
        for kind, outcome in product(KINDS, ("hit", "miss", "away")):  # told from the start
            CACHE.labels(self._where, kind, outcome)

    async def remember(self, key: str, ttl: float, compute: Callable[[], Awaitable[Any]]) -> Any:
        """The JSON value of `key`, from `compute` when it is not known, kept for `ttl` seconds.

        Those who ask at the same moment share one computation, which runs outside of any
        transaction of theirs. A failure is not remembered. Each gets a value of their own.
        """
        key = f"relais:{SHAPE}:{key}"
        found = await self._get(key)
        if found is not None:
            return found
        return orjson.loads(await self._together.ask(key, lambda: self._compute(key, ttl, compute)))

    async def known(self, key: str) -> Any:
        """The JSON value of `key` that was kept; None when there is none.

        For what is worked out where it is asked, in the transaction of who asks, and kept by
        `keep`: `remember` works out what is the same for all.
        """
        return await self._get(f"relais:{SHAPE}:{key}")

    async def keep(self, key: str, ttl: float, value: Any) -> None:
        """Keep the JSON `value` of `key` for `ttl` seconds."""
        await self._set(f"relais:{SHAPE}:{key}", ttl, orjson.dumps(value))

    async def close(self) -> None:
        """Give up what is being computed, and let go of the connections."""
        await self._together.close()
        await self._backend.close()

    async def _get(self, key: str) -> Any:
        kept = await self._ask(key, lambda: self._backend.get(key))
        found = self._opened(key, kept) if kept else None
        self._count(key, "miss" if found is None else "hit")
        return found

    def _count(self, key: str, outcome: str) -> None:
        """Count by what begins the key, one of `KINDS`."""
        CACHE.labels(self._where, key.split(":")[2], outcome).inc()

    async def _set(self, key: str, ttl: float, value: bytes) -> None:
        sealed = self._seal(key, value) + value
        await self._ask(key, lambda: self._backend.set(key, sealed, ttl=float(ttl)))

    def _seal(self, key: str, value: bytes) -> bytes:
        return blake2b(f"{key}\0".encode() + value, digest_size=SEAL, key=self._secret).digest()

    def _opened(self, key: str, kept: bytes) -> Any:
        seal, value = kept[:SEAL], kept[SEAL:]
        return orjson.loads(value) if compare_digest(seal, self._seal(key, value)) else None

    async def _compute(self, key: str, ttl: float, compute: Callable[[], Awaitable[Any]]) -> bytes:
        value = orjson.dumps(await compute())
        await self._set(key, ttl, value)
        return value

    async def _ask(self, key: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        if monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(self._patience):
                return await ask()
        except Exception as error:  # noqa: BLE001  (whatever it is, the service goes on without)
            self._away_until = monotonic() + RESPITE
            self._count(key, "away")
            log.warning("cache unavailable: %s", type(error).__name__)
            return None


def _backend(url: str) -> BaseCache:
    if not url:
        return _BoundedMemory(serializer=_AsItIs(), timeout=0)
    parts = urlsplit(url)
    return _Valkey(
        endpoint=parts.hostname,
        port=parts.port or 6379,
        password=unquote(parts.password or "") or None,
        db=int(parts.path.strip("/") or 0),
        ssl=parts.scheme == "rediss",
        create_connection_timeout=PATIENCE,
        connection_pool_kwargs={"username": unquote(parts.username or "") or None},
        serializer=_AsItIs(),
        timeout=0,
    )
