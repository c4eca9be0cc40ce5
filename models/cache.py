"""What is costly to find out and may be remembered for a while.

One thin module over aiocache: values are JSON, every one has a time to live, a key is never
changed in place (a new version is a new key), memory is bounded, and a cache that is away, slow or
full of rubbish costs time but is never an error.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiocache import RedisCache, SimpleMemoryCache
from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer

log = logging.getLogger(__name__)

SHAPE = 1
"""Raised when what is stored changes shape, so that two releases can share one Valkey."""

MAX_ENTRIES = 10_000
"""Values that a process remembers when there is no Valkey."""

PATIENCE = 0.1
"""Seconds that a shared cache may take before the answer is worked out without it."""

RESPITE = 1.0
"""Seconds for which a cache that failed is left alone."""


class _Json(BaseSerializer):  # type: ignore[misc]  # aiocache has no types
    DEFAULT_ENCODING = None

    def dumps(self, value: Any) -> bytes:
        return orjson.dumps(value)

    def loads(self, value: bytes | None) -> Any:
        return None if value is None else orjson.loads(value)


class _BoundedMemory(SimpleMemoryCache):  # type: ignore[misc]  # aiocache has no types
    """aiocache's memory, which forgets its oldest value rather than grow without end."""

    async def _set(self, key: str, value: bytes, **rest: Any) -> Any:
        while len(self._cache) >= MAX_ENTRIES and key not in self._cache:
            await self._delete(next(iter(self._cache)))
        return await super()._set(key, value, **rest)


class Cache:
    """Remembers answers; `Cache("")` within the process, `Cache("redis://...")` in a Valkey."""

    def __init__(self, url: str) -> None:
        self._backend = _backend(url)
        self._patience = PATIENCE if url else None
        self._away_until = 0.0
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def remember(self, key: str, ttl: float, compute: Callable[[], Awaitable[Any]]) -> Any:
        """The JSON value of `key`, from `compute` when it is not known, kept for `ttl` seconds.

        Those who ask at the same moment share one computation, which runs outside of any
        transaction of theirs. A failure is not remembered.
        """
        key = f"relais:{SHAPE}:{key}"
        found = await self._ask(lambda: self._backend.get(key))
        if found is not None:
            return found
        task = self._running.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(
                self._compute(key, ttl, compute), context=Context()
            )
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._ask(self._backend.close)

    async def _compute(self, key: str, ttl: float, compute: Callable[[], Awaitable[Any]]) -> Any:
        value = await compute()
        await self._ask(lambda: self._backend.set(key, value, ttl=float(ttl)))
        return value

    async def _ask(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        if monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(self._patience):
                return await ask()
        except Exception as error:  # noqa: BLE001  (whatever it is, the service goes on without)
            self._away_until = monotonic() + RESPITE
            log.warning("cache unavailable: %s", type(error).__name__)
            return None


def _backend(url: str) -> BaseCache:
    if not url:
        return _BoundedMemory(serializer=_Json(), timeout=0)
    parts = urlsplit(url)
    return RedisCache(
        endpoint=parts.hostname or "127.0.0.1",
        port=parts.port or 6379,
        password=parts.password,
        db=int(parts.path.strip("/") or 0),
        ssl=parts.scheme == "rediss",
        create_connection_timeout=PATIENCE,
        serializer=_Json(),
        timeout=0,
    )
